/** Where the reader's wish is not known, or is none that Node and browsers know. */
export const DEFAULT_LOCALE = "en-US";

/**
 * The locale that a reader wants numbers and dates in: the first of the browser's languages that is known here.
 * The server chooses it for the page and its browser alike, so that both write the same.
 * @param accepted the request's `Accept-Language` (RFC 9110, 12.5.4): most wished for first, by their `q`
 */
export function localeOf(accepted: string | null): string {
  const wishes = (accepted ?? "").split(",").map((part, place) => {
    const [tag = "", ...parameters] = part.trim().split(/\s*;\s*/);
    const q = parameters.find((parameter) => parameter.startsWith("q="))?.slice(2);
    return { tag, place, weight: q === undefined ? 1 : Number(q) };
  });
  const sorted = wishes
    .filter(({ tag, weight }) => weight > 0 && /^[a-z]{2,3}(-[a-z0-9]{2,8})*$/i.test(tag))
    .toSorted((a, b) => b.weight - a.weight || a.place - b.place);
  for (const { tag } of sorted) {
    try {
      const [known] = Intl.NumberFormat.supportedLocalesOf(tag);
      if (known !== undefined) return known;
    } catch {
      // The next wish counts where a tag is none.
      continue;
    }
  }
  return DEFAULT_LOCALE;
}

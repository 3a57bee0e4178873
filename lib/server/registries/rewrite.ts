/** Where a registry's description of a package names a file. */
const FILES = {
  /** A JSON string. */
  npm: /"tarball"\s{0,20}:\s{0,20}"((?:[^"\\]|\\.){1,2000})"/g,
  /** An attribute of an anchor; with either kind of quotes. */
  pypi: /\bhref\s{0,20}=\s{0,20}(?:"([^"<>]{1,2000})"|'([^'<>]{1,2000})')/gi,
} as const;

/** Longer than any of them: so much is held back, since it may be the beginning of one. */
const HELD_CHARS = 4_500;

/** The first half of a sign that has two. */
const HALF = /[\uD800-\uDBFF]$/;

const ENTITIES: Record<string, string> = {
  "&amp;": "&",
  "&#38;": "&",
  "&quot;": '"',
  "&lt;": "<",
  "&gt;": ">",
  "&#39;": "'",
};
const unescaped = (text: string) =>
  text.replaceAll(/&(?:amp|#38|quot|lt|gt|#39);/g, (one) => ENTITIES[one] ?? one);
const escaped = (text: string) =>
  text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");

function textOf(json: string): string | null {
  try {
    const value: unknown = JSON.parse(`"${json}"`);
    return typeof value === "string" ? value : null;
  } catch {
    return null;
  }
}

/**
 * Changes the URLs of files in a registry's description of a package, as it passes: no more of it is in memory than a
 * piece.
 * @param change gives a file's new URL, or null where it stays
 */
export function changingFiles(
  kind: keyof typeof FILES,
  change: (url: string) => string | null,
): ReadableWritablePair<Uint8Array, Uint8Array> {
  const replaced = (text: string) =>
    kind === "npm"
      ? text.replaceAll(FILES.npm, (all, json: string) => {
          const known = textOf(json);
          const changed = known === null ? null : change(known);
          return changed === null ? all : `"tarball":${JSON.stringify(changed)}`;
        })
      : text.replaceAll(FILES.pypi, (all, double?: string, single?: string) => {
          const changed = change(unescaped(double ?? single ?? ""));
          return changed === null ? all : `href="${escaped(changed)}"`;
        });
  const decoder = new TextDecoder();
  const encoder = new TextEncoder();
  let held = "";
  return new TransformStream<Uint8Array, Uint8Array>({
    transform(piece, controller) {
      held += decoder.decode(piece, { stream: true });
      if (held.length < 2 * HELD_CHARS) return;
      // What was changed already is no file of the registry's any longer, so that it stays as it is.
      held = replaced(held);
      const ready = held.slice(0, -HELD_CHARS).replace(HALF, "");
      held = held.slice(ready.length);
      controller.enqueue(encoder.encode(ready));
    },
    flush(controller) {
      controller.enqueue(encoder.encode(replaced(held + decoder.decode())));
    },
  });
}

import type { CatalogModel, WireFormat } from "#domain/catalog.ts";
import { plain, promptEntries } from "./metered.ts";

/** Most that one picture in a prompt counts for with any provider, whatever its bytes. */
const IMAGE_TOKENS = 5_000;
/** What a provider puts in front of a prompt itself, as to explain tools. */
const PREAMBLE_TOKENS = 1_000;
/** Where a prompt holds data as a URL; anywhere else such a text is a text. */
const DATA_NAMES = new Set(["url", "imageurl", "filedata"]);
const DATA_URL = /^data:([\w.+-]+\/[\w.+-]+)?[;,]/;

interface Media {
  image: boolean;
  /** Bytes that are in the call, and no words of it. */
  length: number;
}

/** What an entry of a prompt holds that is no text: a picture or a document, in the forms of the four formats. */
function mediaOf(name: string, value: unknown): Media | null {
  if (typeof value === "string") {
    if (!DATA_NAMES.has(plain(name))) return null;
    const url = DATA_URL.exec(value.slice(0, 200));
    return url ? { image: url[1]?.startsWith("image/") ?? false, length: value.length } : null;
  }
  if (typeof value !== "object" || value === null) return null;
  const inline = value as Record<string, unknown>;
  const type = inline.media_type ?? inline.mimeType ?? inline.mime_type;
  const isData = name === "source" || plain(name) === "inlinedata";
  if (!isData || typeof inline.data !== "string" || typeof type !== "string") return null;
  if (type.startsWith("text/")) return null;
  return { image: type.startsWith("image/"), length: inline.data.length };
}

/**
 * Most tokens that a call's input can count for. A token is never less than a byte; a picture counts by its size,
 * and a document, whose pages may be packed, for all that the model can take.
 * @param bytes of the call's body
 */
export function inputTokensAtMost(
  format: WireFormat,
  body: Record<string, unknown>,
  bytes: number,
  model: Pick<CatalogModel, "contextTokens">,
): number {
  let tokens = bytes + PREAMBLE_TOKENS;
  for (const [name, value] of promptEntries(format, body)) {
    const media = mediaOf(name, value);
    if (media) tokens += media.image ? IMAGE_TOKENS - media.length : model.contextTokens;
  }
  return Math.min(Math.max(0, tokens), model.contextTokens);
}

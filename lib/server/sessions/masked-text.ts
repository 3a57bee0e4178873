import type { Masker } from "#domain/mask.ts";
import { TooLarge } from "#net/body.ts";

/** Bytes that are not text: keys in them could not be hidden. */
export class NotText extends Error {
  constructor() {
    super("These bytes aren't UTF-8 text.");
    this.name = "NotText";
  }
}

/** True where a text can be masked in two parts, since no secret lies over the cut. */
function canCut(masker: Masker, text: string, at: number): boolean {
  const before = text.slice(Math.max(0, at - masker.maxChars), at);
  const after = text.slice(at, at + masker.maxChars);
  return masker.mask(before) + masker.mask(after) === masker.mask(before + after);
}

/** The last place where a text can be cut before its end, which may be the beginning of a secret; 0 where there is none. */
function lastCut(masker: Masker, text: string): number {
  const last = text.length - masker.maxChars;
  for (let at = last; at > 0 && at > last - masker.maxChars; at -= 1) if (canCut(masker, text, at)) return at;
  return 0;
}

/**
 * Hides secrets in a text of any length as it comes.
 * @param firstChars are looked at before any of it is passed on
 * @returns UTF-8
 * @throws NotText where it is not UTF-8, or has a zero byte; TooLarge where secrets follow each other without an end
 */
export async function* maskedText(
  body: ReadableStream<Uint8Array>,
  firstChars: number,
  masker: Masker,
): AsyncGenerator<Uint8Array, void, undefined> {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  const encoder = new TextEncoder();
  const read = (bytes?: Uint8Array) => {
    if (bytes?.includes(0)) throw new NotText();
    try {
      return bytes ? decoder.decode(bytes, { stream: true }) : decoder.decode();
    } catch {
      throw new NotText();
    }
  };
  let held = "";
  let isFirst = true;
  for await (const bytes of body) {
    held += read(bytes);
    if (isFirst && held.length < firstChars) continue;
    isFirst = false;
    const at = lastCut(masker, held);
    if (at === 0 && held.length > 2 * firstChars) throw new TooLarge(2 * firstChars);
    if (at === 0) continue;
    yield encoder.encode(masker.mask(held.slice(0, at)));
    held = held.slice(at);
  }
  held += read();
  if (held !== "") yield encoder.encode(masker.mask(held));
}

import { maskSecrets } from "#domain/mask.ts";
import { TooLarge } from "#net/body.ts";

/** None of Studio's secrets is longer in any of its forms, line breaks in base64 included. */
const MAX_SECRET_CHARS = 512;

/** Bytes that are not text: keys in them could not be hidden. */
export class NotText extends Error {
  constructor() {
    super("These bytes aren't UTF-8 text.");
    this.name = "NotText";
  }
}

/** True where a text can be masked in two parts, since no secret lies over the cut. */
function canCut(text: string, at: number): boolean {
  const before = text.slice(Math.max(0, at - MAX_SECRET_CHARS), at);
  const after = text.slice(at, at + MAX_SECRET_CHARS);
  return maskSecrets(before) + maskSecrets(after) === maskSecrets(before + after);
}

/** The last place where a text can be cut before its end, which may be the beginning of a secret; 0 where there is none. */
function lastCut(text: string): number {
  const last = text.length - MAX_SECRET_CHARS;
  for (let at = last; at > 0 && at > last - MAX_SECRET_CHARS; at -= 1) if (canCut(text, at)) return at;
  return 0;
}

/**
 * Hides Studio's secrets in a text of any length as it comes.
 * @param firstChars are looked at before any of it is passed on
 * @returns UTF-8
 * @throws NotText where it is not UTF-8, or has a zero byte; TooLarge where secrets follow each other without an end
 */
export async function* maskedText(
  body: ReadableStream<Uint8Array>,
  firstChars: number,
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
    const at = lastCut(held);
    if (at === 0 && held.length > 2 * firstChars) throw new TooLarge(2 * firstChars);
    if (at === 0) continue;
    yield encoder.encode(maskSecrets(held.slice(0, at)));
    held = held.slice(at);
  }
  held += read();
  if (held !== "") yield encoder.encode(maskSecrets(held));
}

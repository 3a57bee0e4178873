/** A field of a form, whose bytes are read as they arrive. */
export interface Part {
  name: string | undefined;
  filename: string | undefined;
  /** To be read to its end before the next part is asked for. */
  body: AsyncIterable<Buffer>;
}

/** The body is no form, or ends before the form does. */
export class MultipartError extends Error {}

const MAX_HEAD_BYTES = 16 * 1024;

/** A quoted parameter of Content-Disposition; browsers and fetch write `"` as %22 and line ends as %0D, %0A. */
function parameter(head: string, name: string): string | undefined {
  const value = new RegExp(`^content-disposition:.*?;\\s*${name}="([^"]*)"`, "im").exec(head)?.[1];
  return value?.replaceAll(/%22|%0D|%0A/gi, (escape) => decodeURIComponent(escape));
}

/** The boundary that a Content-Type names. */
export function boundaryOf(contentType: string): string {
  const [, quoted, bare] = /;\s*boundary=(?:"([^"]+)"|([^\s;]+))/i.exec(contentType) ?? [];
  const boundary = quoted ?? bare;
  if (boundary === undefined) throw new MultipartError("the form has no boundary");
  return boundary;
}

/**
 * Reads a form (RFC 7578) part by part without holding more of it than a chunk.
 * @throws MultipartError if it is malformed or cut off
 */
export async function* readParts(source: AsyncIterable<Buffer>, boundary: string): AsyncGenerator<Part> {
  const chunks = source[Symbol.asyncIterator]();
  const delimiter = Buffer.from(`\r\n--${boundary}`);
  // The first delimiter may stand at the very start, without a line before it.
  let buffer = Buffer.from("\r\n");
  const more = async (): Promise<void> => {
    const { done, value } = await chunks.next();
    if (done) throw new MultipartError("the form is cut off");
    buffer = Buffer.concat([buffer, value]);
  };
  async function* content(): AsyncGenerator<Buffer> {
    for (;;) {
      const at = buffer.indexOf(delimiter);
      // What might be the start of a delimiter waits for what comes.
      const ready = at === -1 ? Math.max(0, buffer.length - delimiter.length + 1) : at;
      const bytes = buffer.subarray(0, ready);
      buffer = buffer.subarray(at === -1 ? ready : at + delimiter.length);
      if (bytes.length > 0) yield bytes;
      if (at !== -1) return;
      await more();
    }
  }
  for await (const _ of content());
  for (;;) {
    while (buffer.length < 2) await more();
    if (buffer.subarray(0, 2).toString() === "--") return;
    let end: number;
    while ((end = buffer.indexOf("\r\n\r\n")) === -1) {
      if (buffer.length > MAX_HEAD_BYTES) throw new MultipartError("a part's headers are too long");
      await more();
    }
    const head = buffer.subarray(0, end).toString();
    buffer = buffer.subarray(end + 4);
    yield { name: parameter(head, "name"), filename: parameter(head, "filename"), body: content() };
  }
}

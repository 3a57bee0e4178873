/** More came than may come. */
export class TooLarge extends Error {
  /** Bytes, or characters, that were allowed. */
  readonly limit: number;

  constructor(limit: number) {
    super(`More than ${limit} bytes came.`);
    this.name = "TooLarge";
    this.limit = limit;
  }
}

/** What has a body and may say how long it is. */
interface Message {
  headers: Headers;
  body: ReadableStream<Uint8Array> | null;
}

/** @throws TooLarge by the message's own word, before anything is read, or as soon as more has come */
async function gather({ headers, body }: Message, maxBytes: number): Promise<Buffer> {
  if (Number(headers.get("content-length") ?? 0) > maxBytes) throw new TooLarge(maxBytes);
  if (!body) return Buffer.alloc(0);
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = body.getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      size += next.value.length;
      if (size > maxBytes) throw new TooLarge(maxBytes);
      chunks.push(next.value);
    }
  } finally {
    reader.releaseLock();
  }
  return Buffer.concat(chunks);
}

/**
 * Reads the whole body of an answer, of at most `maxBytes`.
 * @returns its bytes; none where there is no body
 * @throws TooLarge: the connection is ended then
 */
export async function readBytes(answer: Message, maxBytes: number): Promise<Buffer> {
  try {
    return await gather(answer, maxBytes);
  } catch (error) {
    // One that has failed already is as good as ended.
    if (error instanceof TooLarge) await answer.body?.cancel().catch(() => undefined);
    throw error;
  }
}

/** The same as UTF-8 text. @throws TooLarge */
export async function readText(answer: Message, maxBytes: number): Promise<string> {
  return (await readBytes(answer, maxBytes)).toString("utf8");
}

/**
 * Reads the end of a body as UTF-8 text, of which no more is held than that.
 * @param bounds `keep`: bytes of the end; `max`: bytes that are read at all
 * @throws TooLarge: the connection is ended then
 */
export async function readEnd(
  { body }: Pick<Message, "body">,
  { keep, max }: { keep: number; max: number },
): Promise<string> {
  let end: Buffer = Buffer.alloc(0);
  if (body)
    // Whichever way it is left, the rest is not read.
    for await (const piece of boundedStream(body, max)) {
      end = Buffer.concat([end, piece]);
      if (end.length > 2 * keep) end = Buffer.from(end.subarray(-keep));
    }
  // A character that was cut in two is none.
  return end
    .subarray(-keep)
    .toString("utf8")
    .replace(/^\uFFFD+/, "");
}

/** The same as JSON of unknown shape. @throws TooLarge | SyntaxError */
export async function readJson(answer: Message, maxBytes: number): Promise<unknown> {
  return JSON.parse(await readText(answer, maxBytes)) as unknown;
}

/**
 * Reads the whole body of a request, of at most `maxBytes`.
 * @returns its bytes; none where there is no body
 * @throws TooLarge: the rest is left to the server, which passes over it once the refusal is sent. To cancel it would end
 *   the connection before that.
 */
export const readRequest = async (request: Message, maxBytes: number): Promise<Buffer> =>
  await gather(request, maxBytes);

/**
 * A request like the one given, whose body was read already: for a library that reads bodies of any length itself.
 * @throws TooLarge
 */
export async function withBoundedBody(request: Request, maxBytes: number): Promise<Request> {
  if (!request.body) return request;
  const bytes = await readRequest(request, maxBytes);
  return new Request(request.url, {
    method: request.method,
    headers: request.headers,
    body: new Uint8Array(bytes),
    signal: request.signal,
  });
}

/** A stream as it came, which fails with TooLarge as soon as more than `maxBytes` have come. */
export function boundedStream(
  body: ReadableStream<Uint8Array>,
  maxBytes: number,
): ReadableStream<Uint8Array> {
  let size = 0;
  return body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        size += chunk.length;
        if (size > maxBytes) throw new TooLarge(maxBytes);
        controller.enqueue(chunk);
      },
    }),
  );
}

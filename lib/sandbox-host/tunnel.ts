import type { Http2Stream } from "node:http2";

/**
 * Readies an HTTP/2 stream to carry the raw bytes of an HTTP/1 connection. HTTP/1 writes its head as a string
 * and its body as buffers; Node 24.21 was seen to send garbage in place of the head when both went out as one
 * gathered write. So each chunk is a write of its own here, and always a buffer.
 */
export function asTunnel<T extends Http2Stream>(stream: T): T {
  const write = stream._write.bind(stream);
  return Object.assign(stream, {
    _writev: undefined,
    _write: (chunk: Buffer | string, encoding: BufferEncoding, done: (error?: Error | null) => void) => {
      if (typeof chunk === "string") write(Buffer.from(chunk, encoding), "buffer" as BufferEncoding, done);
      else write(chunk, encoding, done);
    },
  });
}

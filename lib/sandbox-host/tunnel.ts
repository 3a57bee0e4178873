import { constants, type Http2Stream } from "node:http2";

type Written = (error?: Error | null) => void;

/**
 * Readies an HTTP/2 stream to carry the raw bytes of another protocol.
 * HTTP/1 writes its head as a string, its body as buffers and its end as an empty string. When these go out as
 * one gathered write, Node (seen in 20.20 and 24.21) sends freed memory in place of the head's first bytes. So
 * each chunk is a write of its own here, and always a buffer.
 * And a stream that is given up half-way is cancelled: by default it ends without an error code, for which
 * Node's other side, if it is not reading just then, never learns that nobody listens any more.
 */
export function asTunnel<T extends Http2Stream>(stream: T): T {
  const write = stream._write.bind(stream);
  const destroy = stream.destroy.bind(stream);
  return Object.assign(stream, {
    _writev: undefined,
    _write: (chunk: Buffer | string, encoding: BufferEncoding, done: Written) => {
      if (typeof chunk === "string") write(Buffer.from(chunk, encoding), "buffer" as BufferEncoding, done);
      else write(chunk, encoding, done);
    },
    destroy: (error?: Error) => {
      const isComplete = stream.readableEnded && stream.writableFinished;
      if (!isComplete && !stream.closed && !stream.destroyed) stream.close(constants.NGHTTP2_CANCEL);
      return destroy(error);
    },
  });
}

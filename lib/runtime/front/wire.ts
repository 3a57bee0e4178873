import type { IncomingMessage } from "node:http";
import type { Source } from "../engine/call.ts";

/** A timestamp as the protocol carries it: an unsigned 64-bit number, little endian, in base64. */
export function encodeTs(ts: bigint): string {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(ts);
  return bytes.toString("base64");
}

/** @throws Error if the text is not eight bytes of base64 */
export function decodeTs(text: string): bigint {
  const bytes = Buffer.from(text, "base64");
  if (bytes.length !== 8) throw new Error("a timestamp must have eight bytes");
  return bytes.readBigUInt64LE();
}

/** The one object of arguments in what clients send: the object itself, or a list of it alone. */
export function argumentsText(args: unknown): string {
  const first: unknown = Array.isArray(args) ? (args[0] ?? {}) : (args ?? {});
  return JSON.stringify(first);
}

/** Where a request comes from, for the functions that ask. */
export function sourceOf(request: IncomingMessage): Source {
  const { authorization = "", "user-agent": userAgent = null } = request.headers;
  const [, authToken = null] = /^bearer (.+)$/i.exec(authorization) ?? [];
  return { ip: request.socket.remoteAddress ?? null, userAgent, authToken, scheduledFunctionId: null };
}

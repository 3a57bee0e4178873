import type http from "node:http";

/**
 * The part of the Connect protocol that E2B's SDK uses: JSON only.
 * A unary call is plain `application/json`. A stream is `application/connect+json`: frames of
 * `[flags u8][length u32 big-endian][JSON]`, closed by a frame with flag 2 that holds `{}` or `{error}`.
 * Source: https://connectrpc.com/docs/protocol
 */
const STATUS_OF_CODE = {
  invalid_argument: 400,
  unauthenticated: 401,
  permission_denied: 403,
  not_found: 404,
  already_exists: 409,
  resource_exhausted: 429,
  failed_precondition: 400,
  internal: 500,
  unimplemented: 501,
  deadline_exceeded: 504,
} as const;

export type RpcCode = keyof typeof STATUS_OF_CODE;

/** A failure the caller is told about, by its Connect code. */
export class RpcError extends Error {
  readonly code: RpcCode;

  constructor(code: RpcCode, message: string) {
    super(message);
    this.code = code;
  }

  /** The HTTP status that a unary call answers with. */
  get status(): number {
    return STATUS_OF_CODE[this.code];
  }
}

const CODE_OF_ERRNO: Record<string, RpcCode> = {
  ENOENT: "not_found",
  EACCES: "permission_denied",
  EPERM: "permission_denied",
  EROFS: "permission_denied",
  EEXIST: "already_exists",
  ENOTDIR: "invalid_argument",
  EISDIR: "invalid_argument",
  ENOTEMPTY: "failed_precondition",
  ENOSPC: "resource_exhausted",
};

/** Gives any thrown value its Connect code; system errors are told apart by errno. */
export function toRpcError(error: unknown): RpcError {
  if (error instanceof RpcError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const errno = (error as NodeJS.ErrnoException | undefined)?.code;
  return new RpcError((errno && CODE_OF_ERRNO[errno]) || "internal", message);
}

/** A decoded JSON message; its fields are read through {@link text}, {@link flag}, {@link count} and {@link record}. */
export type Message = Record<string, unknown>;

export function toMessage(value: unknown): Message {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Message;
  throw new RpcError("invalid_argument", "the message must be a JSON object");
}

/** Parses JSON text into a message; an empty text is an empty message. */
export function parseMessage(json: string): Message {
  if (json.trim() === "") return {};
  try {
    return toMessage(JSON.parse(json));
  } catch (error) {
    throw error instanceof RpcError ? error : new RpcError("invalid_argument", "the message is not JSON");
  }
}

export function text(message: Message, field: string): string | undefined {
  const value = message[field];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string") throw new RpcError("invalid_argument", `${field} must be a string`);
  return value;
}

export function flag(message: Message, field: string): boolean | undefined {
  const value = message[field];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "boolean") throw new RpcError("invalid_argument", `${field} must be a boolean`);
  return value;
}

export function count(message: Message, field: string): number | undefined {
  const value = message[field];
  if (value === undefined || value === null) return undefined;
  const number = Number(value);
  if (!Number.isInteger(number) || number < 0) {
    throw new RpcError("invalid_argument", `${field} must be a whole number`);
  }
  return number;
}

export function record(message: Message, field: string): Message {
  const value = message[field];
  return value === undefined || value === null ? {} : toMessage(value);
}

/** A field that maps strings to strings. */
export function textMap(message: Message, field: string): Record<string, string> {
  const map = record(message, field);
  return Object.fromEntries(Object.keys(map).map((key) => [key, text(map, key) ?? ""]));
}

/** Collects a request's body; refuses more than `limitBytes`. */
export async function readBody(req: http.IncomingMessage, limitBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of req as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limitBytes) throw new RpcError("resource_exhausted", `the body is over ${limitBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const END_OF_STREAM = 2;

function frame(flags: number, message: unknown): Buffer {
  const body = Buffer.from(JSON.stringify(message));
  const head = Buffer.alloc(5);
  head.writeUInt8(flags, 0);
  head.writeUInt32BE(body.length, 1);
  return Buffer.concat([head, body]);
}

/** Reads the one message that opens a server stream. */
export function parseFrame(body: Buffer): Message {
  if (body.length < 5) throw new RpcError("invalid_argument", "the stream's opening frame is missing");
  return parseMessage(body.subarray(5, 5 + body.readUInt32BE(1)).toString());
}

/** The answering half of a server stream. */
export class ServerStream {
  private readonly res: http.ServerResponse;
  private open = true;

  constructor(res: http.ServerResponse) {
    this.res = res;
    res.on("error", () => res.destroy());
    res.on("close", () => {
      this.open = false;
    });
    res.writeHead(200, { "content-type": "application/connect+json" });
    res.flushHeaders();
  }

  /** Sends one message. False means that the reader is behind: send more after `onDrain`. */
  send(message: unknown): boolean {
    return this.open ? this.res.write(frame(0, message)) : true;
  }

  /** Closes the stream, with the error if there was one. */
  end(error?: RpcError): void {
    if (!this.open) return;
    this.open = false;
    const trailer = error ? { error: { code: error.code, message: error.message } } : {};
    this.res.end(frame(END_OF_STREAM, trailer));
  }

  get behind(): boolean {
    return this.open && this.res.writableNeedDrain;
  }

  onDrain(listener: () => void): void {
    this.res.on("drain", listener);
  }

  onClose(listener: () => void): void {
    this.res.once("close", listener);
  }

  /** Sends `message` every `seconds`, so that nothing between takes a quiet stream for a dead one. */
  keepAlive(seconds: number, message: unknown): void {
    const timer = setInterval(() => this.send(message), seconds * 1000);
    this.onClose(() => clearInterval(timer));
  }
}

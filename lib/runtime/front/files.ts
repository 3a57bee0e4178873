import { createHash } from "node:crypto";
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { PlatformError } from "../engine/errors.ts";
import { PIECE_BYTES, type FileInfo } from "../engine/files.ts";
import { type FileTransfer, UploadExpired } from "../engine/uploads.ts";
import { idProblem } from "../storage/ids.ts";
import { RequestError } from "./request-error.ts";

/** Files are what their id says for ever. */
const CACHE = "private, max-age=2592000";

/** The stored files over HTTP: uploads to a generated URL, downloads with ranges. */
export class FileApi {
  private readonly files: FileTransfer;

  constructor(files: FileTransfer) {
    this.files = files;
  }

  /** Answers `{storageId}`. A `Digest: sha-256=…` header is checked. @throws RequestError */
  async upload(request: IncomingMessage, response: ServerResponse, token: string): Promise<void> {
    const id = await this.files.begin(token).catch((error: unknown) => {
      if (!(error instanceof PlatformError)) throw error;
      const code = error instanceof UploadExpired ? "StorageTokenExpired" : "StorageTokenInvalid";
      throw new RequestError(401, code, error.message);
    });
    try {
      const { size, sha256 } = await this.receive(request, id);
      const contentType = request.headers["content-type"] ?? null;
      await this.files.finish({ id, size, sha256, contentType }, digestOf(request));
    } catch (error) {
      await this.files.abandon(id).catch(() => undefined);
      if (error instanceof PlatformError) throw new RequestError(400, "BadDigest", error.message);
      throw error;
    }
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ storageId: id }));
  }

  /** @throws RequestError */
  async download(request: IncomingMessage, response: ServerResponse, id: string): Promise<void> {
    const file = await this.files.info(id);
    if (!file && idProblem(id) !== null) {
      const text = `Invalid storage path: "${id}". Please use storage.getUrl(...) to get a file's URL.`;
      throw new RequestError(400, "InvalidStoragePath", text);
    }
    if (!file) throw new RequestError(404, "FileNotFound", `File ${id} not found`);
    response.setHeader("content-type", file.contentType ?? "application/octet-stream");
    response.setHeader("digest", `sha-256=${file.sha256}`);
    response.setHeader("etag", `"${file.id}"`);
    response.setHeader("cache-control", CACHE);
    response.setHeader("accept-ranges", "bytes");
    // What was uploaded by anyone must not run as a page of this address.
    response.setHeader("x-content-type-options", "nosniff");
    response.setHeader("content-security-policy", "sandbox; default-src 'none'");
    if (request.headers["if-none-match"] === `"${file.id}"`) {
      response.statusCode = 304;
      return void response.end();
    }
    const range = rangeOf(request, file.size);
    if (range === "unsatisfiable") {
      response.setHeader("content-range", `bytes */${file.size}`);
      throw new RequestError(416, "RangeNotSatisfiable", `The file has ${file.size} bytes.`);
    }
    const { from, to } = range ?? { from: 0, to: file.size };
    if (range) {
      response.statusCode = 206;
      response.setHeader("content-range", `bytes ${from}-${to - 1}/${file.size}`);
    }
    response.setHeader("content-length", to - from);
    if (request.method === "HEAD") return void response.end();
    await this.send(response, file, from, to);
  }

  private async receive(request: IncomingMessage, id: string): Promise<{ size: number; sha256: string }> {
    const hash = createHash("sha256");
    let waiting = Buffer.alloc(0);
    let size = 0;
    let pieces = 0;
    for await (const chunk of request as AsyncIterable<Buffer>) {
      hash.update(chunk);
      size += chunk.length;
      waiting = Buffer.concat([waiting, chunk]);
      const whole = waiting.length - (waiting.length % PIECE_BYTES);
      for (let at = 0; at < whole; at += PIECE_BYTES) {
        await this.files.append(id, pieces++, new Uint8Array(waiting.subarray(at, at + PIECE_BYTES)));
      }
      waiting = waiting.subarray(whole);
    }
    if (waiting.length > 0) await this.files.append(id, pieces, new Uint8Array(waiting));
    return { size, sha256: hash.digest("base64") };
  }

  private async send(response: ServerResponse, file: FileInfo, from: number, to: number): Promise<void> {
    const closed = once(response, "close").catch(() => undefined);
    for (let n = Math.floor(from / PIECE_BYTES); n * PIECE_BYTES < to; n++) {
      const piece = await this.files.piece(file.id, n);
      // Deleted while it was sent: what is missing must not look like an end.
      if (!piece || response.destroyed) return void response.destroy();
      const start = n * PIECE_BYTES;
      const part = piece.subarray(Math.max(0, from - start), Math.min(piece.length, to - start));
      if (!response.write(part)) await Promise.race([once(response, "drain"), closed]);
    }
    response.end();
  }
}

/** The base64 of `Digest: sha-256=…` (RFC 3230), if the client sent it. */
function digestOf(request: IncomingMessage): string | undefined {
  return /(?:^|,)\s*sha-256=:?([^,:]+)/i.exec(String(request.headers["digest"] ?? ""))?.[1]?.trim();
}

/** One range of bytes, `to` excluded; null for the whole file (RFC 9110, 14.2). */
function rangeOf(
  request: IncomingMessage,
  size: number,
): { from: number; to: number } | "unsatisfiable" | null {
  const match = /^bytes=(\d*)-(\d*)$/.exec(request.headers.range ?? "");
  if (!match || (match[1] === "" && match[2] === "")) return null;
  const [, first = "", last = ""] = match;
  const from = first === "" ? Math.max(0, size - Number(last)) : Number(first);
  const to = first === "" || last === "" ? size : Math.min(size, Number(last) + 1);
  return from >= to ? "unsatisfiable" : { from, to };
}

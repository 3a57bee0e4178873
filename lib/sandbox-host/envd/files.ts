import { createHash, timingSafeEqual } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import fs from "node:fs/promises";
import type http from "node:http";
import path from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createGzip } from "node:zlib";
import { resolvePath, userOf } from "./users.ts";

/** A REST failure: the status and message that `/files` answers with. */
export class HttpError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Compares two secrets without telling by time where they differ. */
export function sameSecret(a: string, b: string): boolean {
  const [left, right] = [a, b].map((secret) => createHash("sha256").update(secret).digest());
  return left !== undefined && right !== undefined && timingSafeEqual(left, right);
}

/**
 * Lets a `/files` request in by its token, or by a signed URL: `v1_` + unpadded base64 of
 * sha256(`path:operation:user:token[:expiration]`), as e2b@2.51.0 signs in `getSignature`.
 */
function authorize(
  req: http.IncomingMessage,
  query: URLSearchParams,
  operation: string,
  token: string,
): void {
  const given = req.headers["x-access-token"];
  if (given !== undefined) {
    if (!sameSecret(String(given), token)) throw new HttpError(401, "the access token does not match");
    return;
  }
  const signature = query.get("signature");
  if (signature === null) throw new HttpError(401, "an access token or a signature is required");
  const expiration = query.get("signature_expiration");
  const parts = [query.get("path") ?? "", operation, query.get("username") ?? "", token];
  if (expiration !== null) parts.push(expiration);
  const digest = createHash("sha256").update(parts.join(":")).digest("base64").replace(/=+$/, "");
  const valid = sameSecret(signature, `v1_${digest}`);
  if (!valid) throw new HttpError(401, "the signature does not match");
  if (expiration !== null && !(Number(expiration) >= Date.now() / 1000)) {
    throw new HttpError(401, "the signature has expired");
  }
}

function failureOf(error: unknown): HttpError {
  if (error instanceof HttpError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === "ENOSPC" || code === "EDQUOT") return new HttpError(507, message);
  if (code === "ENOENT") return new HttpError(404, message);
  if (code === "EACCES" || code === "EPERM" || code === "EROFS") return new HttpError(403, message);
  if (code === "ENOTDIR" || code === "EISDIR" || code === "EEXIST" || code?.startsWith("Z_")) {
    return new HttpError(400, message);
  }
  return new HttpError(500, message);
}

/** `GET /files?path&username`: the file's bytes, gzipped if the caller accepts nothing else. */
export async function downloadFile(
  req: http.IncomingMessage,
  res: http.ServerResponse,
  query: URLSearchParams,
  token: string,
): Promise<void> {
  authorize(req, query, "read", token);
  const file = resolvePath(query.get("path") ?? "", userOf(req, query.get("username")));
  const stats = await fs.stat(file).catch((error: unknown) => {
    const failure = failureOf(error);
    throw failure.status === 404 ? new HttpError(404, `path '${file}' does not exist`) : failure;
  });
  if (stats.isDirectory()) throw new HttpError(400, `path '${file}' is a directory`);
  if (!stats.isFile()) throw new HttpError(400, `path '${file}' is not a regular file`);
  const headers = {
    "content-type": "application/octet-stream",
    "content-disposition": `inline; filename*=UTF-8''${encodeURIComponent(path.basename(file))}`,
    vary: "Accept-Encoding",
  };
  if (req.headers["accept-encoding"] === "gzip") {
    res.writeHead(200, { ...headers, "content-encoding": "gzip" });
    await pipeline(createReadStream(file), createGzip(), res);
    return;
  }
  res.writeHead(200, { ...headers, "content-length": stats.size });
  // The length is promised, so a file that grows meanwhile is cut there.
  if (stats.size === 0) res.end();
  else await pipeline(createReadStream(file, { end: stats.size - 1 }), res);
}

async function store(
  target: string,
  source: Readable,
): Promise<{ path: string; name: string; type: "file" }> {
  const existing = await fs.stat(target).catch(() => undefined);
  if (existing?.isDirectory()) throw new HttpError(400, `path is a directory: ${target}`);
  await fs.mkdir(path.dirname(target), { recursive: true });
  await pipeline(source, createWriteStream(target));
  return { path: target, name: path.basename(target), type: "file" };
}

/** `POST /files?path&username`: one file as octet-stream, or any number as multipart fields named `file`. */
export async function uploadFiles(
  req: http.IncomingMessage,
  query: URLSearchParams,
  token: string,
): Promise<object[]> {
  authorize(req, query, "write", token);
  const user = userOf(req, query.get("username"));
  if (Object.keys(req.headers).some((name) => name.startsWith("x-metadata-"))) {
    throw new HttpError(501, "file metadata is not emulated by this host");
  }
  const type = req.headers["content-type"] ?? "";
  const body = req.headers["content-encoding"] === "gzip" ? req.compose(createGunzip()) : req;
  const asked = query.get("path");
  try {
    if (type.startsWith("application/octet-stream")) {
      if (asked === null) throw new HttpError(400, "the query parameter path is required");
      return [await store(resolvePath(asked, user), Readable.from(body))];
    }
    if (!type.startsWith("multipart/form-data")) {
      throw new HttpError(
        400,
        `unsupported content type '${type}': send multipart/form-data or octet-stream`,
      );
    }
    const form = await new Response(Readable.toWeb(Readable.from(body)) as BodyInit, {
      headers: { "content-type": type },
    })
      .formData()
      .catch(() => {
        throw new HttpError(400, "the multipart body cannot be read");
      });
    const stored: object[] = [];
    for (const part of form.getAll("file")) {
      if (typeof part === "string") throw new HttpError(400, "a field named file must be a file");
      const target = resolvePath(asked ?? part.name, user);
      stored.push(
        await store(target, Readable.fromWeb(part.stream() as Parameters<typeof Readable.fromWeb>[0])),
      );
    }
    return stored;
  } catch (error) {
    throw failureOf(error);
  }
}

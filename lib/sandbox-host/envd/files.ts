import { createReadStream, createWriteStream } from "node:fs";
import fs from "node:fs/promises";
import type http from "node:http";
import path from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { askedMetadata, writeMetadata } from "./metadata.ts";
import { HttpError, sameSecret } from "./secrets.ts";
import { boundaryOf, MultipartError, readParts } from "./multipart.ts";
import { resolvePath, userOf } from "./users.ts";

/**
 * Lets a `/files` request in by its token, or by a signed URL: `v1_` + unpadded base64 of
 * sha256(`path:operation:user:token[:expiration]`), as e2b@2.51.0 signs in `getSignature`.
 */
async function authorize(
  req: http.IncomingMessage,
  query: URLSearchParams,
  operation: string,
  token: string,
): Promise<void> {
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
  const { createHash } = await import("node:crypto");
  const digest = createHash("sha256").update(parts.join(":")).digest("base64").replace(/=+$/, "");
  if (!sameSecret(signature, `v1_${digest}`)) throw new HttpError(401, "invalid signature");
  if (expiration !== null && !(Number(expiration) >= Date.now() / 1000)) {
    throw new HttpError(401, "signature is already expired");
  }
}

function failureOf(error: unknown): HttpError {
  if (error instanceof HttpError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  if (error instanceof MultipartError) return new HttpError(400, message);
  if (code === "ENOSPC" || code === "EDQUOT" || code === "EFBIG" || code === "E2BIG")
    return new HttpError(507, message);
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
  await authorize(req, query, "read", token);
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
    const { createGzip } = await import("node:zlib");
    res.writeHead(200, { ...headers, "content-encoding": "gzip" });
    await pipeline(createReadStream(file), createGzip(), res);
    return;
  }
  res.writeHead(200, { ...headers, "content-length": stats.size });
  // The length is promised, so a file that grows meanwhile is cut there.
  if (stats.size === 0) res.end();
  else await pipeline(createReadStream(file, { end: stats.size - 1 }), res);
}

async function store(target: string, source: Readable, metadata: Record<string, string>): Promise<object> {
  const existing = await fs.stat(target).catch(() => undefined);
  if (existing?.isDirectory()) throw new HttpError(400, `path is a directory: ${target}`);
  // To open a pipe that nobody reads would wait for ever, on a thread that all files share.
  if (existing?.isFIFO() || existing?.isSocket()) throw new HttpError(400, `path is not a file: ${target}`);
  await fs.mkdir(path.dirname(target), { recursive: true });
  await pipeline(source, createWriteStream(target));
  // A device or a pipe takes bytes, and has nothing to keep metadata in.
  if (!existing || existing.isFile()) writeMetadata(target, metadata);
  const hasMetadata = Object.keys(metadata).length > 0;
  return { path: target, name: path.basename(target), type: "file", ...(hasMetadata && { metadata }) };
}

/** `POST /files?path&username`: one file as octet-stream, or any number as multipart fields named `file`. */
export async function uploadFiles(
  req: http.IncomingMessage,
  query: URLSearchParams,
  token: string,
): Promise<object[]> {
  await authorize(req, query, "write", token);
  const user = userOf(req, query.get("username"));
  const metadata = askedMetadata(req.headers);
  const type = req.headers["content-type"] ?? "";
  const isGzip = req.headers["content-encoding"] === "gzip";
  const body: AsyncIterable<Buffer> = isGzip
    ? req.compose((await import("node:zlib")).createGunzip())
    : (req as AsyncIterable<Buffer>);
  const asked = query.get("path");
  try {
    if (type.startsWith("application/octet-stream")) {
      if (asked === null) throw new HttpError(400, "the query parameter path is required");
      return [await store(resolvePath(asked, user), Readable.from(body), metadata)];
    }
    if (!type.startsWith("multipart/form-data")) {
      throw new HttpError(
        400,
        `unsupported content type '${type}': send multipart/form-data or octet-stream`,
      );
    }
    const stored: object[] = [];
    for await (const { name, filename, body: bytes } of readParts(body, boundaryOf(type))) {
      const target = asked ?? filename;
      if (name !== "file") {
        for await (const _ of bytes);
      } else if (target) {
        stored.push(await store(resolvePath(target, user), Readable.from(bytes), metadata));
      } else {
        throw new HttpError(400, "a file needs a name: its own, or the query parameter path");
      }
    }
    return stored;
  } catch (error) {
    throw failureOf(error);
  }
}

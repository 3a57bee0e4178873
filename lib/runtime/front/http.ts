import type { IncomingMessage, ServerResponse } from "node:http";
import { promisify } from "node:util";
import { brotliDecompress } from "node:zlib";
import type { Answer } from "../engine/engine.ts";
import type { Source } from "../engine/call.ts";
import type { ServedEngine } from "../host/host.ts";
import { fullName } from "../engine/component-path.ts";
import { FunctionError } from "../engine/errors.ts";
import { textOf } from "../engine/json.ts";
import type { AdminApi } from "./admin.ts";
import { AuthError, type Authenticator, type Caller } from "./auth.ts";
import { FileApi } from "./files.ts";
import { StorageFull } from "../storage/sqlite.ts";
import { RequestError } from "./request-error.ts";
import { shownLines, toWireError, type Style } from "./style.ts";
import { argumentsText, encodeTs, sourceOf } from "./wire.ts";

export const VERSION = "embedded-1.48.0";
const INSTANCE_NAME = "embedded";
const MAX_BODY_BYTES = 20 * 1024 * 1024;
/** An app's code with its packages is sent at once. */
const MAX_ADMIN_BODY_BYTES = 64 * 1024 * 1024;
/** The same for a call by somebody who shows neither token nor key. */
const MAX_STRANGER_BODY_BYTES = 1024 * 1024;
const KINDS = {
  query: "query",
  query_at_ts: "query",
  mutation: "mutation",
  action: "action",
  function: "run",
} as const;
const FORMATS = ["json", "convex_json", "convex_encoded_json"];

/** Reads a whole body; refuses a longer one by its own word, or as soon as it shows. @throws RequestError */
async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const tooLarge = () =>
    new RequestError(413, "BodyTooLarge", `The request's body exceeds ${maxBytes} bytes.`);
  if (Number(request.headers["content-length"] ?? 0) > maxBytes) throw tooLarge();
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The same of one that may be compressed, as code is that is pushed. */
async function readPlain(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const body = await readBody(request, maxBytes);
  if (request.headers["content-encoding"] !== "br") return body;
  try {
    return await promisify(brotliDecompress)(body, { maxOutputLength: maxBytes });
  } catch (error) {
    const isTooLarge = (error as { code?: string }).code === "ERR_BUFFER_TOO_LARGE";
    if (isTooLarge)
      throw new RequestError(413, "BodyTooLarge", `The request's body exceeds ${maxBytes} bytes.`);
    throw new RequestError(400, "BadBody", "The request's body is not compressed by Brotli.");
  }
}

interface FunctionCall {
  kind: (typeof KINDS)[keyof typeof KINDS];
  path: string;
  args: string;
}

function parseBody(text: string): Record<string, unknown> {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new RequestError(400, "BadJsonBody", `The request's body is not JSON: ${reason}`);
  }
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    throw new RequestError(400, "BadJsonBody", "The request's body must be a JSON object.");
  }
  return body as Record<string, unknown>;
}

function checkedFormat(format: unknown): void {
  if (format === undefined || format === null || FORMATS.includes(format as string)) return;
  throw new RequestError(400, "BadFormat", `The format must be one of ${FORMATS.join(", ")}.`);
}

/** The deployment's API: what `ConvexHttpClient` and curl speak. */
export class HttpApi {
  private readonly engine: ServedEngine;
  private readonly authenticator: Authenticator;
  private readonly style: Style;
  private readonly admin: AdminApi;
  private readonly files: FileApi;

  constructor(engine: ServedEngine, authenticator: Authenticator, style: Style, admin: AdminApi) {
    this.engine = engine;
    this.authenticator = authenticator;
    this.style = style;
    this.admin = admin;
    this.files = new FileApi(engine.uploads);
  }

  readonly handle = (request: IncomingMessage, response: ServerResponse): void => {
    this.respond(request, response).catch((error: unknown) => {
      if (response.headersSent) return response.destroy();
      if (error instanceof RequestError) {
        return send(response, error.status, JSON.stringify({ code: error.code, message: error.message }));
      }
      if (error instanceof AuthError) {
        return send(response, error.status, JSON.stringify({ code: error.code, message: error.message }));
      }
      process.stderr.write(`${request.method} ${request.url}: ${String(error)}\n`);
      const message = error instanceof Error ? error.message : String(error);
      const code = error instanceof StorageFull ? "StorageFull" : "InternalServerError";
      send(response, 500, JSON.stringify({ code, message }));
    });
  };

  private async respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    allowOrigin(request, response);
    if (request.method === "OPTIONS") return send(response, 204, "");
    const url = URL.parse(`http://runtime${request.url ?? "/"}`);
    if (!url) throw new RequestError(400, "BadUrl", "The request's address is not valid.");
    if (url.pathname === "/version") return send(response, 200, VERSION, "text/plain");
    if (url.pathname === "/instance_name") return send(response, 200, INSTANCE_NAME, "text/plain");
    if (url.pathname === "/api/query_ts" && request.method === "POST") {
      request.resume();
      return send(response, 200, JSON.stringify({ ts: encodeTs(this.engine.ts) }));
    }
    if (url.pathname === "/api/storage/upload" && request.method === "POST") {
      return this.files.upload(request, response, url.searchParams.get("token") ?? "");
    }
    const [, file] = /^\/api\/storage\/([^/]+)$/.exec(url.pathname) ?? [];
    if (file !== undefined && (request.method === "GET" || request.method === "HEAD")) {
      return this.files.download(request, response, file);
    }
    // Before the body is read: how much of it may come depends on who sends it.
    const caller = await this.authenticator.fromHeader(request.headers.authorization);
    if (this.admin.knows(url.pathname)) {
      if (!caller.admin) throw new AuthError("Unauthorized", "This takes the admin key.", 403);
      const body = async () => parseBody((await readPlain(request, MAX_ADMIN_BODY_BYTES)).toString("utf8"));
      return this.admin.respond(request, response, body);
    }
    const stranger = caller.identity === null && !caller.admin;
    const call = await this.parse(request, url, stranger ? MAX_STRANGER_BODY_BYTES : MAX_BODY_BYTES);
    const { status, text } = await this.call(call, caller, sourceOf(request));
    send(response, status, text);
  }

  private async parse(request: IncomingMessage, url: URL, maxBytes: number): Promise<FunctionCall> {
    const [, api, name = "", ...rest] = url.pathname.split("/");
    const run = api === "api" && name === "run" && rest.length >= 2;
    const known = api === "api" && rest.length === 0 && Object.hasOwn(KINDS, name);
    if (!run && !known) throw new RequestError(404, "NotFound", `There is nothing at ${url.pathname}.`);
    if (request.method === "GET" && name === "query") {
      checkedFormat(url.searchParams.get("format"));
      const args = parseBody(url.searchParams.get("args") || "{}");
      return { kind: "query", path: pathOf(url.searchParams.get("path")), args: JSON.stringify(args) };
    }
    if (request.method !== "POST") {
      throw new RequestError(405, "MethodNotAllowed", `${url.pathname} takes POST.`);
    }
    const body = parseBody((await readBody(request, maxBytes)).toString("utf8"));
    checkedFormat(body["format"]);
    const args = argumentsText(body["args"]);
    if (run) {
      const module = rest.slice(0, -1).map(decodeURIComponent).join("/");
      return { kind: "run", path: `${module}:${decodeURIComponent(rest.at(-1) ?? "")}`, args };
    }
    const component = textOf(body["componentPath"]);
    return { kind: KINDS[name as keyof typeof KINDS], path: fullName(component, pathOf(body["path"])), args };
  }

  private async call(
    call: FunctionCall,
    caller: Caller,
    source: Source,
  ): Promise<{ status: number; text: string }> {
    const { path, args } = call;
    const request = { path, args, identity: caller.identity, internal: caller.admin, source };
    try {
      const answer: Answer = await this.engine[call.kind](request);
      const logLines = JSON.stringify(shownLines(answer.logLines, this.style, caller.admin));
      return { status: 200, text: `{"status":"success","value":${answer.value},"logLines":${logLines}}` };
    } catch (error) {
      if (!(error instanceof FunctionError)) throw error;
      const { message, data, logLines } = toWireError(error, this.style, caller.admin);
      const body = { status: "error", errorMessage: message, errorData: data, logLines };
      return { status: 200, text: JSON.stringify(body) };
    }
  }
}

function pathOf(value: unknown): string {
  if (typeof value === "string" && value !== "") return value;
  throw new RequestError(400, "BadPath", 'The request must name its function as "path".');
}

function allowOrigin(request: IncomingMessage, response: ServerResponse): void {
  response.setHeader("access-control-allow-origin", request.headers.origin ?? "*");
  response.setHeader("vary", "origin");
  if (request.method !== "OPTIONS") return;
  response.setHeader("access-control-allow-methods", "GET, HEAD, POST, OPTIONS");
  response.setHeader(
    "access-control-allow-headers",
    request.headers["access-control-request-headers"] ??
      "authorization, content-type, convex-client, digest, range",
  );
  response.setHeader("access-control-max-age", "86400");
}

function send(response: ServerResponse, status: number, text: string, type = "application/json"): void {
  response.statusCode = status;
  if (status !== 204) response.setHeader("content-type", type);
  response.end(text);
}

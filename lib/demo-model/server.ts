import { randomUUID } from "node:crypto";
import { once } from "node:events";
import http from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { FailureMemory } from "./failures.ts";
import { anthropic } from "./formats/anthropic.ts";
import { chat } from "./formats/chat.ts";
import type { Format } from "./formats/format.ts";
import { google } from "./formats/google.ts";
import { responses } from "./formats/responses.ts";
import { RequestError, objectAt } from "./json.ts";
import type { IssuedCall } from "./perform.ts";
import { perform, usageOf } from "./perform.ts";
import { planReply } from "./planner.ts";

export const MAX_BODY_BYTES = 32 * 1024 * 1024;
/** How long a client that sends too much may go on before its connection is cut. */
const REFUSED_UPLOAD_MS = 5000;
const RETRY_AFTER_SECONDS = "1";

interface Route {
  method: "GET" | "POST";
  format: Format;
}

/** The format whose error shape answers for a path, known or not. */
function formatOf(path: string): Format {
  if (path.startsWith("/v1/messages")) return anthropic;
  if (path.startsWith("/v1beta/")) return google;
  return path.startsWith("/v1/responses") ? responses : chat;
}

function routeOf(path: string): Route | undefined {
  const format = formatOf(path);
  if (path === "/health" || path === "/v1/models") return { method: "GET", format };
  const isGoogle = /^\/v1beta\/models\/[^/:]+:(streamGenerateContent|generateContent)$/.test(path);
  const isKnown = ["/v1/chat/completions", "/v1/responses", "/v1/messages"].includes(path) || isGoogle;
  return isKnown ? { method: "POST", format } : undefined;
}

function sendJson(
  response: http.ServerResponse,
  status: number,
  body: unknown,
  headers: http.OutgoingHttpHeaders = {},
) {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(text),
    ...headers,
  });
  response.end(text);
}

/** Reads the whole body. Throws RequestError 413 as soon as it is known to be too large. */
async function readBody(request: http.IncomingMessage): Promise<Buffer> {
  const tooLarge = new RequestError(413, `The request body is larger than ${MAX_BODY_BYTES} bytes.`);
  if (Number(request.headers["content-length"] ?? 0) > MAX_BODY_BYTES) throw tooLarge;
  const chunks: Buffer[] = [];
  let size = 0;
  // Not `for await`: leaving it early would destroy the connection before the answer is sent.
  await new Promise<void>((resolve, reject) => {
    request.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size > MAX_BODY_BYTES) {
        chunks.length = 0;
        reject(tooLarge);
      } else chunks.push(chunk);
    });
    request.on("end", resolve);
    request.on("error", reject);
  });
  return Buffer.concat(chunks);
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch (error) {
    throw new RequestError(
      400,
      `The request body is not JSON: ${error instanceof Error ? error.message : "unknown"}.`,
    );
  }
}

function first(header: string | string[] | undefined): string {
  return (Array.isArray(header) ? header[0] : header) ?? "";
}

async function write(response: http.ServerResponse, text: string, signal: AbortSignal): Promise<void> {
  if (text !== "" && !response.write(text)) await once(response, "drain", { signal });
}

/** Lets a client finish an upload that nobody reads, else it would not see the answer; for a while only. */
async function discardUpload(request: http.IncomingMessage): Promise<void> {
  if (request.complete) return;
  request.resume();
  await Promise.race([once(request, "close"), delay(REFUSED_UPLOAD_MS, undefined, { ref: false })]);
}

/** Answers what went wrong; once an answer has begun, its connection can only be cut. */
async function sendError(
  request: http.IncomingMessage,
  response: http.ServerResponse,
  format: Format,
  error: unknown,
): Promise<void> {
  if (response.headersSent || response.destroyed) return void response.destroy();
  const status = error instanceof RequestError ? error.status : 500;
  if (status === 500) {
    process.stderr.write(`demo-model: ${error instanceof Error ? error.stack : String(error)}\n`);
  }
  const message = error instanceof RequestError ? error.message : "The demo model met an error of its own.";
  await discardUpload(request);
  sendJson(response, status, format.error(status, message), request.complete ? {} : { connection: "close" });
}

/**
 * The demo model's HTTP server, not yet listening. `GET /health` also tells how many model calls are under way.
 * A client that goes away ends its call.
 */
export function createServer(): http.Server {
  const failures = new FailureMemory();
  const startedSeconds = Math.floor(Date.now() / 1000);
  let active = 0;

  async function generate(
    request: http.IncomingMessage,
    response: http.ServerResponse,
    url: URL,
    format: Format,
    signal: AbortSignal,
  ): Promise<void> {
    const body = objectAt(parseJson(await readBody(request)), "The request body");
    const parsed = format.parse(body, url.pathname, url.searchParams);
    const reply = planReply(parsed.conversation);
    const { headers } = request;
    const caller = [headers.authorization, headers["x-api-key"], headers["x-goog-api-key"]].map(first);
    const key = [...caller, first(headers["x-session-affinity"]), parsed.conversationKey, reply.position];
    const status = failures.next(key, reply.failures, performance.now());
    if (status !== undefined) {
      const retry =
        status === 429 || status === 503 || status === 529 ? { "retry-after": RETRY_AFTER_SECONDS } : {};
      return sendJson(
        response,
        status,
        format.error(status, `The demo script asked for HTTP status ${status}.`),
        retry,
      );
    }
    const heading = {
      id: randomUUID().replaceAll("-", ""),
      createdSeconds: Math.floor(Date.now() / 1000),
      request: parsed,
      usage: usageOf(parsed.conversation.promptSize, parsed.conversation.cachedSize, reply.pieces),
    };
    if (!parsed.isStreaming) {
      let text = "";
      const calls: IssuedCall[] = [];
      for await (const emission of perform(reply.pieces, false, signal)) {
        if (emission.kind === "text") text += emission.text;
        else if (emission.kind === "call") calls.push(emission.call);
      }
      return sendJson(response, 200, format.whole(heading, text, calls));
    }
    const encoder = format.encoder(heading);
    response.writeHead(200, {
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-cache",
    });
    response.flushHeaders();
    await write(response, encoder.start(), signal);
    for await (const emission of perform(reply.pieces, true, signal)) {
      const text =
        emission.kind === "call" ? encoder.call(emission.call) : encoder[emission.kind](emission.text);
      await write(response, text, signal);
    }
    response.end(encoder.end());
  }

  async function handle(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const url = new URL(`http://127.0.0.1${request.url?.startsWith("/") ? request.url : "/"}`);
    const path = url.pathname;
    const route = routeOf(path);
    if (!route)
      return sendError(request, response, formatOf(path), new RequestError(404, `There is no ${path} here.`));
    if (request.method !== route.method) {
      response.setHeader("allow", route.method);
      const message = `${path} takes ${route.method}, not ${request.method}.`;
      return sendError(request, response, route.format, new RequestError(405, message));
    }
    if (path === "/health") return sendJson(response, 200, { status: "ok", active });
    if (path === "/v1/models") {
      const demo = { id: "demo", object: "model", created: startedSeconds, owned_by: "studio" };
      return sendJson(response, 200, { object: "list", data: [demo] });
    }
    const gone = new AbortController();
    response.on("close", () => gone.abort());
    active += 1;
    try {
      await generate(request, response, url, route.format, gone.signal);
    } catch (error) {
      if (!gone.signal.aborted) await sendError(request, response, route.format, error);
    } finally {
      active -= 1;
    }
  }

  return http.createServer((request, response) => {
    handle(request, response).catch((error: unknown) => sendError(request, response, chat, error));
  });
}

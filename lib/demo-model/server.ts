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
import { type Failure, planReply } from "./planner.ts";
import type { CallRecord, Outcome } from "./record.ts";

export const MAX_BODY_BYTES = 32 * 1024 * 1024;
/** How long a client that sends too much may go on before its connection is cut. */
const REFUSED_UPLOAD_MS = 5000;
const RETRY_AFTER_S = 1;

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

/** Waits until the client has gone away. */
async function gone(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, "abort");
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

/** Answers with the status that the script asked for, and when to ask again. */
function sendFailure(
  response: http.ServerResponse,
  format: Format,
  { status, retryAfterS }: Extract<Failure, { kind: "status" }>,
): void {
  const seconds = retryAfterS ?? (status === 429 || status === 503 || status === 529 ? RETRY_AFTER_S : null);
  sendJson(
    response,
    status,
    format.error(status, `The demo script asked for HTTP status ${status}.`),
    seconds === null ? {} : { "retry-after": String(seconds) },
  );
}

/**
 * The demo model's HTTP server, not yet listening. `GET /health` also tells how many model calls are under way.
 * A client that goes away ends its call.
 * @param record is told of each model call, once it is over
 * @param options `isFake`: see `planReply`
 */
export function createServer(
  record: (call: CallRecord) => void = () => undefined,
  options: { isFake?: boolean } = {},
): http.Server {
  const failures = new FailureMemory();
  const startedSeconds = Math.floor(Date.now() / 1000);
  let active = 0;

  /** The call's own answer, or the one failure that it meets. */
  async function generate(
    request: http.IncomingMessage,
    response: http.ServerResponse,
    url: URL,
    format: Format,
    signal: AbortSignal,
  ): Promise<Omit<CallRecord, "at">> {
    const body = objectAt(parseJson(await readBody(request)), "The request body");
    const parsed = format.parse(body, url.pathname, url.searchParams);
    const reply = planReply(parsed.conversation, options);
    const { headers } = request;
    const caller = [headers.authorization, headers["x-api-key"], headers["x-goog-api-key"]].map(first);
    const key = [...caller, first(headers["x-session-affinity"]), parsed.conversationKey, reply.position];
    const failure = failures.next(key, reply.failures, performance.now());
    if (failure?.kind === "status") {
      sendFailure(response, format, failure);
      return { outcome: "refused", status: failure.status };
    }
    const pieces = failure?.pieces ?? reply.pieces;
    const usage = usageOf(parsed.conversation.promptSize, parsed.conversation.cachedSize, pieces);
    const heading = {
      id: randomUUID().replaceAll("-", ""),
      createdSeconds: Math.floor(Date.now() / 1000),
      request: parsed,
      usage,
    };
    const told = (outcome: Outcome) => ({ outcome, status: 200, ...usage });
    if (failure && (!parsed.isStreaming || pieces.length === 0)) {
      if (failure.kind === "hang") await gone(signal);
      response.destroy();
      return told(failure.kind === "hang" ? "hung" : "cut");
    }
    if (!parsed.isStreaming) {
      let text = "";
      const calls: IssuedCall[] = [];
      for await (const emission of perform(pieces, false, signal)) {
        if (emission.kind === "text") text += emission.text;
        else if (emission.kind === "call") calls.push(emission.call);
      }
      sendJson(response, 200, format.whole(heading, text, calls));
      return told("answered");
    }
    const encoder = format.encoder(heading);
    response.writeHead(200, {
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-cache",
    });
    response.flushHeaders();
    await write(response, encoder.start(), signal);
    for await (const emission of perform(pieces, true, signal)) {
      const text =
        emission.kind === "call" ? encoder.call(emission.call) : encoder[emission.kind](emission.text);
      await write(response, text, signal);
    }
    if (failure?.kind === "hang") await gone(signal);
    if (failure) {
      response.destroy();
      return told(failure.kind === "hang" ? "hung" : "cut");
    }
    response.end(encoder.end());
    return told("answered");
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
    const away = new AbortController();
    response.on("close", () => away.abort());
    active += 1;
    const at = new Date().toISOString();
    try {
      record({ at, ...(await generate(request, response, url, route.format, away.signal)) });
    } catch (error) {
      record({ at, outcome: away.signal.aborted ? "left" : "refused", status: response.statusCode });
      if (!away.signal.aborted) await sendError(request, response, route.format, error);
    } finally {
      active -= 1;
    }
  }

  return http.createServer((request, response) => {
    handle(request, response).catch((error: unknown) => sendError(request, response, chat, error));
  });
}

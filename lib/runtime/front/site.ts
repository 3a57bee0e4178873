import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { boundedStream } from "#net/body.ts";
import type { SentRequest } from "../host/action-worker.ts";
import type { SiteResponse } from "../host/action-pool.ts";
import type { ServedEngine } from "../host/host.ts";
import { toFailure } from "../engine/errors.ts";
import { ANONYMOUS, type Authenticator, type Caller } from "./auth.ts";
import { RequestError } from "./request-error.ts";
import { toWireFailure, type Style } from "./style.ts";
import { sourceOf } from "./wire.ts";

const BODYLESS = new Set(["GET", "HEAD"]);
/** Below this a body is cheaper to pass on whole. */
const MAX_BUFFERED_BYTES = 256 * 1024;
/** What an app's HTTP action may be sent, as on the hosted service. */
const MAX_BODY_BYTES = 20 * 1024 * 1024;

/** The site's own address: the app's HTTP actions, and nothing else. CORS is the app's business. */
export class Site {
  private readonly engine: ServedEngine;
  private readonly authenticator: Authenticator;
  private readonly style: Style;
  /** The address that functions see in `request.url`; known once the port is. */
  origin = "http://127.0.0.1";

  constructor(engine: ServedEngine, authenticator: Authenticator, style: Style) {
    this.engine = engine;
    this.authenticator = authenticator;
    this.style = style;
  }

  readonly handle = (request: IncomingMessage, response: ServerResponse): void => {
    this.respond(request, response).catch((error: unknown) => {
      if (response.headersSent) return response.destroy();
      const status = error instanceof RequestError ? error.status : 500;
      const body =
        error instanceof RequestError
          ? { code: error.code, message: error.message }
          : {
              code: "InternalServerError",
              message: toWireFailure(toFailure(error), this.style, false).message,
            };
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    });
  };

  private async respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const method = request.method ?? "GET";
    const address = `${this.origin}${request.url ?? "/"}`;
    if (!URL.canParse(address)) {
      throw new RequestError(400, "BadUrl", "The request's address is not valid.");
    }
    const headers: [string, string][] = [];
    for (let i = 0; i < request.rawHeaders.length; i += 2) {
      headers.push([request.rawHeaders[i] ?? "", request.rawHeaders[i + 1] ?? ""]);
    }
    const answer = await this.engine.site(
      { url: address, method, headers, body: await bodyOf(request) },
      (await this.caller(request)).identity,
      sourceOf(request),
    );
    if (!answer) {
      response.writeHead(404, { "content-type": "text/plain" }).end("No matching routes found");
      return;
    }
    await sendResponse(answer, response);
  }

  /** An app may use the header for keys of its own, so a token that is none of ours is no error. */
  private async caller(request: IncomingMessage): Promise<Caller> {
    return this.authenticator.fromHeader(request.headers.authorization).catch(() => ANONYMOUS);
  }
}

/** A small body as bytes, a larger one as a stream; null if there is none. */
async function bodyOf(request: IncomingMessage): Promise<SentRequest["body"]> {
  if (BODYLESS.has(request.method ?? "GET")) return null;
  const length = Number(request.headers["content-length"] ?? NaN);
  if (length === 0) return null;
  if (length > MAX_BODY_BYTES)
    throw new RequestError(413, "BodyTooLarge", `The request's body exceeds ${MAX_BODY_BYTES} bytes.`);
  if (!(length <= MAX_BUFFERED_BYTES))
    return boundedStream(
      Readable.toWeb(request) as ReadableStream<Uint8Array>,
      MAX_BODY_BYTES,
    ) as SentRequest["body"];
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return new Uint8Array(Buffer.concat(chunks));
}

async function sendResponse(answer: SiteResponse, response: ServerResponse): Promise<void> {
  const cookies = answer.headers.filter(([name]) => name === "set-cookie").map(([, value]) => value);
  for (const [name, value] of answer.headers) {
    if (name !== "set-cookie") response.setHeader(name, value);
  }
  if (cookies.length > 0) response.setHeader("set-cookie", cookies);
  response.writeHead(answer.status);
  if (!answer.body) return void response.end();
  // A client that leaves ends the stream where it is made, too.
  await pipeline(answer.body, response);
}

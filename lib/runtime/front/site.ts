import type { IncomingMessage, ServerResponse } from "node:http";
import { once } from "node:events";
import type { Engine } from "../engine/engine.ts";
import { toFailure, clientMessage } from "../engine/errors.ts";
import { ANONYMOUS, type Authenticator, type Caller } from "./auth.ts";
import { readBody, RequestError } from "./http.ts";

const BODYLESS = new Set(["GET", "HEAD"]);

/** The site's own address: the app's HTTP actions, and nothing else. CORS is the app's business. */
export class Site {
  private readonly engine: Engine;
  private readonly authenticator: Authenticator;
  /** The address that functions see in `request.url`; known once the port is. */
  origin = "http://127.0.0.1";

  constructor(engine: Engine, authenticator: Authenticator) {
    this.engine = engine;
    this.authenticator = authenticator;
  }

  readonly handle = (request: IncomingMessage, response: ServerResponse): void => {
    this.respond(request, response).catch((error: unknown) => {
      if (response.headersSent) return response.destroy();
      const status = error instanceof RequestError ? error.status : 500;
      const body =
        error instanceof RequestError
          ? { code: error.code, message: error.message }
          : { code: "InternalServerError", message: clientMessage(toFailure(error)) };
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    });
  };

  private async respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const method = request.method ?? "GET";
    const address = `${this.origin}${request.url ?? "/"}`;
    if (!URL.canParse(address)) {
      throw new RequestError(400, "BadUrl", "The request's address is not valid.");
    }
    const headers = new Headers();
    for (let i = 0; i < request.rawHeaders.length; i += 2) {
      headers.append(request.rawHeaders[i] ?? "", request.rawHeaders[i + 1] ?? "");
    }
    const body = await readBody(request);
    const answer = await this.engine.httpAction(
      new Request(address, {
        method,
        headers,
        body: BODYLESS.has(method) || body.length === 0 ? null : new Uint8Array(body),
      }),
      (await this.caller(request)).identity,
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

async function sendResponse(answer: Response, response: ServerResponse): Promise<void> {
  const cookies = answer.headers.getSetCookie();
  for (const [name, value] of answer.headers) {
    if (name !== "set-cookie") response.setHeader(name, value);
  }
  if (cookies.length > 0) response.setHeader("set-cookie", cookies);
  response.writeHead(answer.status);
  if (answer.body) {
    const closed = once(response, "close").catch(() => undefined);
    for await (const chunk of answer.body as unknown as AsyncIterable<Uint8Array>) {
      if (response.destroyed) break;
      if (!response.write(chunk)) await Promise.race([once(response, "drain"), closed]);
    }
  }
  response.end();
}

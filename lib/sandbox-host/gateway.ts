import { timingSafeEqual } from "node:crypto";
import http from "node:http";
import type { Duplex } from "node:stream";
import { PortClosedError } from "./channel.ts";
import { ENVD_PORT } from "./channel-settings.ts";
import { ApiError } from "./errors.ts";
import { join } from "./join.ts";
import type { Sandbox } from "./sandbox.ts";
import type { Sandboxes } from "./sandboxes.ts";

/** What a resumed sandbox gets when traffic, and no caller, brought it back. */
const AUTO_RESUME_MS = 300_000;
const TRAFFIC_TOKEN = "e2b-traffic-access-token";
/** Read here; a server inside has no use for them, and no right to the token. */
const OWN_HEADERS = new Set(["e2b-sandbox-id", "e2b-sandbox-port", TRAFFIC_TOKEN]);

export interface Target {
  id: string;
  port: number;
}

/**
 * Which sandbox and port a request is for: by `E2b-Sandbox-Id` and `E2b-Sandbox-Port`, or by a host name
 * `<port>-<id>.<domain>`. Undefined for the control plane.
 */
export function targetOf(headers: http.IncomingHttpHeaders): Target | undefined {
  const id = headers["e2b-sandbox-id"];
  if (typeof id === "string") return { id, port: Number(headers["e2b-sandbox-port"] ?? ENVD_PORT) };
  const match = /^(\d{1,5})-([a-z0-9]+)\./i.exec(headers.host ?? "");
  return match ? { id: match[2] ?? "", port: Number(match[1]) } : undefined;
}

/**
 * E2B's edge answers with JSON that names the sandbox, and the port where the sandbox runs; the SDK takes 502 for "not
 * running any more".
 */
class GatewayError extends Error {
  readonly status: number;
  readonly isRunning: boolean;

  constructor(status: number, message: string, { isRunning = true } = {}) {
    super(message);
    this.status = status;
    this.isRunning = isRunning;
  }
}

function sameToken(given: unknown, token: string): boolean {
  const [a, b] = [Buffer.from(typeof given === "string" ? given : ""), Buffer.from(token)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** Passes HTTP, event streams and WebSockets to ports inside sandboxes, unbuffered and without time limits. */
export class Gateway {
  private readonly sandboxes: Sandboxes;

  constructor(sandboxes: Sandboxes) {
    this.sandboxes = sandboxes;
  }

  private async open(target: Target, headers: http.IncomingHttpHeaders): Promise<[Sandbox, Duplex]> {
    if (!Number.isInteger(target.port) || target.port < 1 || target.port > 65_535) {
      throw new GatewayError(400, "the port is not a number between 1 and 65535");
    }
    try {
      const sandbox = this.sandboxes.get(target.id);
      const { trafficAccessToken } = sandbox;
      const isProtected = trafficAccessToken !== undefined && target.port !== ENVD_PORT;
      if (isProtected && !sameToken(headers[TRAFFIC_TOKEN], trafficAccessToken)) {
        throw new GatewayError(403, `the header ${TRAFFIC_TOKEN} is missing or wrong`);
      }
      if (sandbox.state === "paused") {
        if (!sandbox.spec.autoResume)
          throw new GatewayError(502, "The sandbox is paused", { isRunning: false });
        await this.sandboxes.resume(sandbox.id, Date.now() + AUTO_RESUME_MS, false);
      }
      return [sandbox, await sandbox.dial(target.port)];
    } catch (error) {
      if (error instanceof ApiError) {
        throw new GatewayError(502, "The sandbox was not found", { isRunning: false });
      }
      if (error instanceof PortClosedError) {
        throw new GatewayError(502, "The sandbox is running but port is not open");
      }
      throw error;
    }
  }

  private headersFor(
    sandbox: Sandbox,
    port: number,
    rawHeaders: readonly string[],
    drop: string[],
  ): string[] {
    const kept: string[] = [];
    const mask = port === ENVD_PORT ? undefined : sandbox.spec.maskRequestHost;
    for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
      const [name = "", value = ""] = rawHeaders.slice(i, i + 2);
      const lower = name.toLowerCase();
      if (OWN_HEADERS.has(lower) || drop.includes(lower)) continue;
      if (lower === "host") kept.push("Host", mask ? mask.replace("${PORT}", String(port)) : value);
      else kept.push(name, value);
    }
    return kept;
  }

  /** Passes one request on. */
  async handle(req: http.IncomingMessage, res: http.ServerResponse, target: Target): Promise<void> {
    const fail = (error: unknown) => {
      if (res.headersSent) return void res.destroy();
      const code = error instanceof GatewayError ? error.status : 502;
      const message = error instanceof GatewayError ? error.message : "The connection to the port was lost";
      const isRunning = !(error instanceof GatewayError) || error.isRunning;
      const body = { sandboxId: target.id, ...(isRunning && { port: target.port }), message, code };
      res.writeHead(code, { "content-type": "application/json" }).end(JSON.stringify(body));
    };
    let sandbox: Sandbox;
    let stream: Duplex;
    try {
      [sandbox, stream] = await this.open(target, req.headers);
    } catch (error) {
      return fail(error);
    }
    const upstream = http.request({
      createConnection: () => stream,
      method: req.method ?? "GET",
      path: req.url ?? "/",
      headers: [
        ...this.headersFor(sandbox, target.port, req.rawHeaders, ["connection", "keep-alive"]),
        "connection",
        "close",
      ],
    });
    upstream.on("response", (answer) => {
      const headers: string[] = [];
      for (let i = 0; i + 1 < answer.rawHeaders.length; i += 2) {
        const [name = "", value = ""] = answer.rawHeaders.slice(i, i + 2);
        if (!["connection", "keep-alive"].includes(name.toLowerCase())) headers.push(name, value);
      }
      res.writeHead(answer.statusCode ?? 502, answer.statusMessage ?? "", headers);
      res.flushHeaders();
      answer.on("error", () => res.destroy());
      answer.on("aborted", () => res.destroy());
      answer.pipe(res);
    });
    upstream.on("error", fail);
    res.on("close", () => {
      upstream.destroy();
      stream.destroy();
    });
    req.on("error", () => upstream.destroy());
    req.pipe(upstream);
  }

  /** Passes an upgraded connection, such as a WebSocket, on as it is. */
  async upgrade(req: http.IncomingMessage, client: Duplex, head: Buffer, target: Target): Promise<void> {
    client.on("error", () => client.destroy());
    try {
      const [sandbox, stream] = await this.open(target, req.headers);
      const headers = this.headersFor(sandbox, target.port, req.rawHeaders, []);
      const lines = headers.flatMap((text, i) => (i % 2 === 0 ? [`${text}: ${headers[i + 1]}`] : []));
      stream.write(`${req.method} ${req.url} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`, "latin1");
      if (head.length > 0) stream.write(head);
      join(client, stream);
    } catch (error) {
      const status = error instanceof GatewayError ? error.status : 502;
      client.end(`HTTP/1.1 ${status} ${http.STATUS_CODES[status]}\r\nconnection: close\r\n\r\n`);
    }
  }
}

import { createHash, randomUUID } from "node:crypto";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { problemOf } from "./error.ts";
import { refuse } from "./refuse.ts";

/** Requests of one key or one browser that are worked on at once; the others wait their turn. */
const AT_ONCE = 4;
/** So many may wait; more are refused. A browser has six connections, and a script has a pool of some. */
const WAITING = 28;
/** Model calls take long until they begin to answer, and are counted by themselves. The page's own files cost little. */
const APART = /^\/(?:api\/gateway|api\/git|_next\/static)\//;

interface Line {
  working: number;
  waiting: (() => void)[];
}

/** Lets each credential have its share of the server, before the framework has spent anything on a request. */
export class FairShare {
  readonly #lines = new Map<string, Line>();

  /**
   * Runs `work` at once, or when others of the same name have begun to answer.
   * @returns false where too many wait already
   */
  enter(name: string, response: ServerResponse, work: () => void): boolean {
    const line = this.#lines.get(name) ?? { working: 0, waiting: [] };
    if (line.waiting.length >= WAITING) return false;
    this.#lines.set(name, line);
    const begin = () => {
      if (response.destroyed || response.socket?.destroyed) return this.#next(name, line);
      line.working += 1;
      let over = false;
      const leave = () => {
        if (over) return;
        over = true;
        line.working -= 1;
        this.#next(name, line);
      };
      // A stream goes on for hours: what costs is over once it has begun.
      const writeHead = response.writeHead.bind(response) as (...args: unknown[]) => ServerResponse;
      response.writeHead = (...args: unknown[]) => {
        leave();
        return writeHead(...args);
      };
      response.once("close", leave);
      work();
    };
    if (line.working < AT_ONCE) begin();
    else line.waiting.push(begin);
    return true;
  }

  #next(name: string, line: Line): void {
    const next = line.waiting.shift();
    if (next) setImmediate(next);
    else if (line.working === 0) this.#lines.delete(name);
  }
}

/** Names whose request it is by what it is signed in with; undefined where that is nobody. */
export function credentialOf({ headers }: IncomingMessage): string | undefined {
  const credential = headers.authorization ?? headers.cookie;
  return credential === undefined ? undefined : createHash("sha256").update(credential).digest("base64");
}

const shared = new WeakSet<Server>();

/** Has a server take its signed-in requests by shares. Idempotent. */
export function shareFairly(server: Server): void {
  if (shared.has(server)) return;
  shared.add(server);
  const shares = new FairShare();
  const emit = server.emit.bind(server) as (event: string, ...args: unknown[]) => boolean;
  server.emit = ((event: string, ...args: unknown[]) => {
    if (event !== "request") return emit(event, ...args);
    const [request, response] = args as [IncomingMessage, ServerResponse];
    const name = APART.test(request.url ?? "") ? undefined : credentialOf(request);
    if (name === undefined) return emit(event, ...args);
    if (shares.enter(name, response, () => void emit(event, ...args))) return true;
    const requestId = randomUUID();
    const [path = ""] = (request.url ?? "").split("?");
    response.writeHead(429, {
      "content-type": "application/problem+json",
      "cache-control": "no-store",
      "x-request-id": requestId,
      "retry-after": "1",
    });
    response.end(
      JSON.stringify(problemOf(refuse("requests_at_once", { limit: AT_ONCE + WAITING }), path, requestId)),
    );
    return true;
  }) as typeof server.emit;
}

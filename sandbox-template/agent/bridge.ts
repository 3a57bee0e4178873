/**
 * The way from Studio to the agent within a sandbox: ACP over HTTP, as sandbox-agent 0.4 speaks it (`/v1/acp/{id}`),
 * and OpenCode's own server (`/v1/agent/…`). It takes the key of its door from stdin, and its program is not readable, so
 * nothing that the agent's tools run can learn it; requests and answers are signed with it, so that it is never sent.
 */
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import fs from "node:fs";
import http from "node:http";
import { createInterface } from "node:readline";
import { Agent, type Message, type Setup } from "./agent.ts";

/** A line of JSON on stdin: a session's start. */
interface Start extends Setup {
  /** Key of the signatures, hexadecimal. */
  key: string;
  port: number;
}

/** The line before it, where OpenCode is to be started before its session is known: nothing in it is anybody's. */
interface Warm extends Setup {
  warm: true;
}

const MAX_BODY_BYTES = 16 * 2 ** 20;
/** A reader that is so far behind is cut off; it comes back to what is kept. */
const MAX_BEHIND_BYTES = 32 * 2 ** 20;
const HEARTBEAT_MS = 15_000;
const REFUSED = 70;
const NONCE_CHARS = 16;
const MAC_BYTES = 32;

const REPLY = { "content-type": "application/json" };

/** A process that others may look into has its files in /proc under its own user. */
function refuseToBeRead(): void {
  if (fs.statSync("/proc/self/environ").uid !== process.getuid?.()) return;
  process.stderr.write("The bridge's program is readable, so its memory would be too: it is not started.\n");
  process.exit(REFUSED);
}

/** The lines of stdin, as they come; nothing is read behind the last that is asked for. */
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

async function readLine<T>(): Promise<T> {
  const { done, value } = await lines.next();
  if (done) throw new Error("stdin ended before it said anything");
  return JSON.parse(value) as T;
}

/** @returns a session's start, and the agent that was started before it, where it was to be */
async function readStart(): Promise<{ start: Start; waiting?: Agent }> {
  const first = await readLine<Start | Warm>();
  if (!("warm" in first)) return { start: first };
  const waiting = new Agent(first);
  await waiting.warmUp();
  process.stdout.write("warm\n");
  const start = await Promise.race([readLine<Start>(), waiting.ended()]);
  await waiting.claim(start);
  return { start, waiting };
}

async function bodyOf(req: http.IncomingMessage): Promise<Buffer | null> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of req as AsyncIterable<Buffer>) {
    length += piece.length;
    if (length > MAX_BODY_BYTES) return null;
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

/** Serves the door. */
class Bridge {
  readonly #start: Start;
  readonly #key: Buffer;
  readonly #agents = new Map<string, Agent>();
  #agent: Agent | undefined;

  /** The agent that was started before its session was known. */
  #waiting: Agent | undefined;

  constructor(start: Start, waiting: Agent | undefined) {
    this.#start = start;
    this.#key = Buffer.from(start.key, "hex");
    this.#waiting = waiting;
  }

  listen(): void {
    const server = http.createServer((req, res) => {
      this.#handle(req, res).catch((error: unknown) => {
        process.stderr.write(`${String(error)}\n`);
        if (res.headersSent) res.destroy();
        else res.writeHead(500, REPLY).end(JSON.stringify({ error: "agent_process_exited" }));
      });
    });
    server.requestTimeout = 0;
    server.once("error", (error) => {
      process.stderr.write(`${String(error)}\n`);
      process.exit(1);
    });
    server.listen(this.#start.port, "127.0.0.1");
  }

  #mac(text: string): Buffer {
    return createHmac("sha256", this.#key).update(text).digest();
  }

  async #handle(req: http.IncomingMessage, res: http.ServerResponse): Promise<void> {
    const nonce = String(req.headers["x-studio-nonce"] ?? "");
    const given = Buffer.from(String(req.headers["x-studio-mac"] ?? ""), "hex");
    // Nobody else's body is read.
    if (nonce.length < NONCE_CHARS || given.length !== MAC_BYTES)
      return void res.writeHead(401, REPLY).end(JSON.stringify({ error: "not signed" }));
    const body = await bodyOf(req);
    if (body === null) return void res.writeHead(413, REPLY).end();
    const hash = createHash("sha256").update(body).digest("hex");
    const right = this.#mac(`${nonce}\n${req.method}\n${req.url}\n${hash}`);
    if (!timingSafeEqual(given, right))
      return void res.writeHead(401, REPLY).end(JSON.stringify({ error: "not signed" }));
    res.setHeader("x-studio-mac", this.#mac(`${nonce}\nanswer`).toString("hex"));
    const url = new URL(req.url ?? "/", "http://bridge");
    if (url.pathname === "/v1/health") return void res.writeHead(200, REPLY).end(`{"status":"ok"}`);
    const acp = /^\/v1\/acp\/([\w-]{1,100})$/.exec(url.pathname)?.[1];
    if (acp !== undefined) return await this.#acp(acp, url, req, res, body.toString("utf8"));
    if (url.pathname.startsWith("/v1/agent/")) return await this.#own(url, req, res, body);
    res.writeHead(404, REPLY).end();
  }

  async #acp(
    id: string,
    url: URL,
    req: http.IncomingMessage,
    res: http.ServerResponse,
    body: string,
  ): Promise<void> {
    let agent = this.#agents.get(id);
    if (!agent && req.method === "POST" && url.searchParams.get("agent") === "opencode" && !this.#agent) {
      const waiting = this.#waiting;
      agent = waiting ?? new Agent(this.#start);
      this.#agents.set(id, agent);
      this.#agent = agent;
      if (!waiting) await agent.run();
    }
    if (!agent) return void res.writeHead(404, REPLY).end(JSON.stringify({ error: "no such connection" }));
    if (req.method === "GET") return this.#stream(agent, req, res);
    if (req.method !== "POST") return void res.writeHead(405, REPLY).end();
    if (agent.exited) return void res.writeHead(500, REPLY).end(`{"error":"agent_process_exited"}`);
    let message: Message;
    try {
      message = JSON.parse(body) as Message;
    } catch {
      return void res.writeHead(400, REPLY).end(`{"error":"not JSON"}`);
    }
    // One line is one message.
    const answer = agent.send(JSON.stringify(message), message);
    if (answer === undefined) return void res.writeHead(202).end();
    const line = await answer;
    if (line === null) res.writeHead(500, REPLY).end(`{"error":"agent_process_exited"}`);
    else res.writeHead(200, REPLY).end(line);
  }

  #stream(agent: Agent, req: http.IncomingMessage, res: http.ServerResponse): void {
    res.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
    res.write(": open\n\n");
    const after = Number(req.headers["last-event-id"] ?? 0);
    const unfollow = agent.follow(Number.isFinite(after) ? after : 0, ({ id, text }) => {
      res.write(`id: ${id}\ndata: ${text}\n\n`);
      if (res.writableLength > MAX_BEHIND_BYTES) res.destroy();
    });
    const heartbeat = setInterval(() => res.write(": heartbeat\n\n"), HEARTBEAT_MS);
    res.once("close", () => {
      clearInterval(heartbeat);
      unfollow();
    });
  }

  /** OpenCode's own server, in the name of its one user. */
  async #own(url: URL, req: http.IncomingMessage, res: http.ServerResponse, body: Buffer): Promise<void> {
    const agent = this.#agent;
    // Its port may be another program's before it listens, and after it has ended.
    if (!agent?.ready) return void res.writeHead(503, REPLY).end(`{"error":"agent_process_exited"}`);
    const target = `${url.pathname.slice("/v1/agent".length)}${url.search}`;
    const answer = await agent.ownServer(req.method ?? "GET", target, body);
    res.writeHead(answer.status, REPLY).end(Buffer.from(await answer.arrayBuffer()));
  }
}

refuseToBeRead();
const started = readStart();
process.stdout.write("waiting\n");
const { start, waiting } = await started;
process.stdin.destroy();
new Bridge(start, waiting).listen();

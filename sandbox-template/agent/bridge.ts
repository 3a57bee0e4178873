/**
 * The way from Studio to the agent within a sandbox: ACP over HTTP, as sandbox-agent 0.4 speaks it (`/v1/acp/{id}`),
 * and OpenCode's own server (`/v1/agent/…`). It takes the key of its door from stdin, and its program is not readable, so
 * nothing that the agent's tools run can learn it; requests and answers are signed with it, so that it is never sent.
 * OpenCode's password is made here, for one process, and is known to that process and this one.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import fs from "node:fs";
import http from "node:http";
import type { Socket } from "node:net";
import path from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { StartedSince, ticksNow } from "./command-processes.ts";

/** What stdin begins with: one line of JSON. */
interface Start {
  /** Key of the signatures, hexadecimal. */
  key: string;
  port: number;
  agentPort: number;
  /** Variables of OpenCode's that no tool gets to see. */
  settings: Record<string, string>;
  /** Other variables of OpenCode's. */
  env: Record<string, string>;
}

const MAX_BODY_BYTES = 16 * 2 ** 20;
/** What is kept for a reader that comes back. */
const MAX_KEPT = 8_192;
const MAX_KEPT_BYTES = 64 * 2 ** 20;
/** A reader that is so far behind is cut off; it comes back to what is kept. */
const MAX_BEHIND_BYTES = 32 * 2 ** 20;
const HEARTBEAT_MS = 15_000;
const REFUSED = 70;
/** After a cancel the agent ends its commands itself; what is left of them after this long is ended here. */
const CANCEL_MS = 3_000;
const LOOK_MS = 50;
const NONCE_CHARS = 16;
const MAC_BYTES = 32;
const HERE = import.meta.dirname;

interface Kept {
  id: number;
  text: string;
}

interface Message {
  id?: string | number;
  method?: string;
}

const REPLY = { "content-type": "application/json" };

/** A process that others may look into has its files in /proc under its own user. */
function refuseToBeRead(): void {
  if (fs.statSync("/proc/self/environ").uid !== process.getuid?.()) return;
  process.stderr.write("The bridge's program is readable, so its memory would be too: it is not started.\n");
  process.exit(REFUSED);
}

async function readStart(): Promise<Start> {
  for await (const line of createInterface({ input: process.stdin })) {
    process.stdin.destroy();
    return JSON.parse(line) as Start;
  }
  throw new Error("stdin ended before it said anything");
}

/** OpenCode's process, and what it says on ACP. */
class Agent {
  readonly password = randomBytes(32).toString("hex");
  #child: ChildProcess | undefined;
  #sealed = false;
  exited = false;
  #lastId = 0;
  #kept: Kept[] = [];
  #keptBytes = 0;
  readonly #readers = new Set<(kept: Kept) => void>();
  readonly #waiting = new Map<string, (line: string | null) => void>();
  #initializing: string | undefined;
  /** The call of the last turn, and the machine's clock when it began. */
  #turn: { call: string; from: number } | undefined;
  readonly #start: Start;

  constructor(start: Start) {
    this.#start = start;
  }

  /** Starts OpenCode, once. @throws Error where it ends before it has taken its settings */
  async run(): Promise<void> {
    const { agentPort, env, settings } = this.#start;
    const child = spawn(process.execPath, ["acp", "--hostname", "127.0.0.1", "--port", String(agentPort)], {
      // Whatever lies in the workspace is not read as the program's own settings.
      cwd: HERE,
      env: {
        ...toolsEnvironment(),
        ...env,
        BUN_INSPECT_PRELOAD: path.join(HERE, "seal.mjs"),
      } as unknown as NodeJS.ProcessEnv,
      stdio: ["pipe", "pipe", "inherit", "pipe"],
    });
    this.#child = child;
    child.on("error", () => this.#onExit(null));
    child.on("exit", (code) => this.#onExit(code));
    child.stdin?.on("error", () => undefined);
    if (child.stdout) createInterface({ input: child.stdout }).on("line", (line) => this.#onLine(line));
    const channel = child.stdio[3] as Socket;
    channel.on("error", () => undefined);
    const settled = once(channel, "settled");
    channel.write(`${JSON.stringify({ ...settings, OPENCODE_SERVER_PASSWORD: this.password })}\n`);
    await settled;
  }

  /** The password leaves OpenCode's environment, and its server is seen to want it. @throws Error */
  async #seal(): Promise<void> {
    const channel = this.#child?.stdio[3] as Socket;
    const sealed = once(channel, "sealed");
    channel.write("seal\n");
    await sealed;
    const open = await fetch(`http://127.0.0.1:${this.#start.agentPort}/permission`, { method: "GET" });
    await open.body?.cancel();
    if (open.status !== 401) throw new Error(`OpenCode's own server is open to all (${open.status})`);
    this.#sealed = true;
  }

  #onLine(line: string): void {
    let message: Message;
    try {
      message = JSON.parse(line) as Message;
    } catch {
      // Not of ACP.
      return;
    }
    const answered =
      message.method === undefined && message.id !== undefined ? String(message.id) : undefined;
    if (answered !== undefined && answered === this.#initializing) {
      this.#initializing = undefined;
      this.#seal().then(
        () => this.#tell(line, answered),
        (error: unknown) => {
          process.stderr.write(`${String(error)}\n`);
          this.#child?.kill("SIGKILL");
        },
      );
      return;
    }
    this.#tell(line, answered);
  }

  #tell(text: string, answered?: string): void {
    const kept = { id: ++this.#lastId, text };
    this.#kept.push(kept);
    this.#keptBytes += text.length;
    while (this.#kept.length > MAX_KEPT || (this.#keptBytes > MAX_KEPT_BYTES && this.#kept.length > 1))
      this.#keptBytes -= this.#kept.shift()?.text.length ?? 0;
    for (const reader of this.#readers) reader(kept);
    if (answered !== undefined) {
      this.#waiting.get(answered)?.(text);
      this.#waiting.delete(answered);
    }
  }

  #onExit(code: number | null): void {
    if (this.exited) return;
    this.exited = true;
    this.#tell(JSON.stringify({ jsonrpc: "2.0", method: "_adapter/agent_exited", params: { code } }));
    for (const resolve of this.#waiting.values()) resolve(null);
    this.#waiting.clear();
  }

  /** Sends a line; for a call gives the agent's answer, null where it ended before. */
  send(line: string, message: Message): Promise<string | null> | undefined {
    const call = message.method !== undefined && message.id !== undefined ? String(message.id) : undefined;
    if (message.method === "initialize") this.#initializing = call;
    if (message.method === "session/prompt" && call !== undefined) this.#turn = { call, from: ticksNow() };
    if (message.method === "session/cancel") void this.#endCommands();
    const answer =
      call === undefined
        ? undefined
        : new Promise<string | null>((resolve) => this.#waiting.set(call, resolve));
    this.#child?.stdin?.write(`${line}\n`);
    return answer;
  }

  /** Ends all that the commands of the turn that is being cancelled have started; what ran before it goes on. */
  async #endCommands(): Promise<void> {
    const turn = this.#turn;
    if (turn === undefined || !this.#waiting.has(turn.call)) return;
    // Before the agent hears of it: what its shell has ended is nobody's child.
    const started = new StartedSince(turn.from);
    const until = performance.now() + CANCEL_MS;
    while (performance.now() < until && this.#waiting.has(turn.call)) await sleep(LOOK_MS);
    // A prompt that comes meanwhile begins another turn, whose commands are its own.
    const ended = await started.end(() => (this.#turn === turn ? undefined : this.#turn?.from));
    if (!ended) process.stderr.write("A command of a cancelled turn goes on.\n");
  }

  /** Has everything told behind `after`, then what comes. Gives what ends that. */
  follow(after: number, reader: (kept: Kept) => void): () => void {
    for (const kept of this.#kept) if (kept.id > after) reader(kept);
    this.#readers.add(reader);
    return () => this.#readers.delete(reader);
  }

  /** True once OpenCode's own server may be asked. */
  get ready(): boolean {
    return this.#sealed && !this.exited;
  }
}

/** What commands of the agent get: this process's environment without what concerns it alone. */
function toolsEnvironment(): Record<string, string | undefined> {
  const { BUN_BE_BUN: _bun, STUDIO_HOME, ...env } = process.env;
  return { ...env, ...(STUDIO_HOME !== undefined && { HOME: STUDIO_HOME }) };
}

async function once(channel: Socket, word: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const ended = () => reject(new Error("OpenCode ended while it was being started"));
    channel.once("close", ended);
    channel.once("data", (data: Buffer) => {
      channel.off("close", ended);
      if (data.toString().startsWith(word)) resolve();
      else reject(new Error("OpenCode's start said something unknown"));
    });
  });
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

  constructor(start: Start) {
    this.#start = start;
    this.#key = Buffer.from(start.key, "hex");
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
      agent = new Agent(this.#start);
      this.#agents.set(id, agent);
      this.#agent = agent;
      await agent.run();
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
    const authorization = `Basic ${Buffer.from(`opencode:${agent.password}`).toString("base64")}`;
    const answer = await fetch(
      `http://127.0.0.1:${this.#start.agentPort}${url.pathname.slice("/v1/agent".length)}${url.search}`,
      {
        method: req.method ?? "GET",
        headers: { authorization, ...(body.length > 0 && { "content-type": "application/json" }) },
        ...(body.length > 0 && { body: new Uint8Array(body) }),
        redirect: "manual",
        signal: AbortSignal.timeout(30_000),
      },
    );
    res.writeHead(answer.status, REPLY).end(Buffer.from(await answer.arrayBuffer()));
  }
}

refuseToBeRead();
const started = readStart();
process.stdout.write("waiting\n");
new Bridge(await started).listen();

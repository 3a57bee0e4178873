/** OpenCode's process as the bridge holds it. Its password is made here, and is known to that process and this one. */
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes, randomUUID } from "node:crypto";
import type { Socket } from "node:net";
import path from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { StartedSince, ticksNow } from "./command-processes.ts";

/** What is kept for a reader that comes back. */
const MAX_KEPT = 8_192;
const MAX_KEPT_BYTES = 64 * 2 ** 20;
/** After a cancel the agent ends its commands itself; what is left of them after this long is ended here. */
const CANCEL_MS = 3_000;
const LOOK_MS = 50;
const OWN_MS = 30_000;
const HERE = import.meta.dirname;
/**
 * How often a function of OpenCode's runs before it is compiled, and how often before it is compiled well (options of
 * JavaScriptCore; wasm's last). By default that pays after seconds of the same work: a start runs much code a few times,
 * and compiling it takes a sixth of the start's processor time. What is really hot is compiled all the same.
 */
const ENGINE_OPTIONS = {
  BUN_JSC_thresholdForJITAfterWarmUp: "3000",
  BUN_JSC_thresholdForOptimizeAfterWarmUp: "10000",
  BUN_JSC_thresholdForOptimizeAfterLongWarmUp: "10000",
  BUN_JSC_thresholdForOptimizeSoon: "10000",
  BUN_JSC_thresholdForFTLOptimizeAfterWarmUp: "1000000",
  BUN_JSC_thresholdForBBQOptimizeAfterWarmUp: "1500",
  BUN_JSC_thresholdForOMGOptimizeAfterWarmUp: "500000",
};

/** How OpenCode is started, or what it gets when it is claimed. */
export interface Setup {
  agentPort: number;
  /** Variables of OpenCode's that no tool gets to see. */
  settings: Record<string, string>;
  /** Other variables of OpenCode's. */
  env: Record<string, string>;
}

export interface Kept {
  id: number;
  text: string;
}

export interface Message {
  id?: string | number;
  method?: string;
}

/** OpenCode's process, and what it says on ACP. */
export class Agent {
  readonly #password = randomBytes(32).toString("hex");
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
  readonly #setup: Setup;
  /** While nobody has claimed it, what it says concerns nobody but the bridge. */
  #isWarm = false;
  /** What it has answered to `initialize` before it was claimed. */
  #initialized: object | undefined;

  constructor(setup: Setup) {
    this.#setup = setup;
  }

  /**
   * Starts OpenCode before it is known for whom, and has it open a session of no one's in a folder without anything, so
   * that what is slow once has been done.
   * @throws Error where it does not come up
   */
  async warmUp(): Promise<void> {
    this.#isWarm = true;
    await this.run();
    this.#initialized = await this.#ask("initialize", {
      protocolVersion: 1,
      clientCapabilities: { fs: { readTextFile: false, writeTextFile: false }, terminal: false },
    });
    const { sessionId } = (await this.#ask("session/new", { cwd: HERE, mcpServers: [] })) as {
      sessionId?: string;
    };
    // Nothing of it stays in the store, or in memory.
    const nowhere = `?directory=${encodeURIComponent(HERE)}`;
    await this.#forget("DELETE", `/session/${encodeURIComponent(sessionId ?? "")}${nowhere}`);
    await this.#forget("POST", `/instance/dispose${nowhere}`);
  }

  /** Gives OpenCode what its session is made of; from here on it is that session's. @throws Error */
  async claim({ settings, env }: Setup): Promise<void> {
    const channel = this.#child?.stdio[3] as Socket;
    const claimed = once(channel, "claimed");
    channel.write(`${JSON.stringify({ settings, env })}\n`);
    await claimed;
    this.#isWarm = false;
  }

  /** Rejects once OpenCode has ended. */
  async ended(): Promise<never> {
    await new Promise((resolve) => this.#child?.once("exit", resolve));
    throw new Error("OpenCode ended while it waited");
  }

  async #ask(method: string, params: object): Promise<object> {
    const id = randomUUID();
    const answer = await this.send(JSON.stringify({ jsonrpc: "2.0", id, method, params }), { id, method });
    const { result } = JSON.parse(answer ?? "{}") as { result?: object };
    if (!result)
      throw new Error(`OpenCode did not answer ${method}: ${(answer ?? "it ended").slice(0, 500)}`);
    return result;
  }

  async #forget(method: string, target: string): Promise<void> {
    const answer = await this.ownServer(method, target);
    await answer.body?.cancel();
    if (!answer.ok) throw new Error(`OpenCode's own server answered ${answer.status} to ${method} ${target}`);
  }

  /** Starts OpenCode, once. @throws Error where it ends before it has taken its settings */
  async run(): Promise<void> {
    const { agentPort, env, settings } = this.#setup;
    const child = spawn(process.execPath, ["acp", "--hostname", "127.0.0.1", "--port", String(agentPort)], {
      // Whatever lies in the workspace is not read as the program's own settings.
      cwd: HERE,
      env: {
        ...toolsEnvironment(),
        ...env,
        ...ENGINE_OPTIONS,
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
    channel.write(`${JSON.stringify({ ...settings, OPENCODE_SERVER_PASSWORD: this.#password })}\n`);
    await settled;
  }

  /** The password leaves OpenCode's environment, and its server is seen to want it. @throws Error */
  async #seal(): Promise<void> {
    const channel = this.#child?.stdio[3] as Socket;
    const sealed = once(channel, "sealed");
    channel.write(this.#isWarm ? "seal and wait\n" : "seal\n");
    await sealed;
    const open = await fetch(`http://127.0.0.1:${this.#setup.agentPort}/permission`, { method: "GET" });
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
    if (!this.#isWarm) this.#keep({ id: ++this.#lastId, text });
    if (answered !== undefined) {
      this.#waiting.get(answered)?.(text);
      this.#waiting.delete(answered);
    }
  }

  #keep(kept: Kept): void {
    this.#kept.push(kept);
    this.#keptBytes += kept.text.length;
    while (this.#kept.length > MAX_KEPT || (this.#keptBytes > MAX_KEPT_BYTES && this.#kept.length > 1))
      this.#keptBytes -= this.#kept.shift()?.text.length ?? 0;
    for (const reader of this.#readers) reader(kept);
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
    if (message.method === "initialize" && this.#initialized && call !== undefined) {
      // It takes that once, and has had it.
      this.#initializing = undefined;
      this.#tell(JSON.stringify({ jsonrpc: "2.0", id: message.id, result: this.#initialized }), call);
    } else this.#child?.stdin?.write(`${line}\n`);
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

  /** A request to OpenCode's own server, in the name of its one user. */
  async ownServer(method: string, target: string, body: Buffer = Buffer.alloc(0)): Promise<Response> {
    const authorization = `Basic ${Buffer.from(`opencode:${this.#password}`).toString("base64")}`;
    return await fetch(`http://127.0.0.1:${this.#setup.agentPort}${target}`, {
      method,
      headers: { authorization, ...(body.length > 0 && { "content-type": "application/json" }) },
      ...(body.length > 0 && { body: new Uint8Array(body) }),
      redirect: "manual",
      signal: AbortSignal.timeout(OWN_MS),
    });
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

import { spawn } from "node:child_process";
import { statSync } from "node:fs";
import { constants } from "node:os";
import type { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { count, flag, type Message, record, RpcError, type ServerStream, text, textMap } from "./rpc.ts";
import { checkSize, Terminal } from "./terminal.ts";
import { resolvePath, type User } from "./users.ts";

/** How long a finished command waits for output of children that still hold its pipes. */
const HELD_PIPE_MS = 1_000;

type OutputName = "stdout" | "stderr" | "pty";

/** How a process is talked to: by pipes or by a terminal. */
interface Talk {
  pid: number;
  outputs: [OutputName, Readable][];
  /** Absent if it has no stdin, or has a terminal. */
  stdin?: { write(bytes: Buffer): Promise<void>; end(): void };
  terminal?: Terminal;
  /** Settles when the process itself has ended; processes that it started may still hold its outputs. */
  exited: Promise<{ code: number | null; signal: string | null }>;
}

interface Running extends Talk {
  tag: string | undefined;
  config: Message;
  streams: Set<ServerStream>;
}

/** A command with its folder and environment. */
interface Command {
  command: string;
  args: string[];
  cwd: string;
  env: Record<string, string>;
}

const running = new Map<number, Running>();

/** Signals the whole process group: a shell's children end with it. */
function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

function find(message: Message): Running {
  const selector = record(message, "process");
  const pid = count(selector, "pid");
  const tag = text(selector, "tag");
  const found =
    pid === undefined
      ? [...running.values()].find((p) => tag !== undefined && p.tag === tag)
      : running.get(pid);
  if (!found) {
    throw new RpcError(
      "not_found",
      `process with ${pid === undefined ? `tag ${tag}` : `pid ${pid}`} not found`,
    );
  }
  return found;
}

const isBehind = (process: Running): boolean => [...process.streams].some((stream) => stream.behind);

/** A reader that falls behind stops the command's output until it has caught up, so nothing piles up here. */
function regulate(process: Running): void {
  const behind = isBehind(process);
  for (const [, output] of process.outputs) {
    if (behind) output.pause();
    else output.resume();
  }
}

function attach(process: Running, stream: ServerStream): void {
  process.streams.add(stream);
  stream.onDrain(() => regulate(process));
  stream.onClose(() => {
    process.streams.delete(stream);
    regulate(process);
  });
  stream.send({ event: { start: { pid: process.pid } } });
}

function broadcast(process: Running, event: Message): void {
  for (const stream of process.streams) stream.send({ event });
}

/** E2B's `EndEvent`; Go's wording of exits, which the SDK passes on as `error`. */
function endEvent(code: number | null, signal: string | null): Message {
  if (signal) {
    const name = signal === "SIGKILL" ? "killed" : signal === "SIGTERM" ? "terminated" : signal;
    return { exitCode: -1, exited: false, status: `signal: ${name}`, error: `signal: ${name}` };
  }
  const status = `exit status ${code}`;
  return { exitCode: code ?? -1, exited: true, status, ...(code !== 0 && { error: status }) };
}

/**
 * Settles when all output of an ended process has been read. A background child that keeps the pipes open
 * must not hold the result, and a slow reader must not lose the last of it.
 */
async function drained(process: Running, closed: Promise<unknown>): Promise<void> {
  for (let quietMs = 0; quietMs < HELD_PIPE_MS; quietMs += HELD_PIPE_MS / 4) {
    const over = new AbortController();
    const waited = delay(HELD_PIPE_MS / 4, "open", { signal: over.signal }).catch(() => "open");
    const state = await Promise.race([waited, closed.then(() => "closed")]);
    over.abort();
    if (state === "closed") return;
    if (isBehind(process)) quietMs = 0;
  }
}

async function follow(process: Running): Promise<void> {
  const closed = Promise.all(
    process.outputs.map(([, output]) => new Promise((resolve) => output.once("close", resolve))),
  );
  for (const [name, output] of process.outputs) {
    output.on("data", (bytes: Buffer) => {
      broadcast(process, { data: { [name]: bytes.toString("base64") } });
      if (process.streams.size > 0) regulate(process);
    });
  }
  const { code, signal } = await process.exited;
  await drained(process, closed);
  running.delete(process.pid);
  broadcast(process, { end: endEvent(code, signal) });
  for (const stream of process.streams) stream.end();
  process.streams.clear();
  // What still holds a pipe may go on writing; a terminal hangs up.
  regulate(process);
  process.terminal?.output.destroy();
}

/** Starts a command with pipes. */
async function startPiped({ command, args, cwd, env }: Command, withStdin: boolean): Promise<Talk> {
  const child = spawn(command, args, {
    cwd,
    env: env as NodeJS.ProcessEnv,
    stdio: [withStdin ? "pipe" : "ignore", "pipe", "pipe"],
    detached: true,
  });
  const exited = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    child.once("exit", (code, signal) => resolve({ code, signal }));
  });
  const failure = await new Promise<Error | undefined>((resolve) => {
    child.once("error", resolve);
    child.once("spawn", () => resolve(undefined));
  });
  const { pid, stdin, stdout, stderr } = child;
  if (failure || pid === undefined || !stdout || !stderr) {
    throw new RpcError("invalid_argument", `cannot start '${command}': ${failure?.message ?? "no process"}`);
  }
  stdin?.on("error", () => stdin.destroy());
  const outputs: Talk["outputs"] = [
    ["stdout", stdout],
    ["stderr", stderr],
  ];
  if (!stdin) return { pid, outputs, exited };
  const write = (bytes: Buffer) =>
    new Promise<void>((resolve, reject) => {
      if (!stdin.writable) reject(new RpcError("failed_precondition", "the process has no open stdin"));
      else stdin.write(bytes, (error) => (error ? reject(error) : resolve()));
    });
  return { pid, outputs, exited, stdin: { write, end: () => stdin.end() } };
}

const nameOfSignal = (number: number): string =>
  Object.entries(constants.signals).find(([, value]) => value === number)?.[0] ?? `SIG${number}`;

/** Starts a command on a terminal of its own. */
function startTerminal(command: Command, pty: Message): Talk {
  const asked = record(pty, "size");
  const size = checkSize({ cols: count(asked, "cols"), rows: count(asked, "rows") });
  let onExit: (code: number, signal: number) => void = () => undefined;
  const exited: Talk["exited"] = new Promise((resolve) => {
    onExit = (code, signal) =>
      resolve(signal === 0 ? { code, signal: null } : { code: null, signal: nameOfSignal(signal) });
  });
  const terminal = new Terminal({ ...command, size, onExit });
  return { pid: terminal.pid, outputs: [["pty", terminal.output]], terminal, exited };
}

export interface StartOptions {
  /** The environment that every process gets before its own. */
  env: Record<string, string>;
  /** Kills the process after this long; 0 means never. */
  timeoutMs: number;
}

/** Starts a command and streams it: start, data…, end. The process outlives a reader that leaves. */
export async function startProcess(
  message: Message,
  user: User,
  stream: ServerStream,
  options: StartOptions,
): Promise<void> {
  const config = record(message, "process");
  const command = text(config, "cmd") ?? "";
  const args = Array.isArray(config["args"]) ? config["args"].map(String) : [];
  const envs = textMap(config, "envs");
  const cwd = resolvePath(text(config, "cwd") ?? "", user);
  if (!statSync(cwd, { throwIfNoEntry: false })?.isDirectory()) {
    throw new RpcError("invalid_argument", `cwd '${cwd}' does not exist`);
  }
  const env: Record<string, string> = {
    ...options.env,
    HOME: user.home,
    USER: user.name,
    LOGNAME: user.name,
    ...envs,
  };
  const pty = message["pty"];
  const talk =
    pty === undefined || pty === null
      ? await startPiped({ command, args, cwd, env }, flag(message, "stdin") !== false)
      : startTerminal({ command, args, cwd, env }, record(message, "pty"));
  const started: Running = {
    ...talk,
    tag: text(message, "tag"),
    config: { cmd: command, args, envs, ...(text(config, "cwd") && { cwd }) },
    streams: new Set(),
  };
  running.set(started.pid, started);
  attach(started, stream);
  void follow(started);
  if (options.timeoutMs > 0) {
    const timer = setTimeout(() => {
      signalGroup(started.pid, "SIGKILL");
      stream.end(new RpcError("deadline_exceeded", "the command ran longer than its timeout"));
    }, options.timeoutMs);
    void started.exited.then(() => clearTimeout(timer));
  }
}

/** Streams a command that already runs, from now on. */
export function connectProcess(message: Message, stream: ServerStream): void {
  attach(find(message), stream);
}

async function sendInput(message: Message): Promise<Message> {
  const { stdin, terminal } = find(message);
  const input = record(message, "input");
  const [forTerminal, forStdin] = [text(input, "pty"), text(input, "stdin")];
  if (forTerminal !== undefined) {
    if (!terminal) throw new RpcError("failed_precondition", "the process has no terminal");
    await terminal.write(Buffer.from(forTerminal, "base64"));
  } else if (forStdin !== undefined) {
    if (!stdin) throw new RpcError("failed_precondition", "the process has no open stdin");
    await stdin.write(Buffer.from(forStdin, "base64"));
  } else {
    throw new RpcError("invalid_argument", "input.stdin or input.pty is required");
  }
  return {};
}

async function update(message: Message): Promise<Message> {
  const { terminal } = find(message);
  if (message["pty"] === undefined || message["pty"] === null) return {};
  if (!terminal) throw new RpcError("failed_precondition", "the process has no terminal");
  const size = record(record(message, "pty"), "size");
  terminal.resize(checkSize({ cols: count(size, "cols"), rows: count(size, "rows") }));
  return {};
}

/** The unary methods of `process.Process`. */
export const processMethods: Record<string, (message: Message) => Promise<Message>> = {
  List: async () => ({
    processes: [...running.values()].map(({ pid, tag, config }) => ({ pid, config, ...(tag && { tag }) })),
  }),
  SendInput: sendInput,
  Update: update,
  CloseStdin: async (message) => {
    find(message).stdin?.end();
    return {};
  },
  SendSignal: async (message) => {
    const { pid } = find(message);
    const asked = message["signal"];
    const isKill = asked === "SIGNAL_SIGKILL" || asked === 9;
    if (!isKill && asked !== "SIGNAL_SIGTERM" && asked !== 15) {
      throw new RpcError("invalid_argument", `unknown signal: ${JSON.stringify(asked)}`);
    }
    signalGroup(pid, isKill ? "SIGKILL" : "SIGTERM");
    return {};
  },
};

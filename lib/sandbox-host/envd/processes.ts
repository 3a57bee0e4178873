import { type ChildProcess, spawn } from "node:child_process";
import { statSync } from "node:fs";
import { count, flag, type Message, record, RpcError, type ServerStream, text, textMap } from "./rpc.ts";
import { resolvePath, type User } from "./users.ts";

/** How long a finished command waits for output of children that still hold its pipes. */
const HELD_PIPE_MS = 1_000;

interface Running {
  pid: number;
  tag: string | undefined;
  config: Message;
  child: ChildProcess;
  streams: Set<ServerStream>;
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

/** A reader that falls behind stops the command's output until it has caught up, so nothing piles up here. */
function regulate(process: Running): void {
  const behind = [...process.streams].some((stream) => stream.behind);
  for (const pipe of [process.child.stdout, process.child.stderr]) {
    if (behind) pipe?.pause();
    else pipe?.resume();
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
function endEvent(code: number | null, signal: NodeJS.Signals | null): Message {
  if (signal) {
    const name = signal === "SIGKILL" ? "killed" : signal === "SIGTERM" ? "terminated" : signal;
    return { exitCode: -1, exited: false, status: `signal: ${name}`, error: `signal: ${name}` };
  }
  const status = `exit status ${code}`;
  return { exitCode: code ?? -1, exited: true, status, ...(code !== 0 && { error: status }) };
}

function follow(process: Running): void {
  const { child } = process;
  let ended = false;
  const finish = (code: number | null, signal: NodeJS.Signals | null) => {
    if (ended) return;
    ended = true;
    running.delete(process.pid);
    broadcast(process, { end: endEvent(code, signal) });
    for (const stream of process.streams) stream.end();
    process.streams.clear();
    regulate(process);
  };
  for (const name of ["stdout", "stderr"] as const) {
    child[name]?.on("data", (bytes: Buffer) => {
      broadcast(process, { data: { [name]: bytes.toString("base64") } });
      if (process.streams.size > 0) regulate(process);
    });
  }
  child.stdin?.on("error", () => child.stdin?.destroy());
  // `close` follows the last output. A background child that keeps the pipes open must not hold the result.
  child.on("close", finish);
  child.on("exit", (code, signal) => setTimeout(() => finish(code, signal), HELD_PIPE_MS));
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
  if (message["pty"] !== undefined && message["pty"] !== null) {
    throw new RpcError("unimplemented", "terminals (PTY) are not emulated by this host");
  }
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
  const child = spawn(command, args, {
    cwd,
    env: env as NodeJS.ProcessEnv,
    stdio: [flag(message, "stdin") === false ? "ignore" : "pipe", "pipe", "pipe"],
    detached: true,
  });
  const failure = await new Promise<Error | undefined>((resolve) => {
    child.once("error", resolve);
    child.once("spawn", () => resolve(undefined));
  });
  if (failure || child.pid === undefined) {
    throw new RpcError("invalid_argument", `cannot start '${command}': ${failure?.message ?? "no process"}`);
  }
  const started: Running = {
    pid: child.pid,
    tag: text(message, "tag"),
    config: { cmd: command, args, envs, ...(text(config, "cwd") && { cwd }) },
    child,
    streams: new Set(),
  };
  running.set(started.pid, started);
  attach(started, stream);
  follow(started);
  if (options.timeoutMs > 0) {
    const timer = setTimeout(() => {
      signalGroup(started.pid, "SIGKILL");
      stream.end(new RpcError("deadline_exceeded", "the command ran longer than its timeout"));
    }, options.timeoutMs);
    child.once("exit", () => clearTimeout(timer));
  }
}

/** Streams a command that already runs, from now on. */
export function connectProcess(message: Message, stream: ServerStream): void {
  attach(find(message), stream);
}

async function sendInput(message: Message): Promise<Message> {
  const { stdin } = find(message).child;
  const data = text(record(message, "input"), "stdin");
  if (data === undefined) throw new RpcError("invalid_argument", "input.stdin is required");
  if (!stdin?.writable) throw new RpcError("failed_precondition", "the process has no open stdin");
  const bytes = Buffer.from(data, "base64");
  await new Promise<void>((resolve, reject) => {
    stdin.write(bytes, (error) => (error ? reject(error) : resolve()));
  });
  return {};
}

/** The unary methods of `process.Process`. */
export const processMethods: Record<string, (message: Message) => Promise<Message>> = {
  List: async () => ({
    processes: [...running.values()].map(({ pid, tag, config }) => ({ pid, config, ...(tag && { tag }) })),
  }),
  SendInput: sendInput,
  CloseStdin: async (message) => {
    find(message).child.stdin?.end();
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

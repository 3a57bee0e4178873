import fs from "node:fs";
import { createRequire } from "node:module";
import { setTimeout } from "node:timers/promises";
import tty from "node:tty";
import { RpcError } from "./rpc.ts";

/** Where the host shows the addon of node-pty, which opens terminals. */
const ADDON = "/envd/pty.node";
const RETRY_MS = 10;
/** The kernel keeps rows and columns in 16 bits each; no screen comes near. */
const MAX_CELLS = 10_000;
const NOT_CHANGED = -1;

/** The functions of node-pty 1.1's addon (src/unix/pty.cc) that are used here. */
interface Addon {
  fork(
    file: string,
    args: string[],
    env: string[],
    cwd: string,
    cols: number,
    rows: number,
    uid: number,
    gid: number,
    utf8: boolean,
    helperPath: string,
    onExit: (code: number, signal: number) => void,
  ): { fd: number; pid: number };
  resize(fd: number, cols: number, rows: number): void;
}

export interface Size {
  cols: number;
  rows: number;
}

export interface TerminalOptions {
  command: string;
  args: string[];
  env: Record<string, string>;
  cwd: string;
  size: Size;
  onExit: (code: number, signal: number) => void;
}

function loadAddon(): Addon {
  try {
    return createRequire(ADDON)(ADDON) as Addon;
  } catch (error) {
    const reason = error instanceof Error ? error.message.split("\n")[0] : String(error);
    throw new RpcError("unimplemented", `this host cannot open terminals: ${reason}`);
  }
}

/** @throws RpcError invalid_argument for a size that no terminal has */
export function checkSize({ cols, rows }: { cols: number | undefined; rows: number | undefined }): Size {
  if (!cols || !rows || cols > MAX_CELLS || rows > MAX_CELLS) {
    throw new RpcError("invalid_argument", `a terminal has 1 to ${MAX_CELLS} columns and rows`);
  }
  return { cols, rows };
}

/** A process that leads a session on a terminal of its own. */
export class Terminal {
  readonly pid: number;
  /** What the process writes; it closes when no process has the terminal open. */
  readonly output: tty.ReadStream;
  private readonly addon = loadAddon();
  private readonly fd: number;
  private writing = Promise.resolve();

  /** Starts the process. A command that cannot be run shows as exit code 1. */
  constructor({ command, args, env, cwd, size, onExit }: TerminalOptions) {
    const pairs = Object.entries(env).map(([name, value]) => `${name}=${value}`);
    const { cols, rows } = size;
    const started = this.addon.fork(
      command,
      args,
      pairs,
      cwd,
      cols,
      rows,
      NOT_CHANGED,
      NOT_CHANGED,
      true,
      "",
      onExit,
    );
    this.pid = started.pid;
    this.fd = started.fd;
    this.output = new tty.ReadStream(this.fd);
    // EIO is how Linux says that the other side has been closed.
    this.output.on("error", () => this.output.destroy());
  }

  resize({ cols, rows }: Size): void {
    if (!this.output.destroyed) this.addon.resize(this.fd, cols, rows);
  }

  /**
   * Types `bytes`, after what was typed before. It settles once the terminal has them all, or is closed. The
   * stream's own write would block this whole process where the program in the terminal does not read.
   */
  write(bytes: Buffer): Promise<void> {
    this.writing = this.writing.then(() => this.writeNow(bytes));
    return this.writing;
  }

  private async writeNow(bytes: Buffer): Promise<void> {
    let written = 0;
    while (written < bytes.length && !this.output.destroyed) {
      try {
        written += fs.writeSync(this.fd, bytes, written);
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === "EIO" || code === "EBADF") return;
        if (code !== "EAGAIN") throw error;
        // Without a limit: it ends where the program reads, or the terminal is closed.
        await setTimeout(RETRY_MS);
      }
    }
  }
}

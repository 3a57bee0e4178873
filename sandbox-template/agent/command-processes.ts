/** The processes that the agent's commands, and people in terminals, have started, as /proc shows them. */
import fs from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** Every process of a command has it in its environment (shell.pl): the process id of the command's shell. */
const MARK = /(?:^|\0)STUDIO_COMMAND=(\d+)(?:\0|$)/;
/** Every process of a terminal has it: see lib/server/terminals. */
const TERMINAL_MARK = /(?:^|\0)STUDIO_TERMINAL=[^\0]/;
/** Unit of the times in /proc/pid/stat: USER_HZ, which is 100 wherever Linux shows it. */
const TICKS_PER_SECOND = 100;
const MAX_COMMAND_CHARS = 500;
/** Of a page of memory, as /proc counts it: on x86-64, the one machine that sandboxes run on. */
const PAGE_BYTES = 4_096;
/** How long processes are watched for what they use of a processor. */
const WATCH_MS = 200;
const TERM_MS = 2_000;
const KILL_MS = 3_000;
const LOOK_MS = 50;

export interface CommandProcess {
  pid: number;
  command: string;
  /** Epoch milliseconds. */
  since: number;
  /** Ports that it listens on. */
  ports: number[];
  /** In memory now, with what it shares with others. */
  memoryBytes: number;
  /** Where it was begun: by the agent, or by a person. */
  from: "command" | "terminal";
}

interface Entry {
  pid: number;
  parent: number;
  session: number;
  /** Ticks since the machine's start. */
  started: number;
  /** Of the terminal that it holds; 0 where it has none. */
  tty: number;
  /** The shell of the command that it belongs to; undefined for what no command has started. */
  shell?: number;
  /** A person has begun it in a terminal, or it is that terminal's shell. */
  inTerminal: boolean;
}

function read(file: string): string {
  try {
    return fs.readFileSync(file, "latin1");
  } catch {
    // It has ended, or is not readable for its own kind.
    return "";
  }
}

function entryOf(pid: number): Entry | undefined {
  const stat = read(`/proc/${pid}/stat`);
  // The name in parentheses may contain anything.
  const [state, parent, , session, tty, ...rest] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  if (parent === undefined || state === "Z" || state === "X") return undefined;
  const environment = read(`/proc/${pid}/environ`);
  const shell = MARK.exec(environment)?.[1];
  return {
    pid,
    parent: Number(parent),
    session: Number(session),
    tty: Number(tty),
    started: Number(rest[14]),
    inTerminal: shell === undefined && TERMINAL_MARK.test(environment),
    ...(shell !== undefined && { shell: Number(shell) }),
  };
}

/** All processes. What has dropped the mark belongs to the command of its parent or of its session. */
function processes(): Entry[] {
  const all = fs
    .readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => entryOf(Number(name)) ?? []);
  const byPid = new Map(all.map((entry) => [entry.pid, entry]));
  const sessions = new Map(
    all.flatMap(({ session, shell }) => (shell === undefined ? [] : [[session, shell]])),
  );
  for (let found = true; found;) {
    found = false;
    for (const entry of all) {
      if (!entry.inTerminal && entry.shell === undefined && byPid.get(entry.parent)?.inTerminal) {
        entry.inTerminal = true;
        found = true;
      }
      if (entry.inTerminal) continue;
      const shell = entry.shell ?? sessions.get(entry.session) ?? byPid.get(entry.parent)?.shell;
      if (shell === undefined || entry.shell !== undefined) continue;
      entry.shell = shell;
      found = true;
    }
  }
  return all;
}

/** The machine's clock in ticks, by which processes are older or younger. */
export function ticksNow(): number {
  return Math.floor(Number(read("/proc/uptime").split(" ")[0]) * TICKS_PER_SECOND);
}

/** Ports that are listened on, by the number of their socket. */
function listening(): Map<string, number> {
  const lines = ["/proc/net/tcp", "/proc/net/tcp6"].flatMap((file) => read(file).split("\n"));
  return new Map(
    lines.flatMap((line) => {
      const [, local, , state, , , , , , inode] = line.trim().split(/\s+/);
      if (state !== "0A" || inode === undefined || local === undefined) return [];
      return [[inode, Number.parseInt(local.slice(local.lastIndexOf(":") + 1), 16)] as const];
    }),
  );
}

function portsOf(pid: number, ports: ReadonlyMap<string, number>): number[] {
  let names: string[];
  try {
    names = fs.readdirSync(`/proc/${pid}/fd`);
  } catch {
    return [];
  }
  const found = names.flatMap((name) => {
    try {
      const inode = /^socket:\[(\d+)\]$/.exec(fs.readlinkSync(`/proc/${pid}/fd/${name}`))?.[1];
      return (inode !== undefined && ports.get(inode)) || [];
    } catch {
      return [];
    }
  });
  return [...new Set(found)].toSorted((a, b) => a - b);
}

function leftEntries(): Entry[] {
  const all = processes();
  const shells = new Set(all.filter(({ pid, shell }) => pid === shell).map(({ pid }) => pid));
  const people = new Set(all.filter(({ inTerminal }) => inTerminal).map(({ pid }) => pid));
  // The shell that a person types into: the first of its terminal.
  const isPrompt = ({ pid, parent, session, tty }: Entry) =>
    pid === session && tty !== 0 && !people.has(parent);
  return all.filter((entry) =>
    entry.inTerminal ? !isPrompt(entry) : entry.shell !== undefined && !shells.has(entry.shell),
  );
}

/** What commands have left running, whose shells have ended, and what runs in terminals. The oldest first. */
export function leftRunning(): CommandProcess[] {
  const ports = listening();
  const now = ticksNow();
  return leftEntries()
    .toSorted((a, b) => a.started - b.started || a.pid - b.pid)
    .map(({ pid, started, inTerminal }) => ({
      pid,
      from: inTerminal ? ("terminal" as const) : ("command" as const),
      command: Buffer.from(read(`/proc/${pid}/cmdline`), "latin1")
        .toString("utf8")
        .replaceAll("\0", " ")
        .trim()
        .slice(0, MAX_COMMAND_CHARS),
      since: Math.round(Date.now() - ((now - started) * 1_000) / TICKS_PER_SECOND),
      ports: portsOf(pid, ports),
      memoryBytes: Number(read(`/proc/${pid}/statm`).split(" ")[1] ?? 0) * PAGE_BYTES,
    }));
}

/** Ticks that a process has used of processors so far; undefined where it has ended. */
function ticksOf(pid: number): number | undefined {
  const stat = read(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields.length > 12 ? Number(fields[11]) + Number(fields[12]) : undefined;
}

/** Processes with what each uses of one processor now, in percent. */
export async function withCpu<T extends { pid: number }>(
  found: readonly T[],
): Promise<(T & { cpuPercent: number })[]> {
  const before = found.map(({ pid }) => ticksOf(pid));
  const from = performance.now();
  if (found.length > 0) await sleep(WATCH_MS);
  const seconds = (performance.now() - from) / 1_000;
  return found.map((one, index) => {
    const used = (ticksOf(one.pid) ?? 0) - (before[index] ?? 0);
    return { ...one, cpuPercent: Math.max(0, Math.round((used / TICKS_PER_SECOND / seconds) * 100)) || 0 };
  });
}

function signal(found: readonly Entry[], name: "SIGTERM" | "SIGKILL"): void {
  for (const { pid } of found)
    try {
      process.kill(pid, name);
    } catch {
      // It has ended meanwhile.
    }
}

/** Ends what `select` finds, by SIGTERM and then by SIGKILL, until it finds nothing. @returns whether it does */
async function end(select: () => Entry[]): Promise<boolean> {
  const from = performance.now();
  const asked = new Set<number>();
  for (;;) {
    const left = select();
    const passed = performance.now() - from;
    if (left.length === 0) return true;
    if (passed > TERM_MS + KILL_MS) return false;
    if (passed > TERM_MS) signal(left, "SIGKILL");
    else
      signal(
        left.filter(({ pid }) => !asked.has(pid)),
        "SIGTERM",
      );
    for (const { pid } of left) asked.add(pid);
    await sleep(LOOK_MS);
  }
}

/** What commands have started since a moment, which stays known where it drops the mark and loses its parent. */
export class StartedSince {
  readonly #from: number;
  readonly #known = new Set<string>();

  /** @param from in ticks of {@link ticksNow} */
  constructor(from: number) {
    this.#from = from;
    this.#look(undefined);
  }

  #look(until: number | undefined): Entry[] {
    const key = ({ pid, started }: Entry) => `${pid} ${started}`;
    const all = processes();
    for (const entry of all) {
      const { shell, started } = entry;
      const within = started >= this.#from && started < (until ?? Number.POSITIVE_INFINITY);
      if (shell !== undefined && within) this.#known.add(key(entry));
    }
    return all.filter((entry) => this.#known.has(key(entry)));
  }

  /** Ends it all. @param until gives the moment from which on something else starts. @returns whether all has ended */
  async end(until: () => number | undefined): Promise<boolean> {
    return await end(() => this.#look(until()));
  }
}

/** Ends one of {@link leftRunning}, and what it has started. Idempotent. */
export async function endLeft(pid: number): Promise<boolean> {
  const doomed = new Set([pid]);
  return await end(() => {
    const left = leftEntries();
    for (let size = 0; size !== doomed.size;) {
      size = doomed.size;
      for (const entry of left) if (doomed.has(entry.parent)) doomed.add(entry.pid);
    }
    return left.filter((entry) => doomed.has(entry.pid));
  });
}

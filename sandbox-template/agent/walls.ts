/**
 * `node walls.mjs` tries what a sandbox must refuse, as any program of its user could, and prints what came of it as
 * JSON. STUDIO_PORTS names ports of the host that must not be reachable, STUDIO_MEMORY_MB what the sandbox may use.
 */
import { spawn, spawnSync } from "node:child_process";
import fs from "node:fs";
import http from "node:http";
import net from "node:net";
import type { WallId } from "#domain/walls.ts";

interface Outcome {
  /** Whether the wall held; null where it could not be tried. */
  held: boolean | null;
  /** Of the kernel's errors, or what else stopped it; see `#domain/walls.ts`. */
  codes: string[];
}

const CONNECT_MS = 1_500;
/** Taking all of a sandbox's memory takes long on a machine that does much else. */
const MEMORY_MS = 45_000;
const STEP_MB = 64;
const METADATA = "169.254.169.254";
/** Where services of a machine often listen. */
const COMMON_PORTS = [22, 2375, 3000, 5432, 6379];
/** By their numbers on Linux (errno.h); perl gives no names without its larger libraries. */
const ERRNO: Record<number, string> = { 1: "EPERM", 3: "ESRCH", 13: "EACCES", 22: "EINVAL", 28: "ENOSPC" };

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? "unknown";
const uniq = (codes: string[]) => [...new Set(codes)];

/** What each attempt threw; undefined for one that did not. */
const outcome = (errors: (string | undefined)[]): Outcome => ({
  held: errors.every((code) => code !== undefined),
  codes: uniq(errors.filter((code) => code !== undefined)),
});

function failing(attempt: () => unknown): string | undefined {
  try {
    attempt();
    return undefined;
  } catch (error) {
    return codeOf(error);
  }
}

/** A system call by perl, the only interpreter that every sandbox has; its error, or undefined where it went through. */
function syscall(...call: (string | number)[]): string | undefined {
  const written = call.map((part) => (typeof part === "number" ? part : `my $s = "${part}"`)).join(", ");
  const script = `exit 0 if syscall(${written}) >= 0; exit 100 + $!`;
  const { status, error } = spawnSync("/usr/bin/perl", ["-e", script], { timeout: CONNECT_MS });
  if (error) return codeOf(error);
  if (status === 0) return undefined;
  return ERRNO[(status ?? 0) - 100] ?? `error ${(status ?? 0) - 100}`;
}

const files = () =>
  outcome(
    ["/etc/shadow", "/root/.ssh"].map((file) =>
      failing(() => (fs.statSync(file).isDirectory() ? fs.readdirSync(file) : fs.readFileSync(file))),
    ),
  );

const pids = () =>
  fs
    .readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);

/** Programs of other users, where any are visible at all. */
function programs(): Outcome {
  const own = process.getuid?.();
  const others = pids().filter((pid) => {
    try {
      return fs.statSync(`/proc/${pid}`).uid !== own;
    } catch {
      return false;
    }
  });
  if (others.length === 0) return { held: true, codes: ["ESRCH"] };
  return outcome(others.map((pid) => failing(() => fs.readFileSync(`/proc/${pid}/environ`))));
}

const system = () =>
  outcome(
    ["/usr/bin/env", process.execPath].map((file) => failing(() => fs.closeSync(fs.openSync(file, "r+")))),
  );

/** Whether a connection can be made; the error where it cannot. */
async function connecting(host: string, port: number): Promise<string | undefined> {
  return await new Promise((resolve) => {
    const socket = net.connect({ host, port, timeout: CONNECT_MS });
    const end = (code: string | undefined) => {
      socket.destroy();
      resolve(code);
    };
    socket.once("connect", () => end(undefined));
    socket.once("timeout", () => end("silent"));
    socket.once("error", (error) => end(codeOf(error)));
  });
}

/** The same through the proxy that is the sandbox's way out, where it has one. */
async function tunnelling(host: string, port: number): Promise<string | undefined> {
  const proxy = process.env["HTTPS_PROXY"];
  if (!proxy) return "ENETUNREACH";
  const { hostname, port: at } = new URL(proxy);
  return await new Promise((resolve) => {
    const request = http.request({
      host: hostname,
      port: at,
      method: "CONNECT",
      path: `${host}:${port}`,
      agent: false,
    });
    request.setTimeout(CONNECT_MS, () => request.destroy());
    request.once("connect", (response, socket) => {
      socket.destroy();
      resolve(response.statusCode === 200 ? undefined : "policy");
    });
    request.once("error", () => resolve("silent"));
    request.end();
  });
}

/** Ports that something inside listens on: reaching them says nothing about the host. */
function ownPorts(): Set<number> {
  const lines = ["/proc/net/tcp", "/proc/net/tcp6"].flatMap((file) => {
    try {
      return fs.readFileSync(file, "utf8").split("\n");
    } catch {
      return [];
    }
  });
  return new Set(
    lines.flatMap((line) => {
      const [, local = "", , state] = line.trim().split(/\s+/);
      return state === "0A" ? [Number.parseInt(local.slice(local.lastIndexOf(":") + 1), 16)] : [];
    }),
  );
}

async function ports(): Promise<Outcome> {
  const given = (process.env["STUDIO_PORTS"] ?? "").split(",").filter(Boolean).map(Number);
  const own = ownPorts();
  const tried = [...new Set([...given, ...COMMON_PORTS])].filter((port) => !own.has(port));
  // Through the proxy one is enough: what it refuses stands in the session's log.
  const attempts = [
    ...tried.map(async (port) => await connecting("127.0.0.1", port)),
    ...tried.slice(0, 1).map(async (port) => await tunnelling("127.0.0.1", port)),
  ];
  return outcome(await Promise.all(attempts));
}

const metadata = async () => outcome(await Promise.all([connecting(METADATA, 80), tunnelling(METADATA, 80)]));

const CLONE_NEWUSER = 0x10000000;
const CLONE_NEWNS = 0x00020000;
/** Numbers of the calls on x86-64 (asm/unistd_64.h). */
const CALLS = { mount: 165, unshare: 272, ptrace: 101 };
const PTRACE_ATTACH = 16;

const mount = () =>
  outcome([
    syscall(CALLS.mount, "tmpfs", "/tmp", "tmpfs", 0, 0),
    syscall(CALLS.unshare, CLONE_NEWUSER | CLONE_NEWNS),
  ]);

function agentPid(): number | undefined {
  const named = (pid: number) => {
    try {
      return fs.readFileSync(`/proc/${pid}/comm`, "utf8").trim();
    } catch {
      return "";
    }
  };
  return pids().find((pid) => named(pid) === "opencode");
}

function trace(): Outcome {
  const pid = agentPid();
  if (pid === undefined) return { held: null, codes: [] };
  return outcome([
    syscall(CALLS.ptrace, PTRACE_ATTACH, pid, 0, 0),
    failing(() => fs.closeSync(fs.openSync(`/proc/${pid}/mem`, "r"))),
  ]);
}

/**
 * Takes memory until something ends it. The kernel is asked to end this process first: no other of the sandbox is to
 * suffer from what is only tried.
 */
async function memory(): Promise<Outcome> {
  const limitMb = Number(process.env["STUDIO_MEMORY_MB"]);
  if (!(limitMb > 0)) return { held: null, codes: [] };
  const script = `
    open(my $f, ">", "/proc/self/oom_score_adj") or exit 90; print $f "1000"; close $f or exit 90;
    $| = 1; my @all;
    for (my $mb = 0; $mb < ${limitMb + 4 * STEP_MB}; $mb += ${STEP_MB}) { push @all, "x" x (${STEP_MB} << 20); print "$mb\\n"; }
    exit 91;`;
  return await new Promise((resolve) => {
    const child = spawn("/usr/bin/perl", ["-e", script], { stdio: "ignore" });
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
      resolve({ held: null, codes: ["silent"] });
    }, MEMORY_MS);
    child.once("error", (error) => resolve({ held: null, codes: [codeOf(error)] }));
    child.once("exit", (status, signal) => {
      clearTimeout(timer);
      if (status === 90) resolve({ held: null, codes: [] });
      else if (status === 91) resolve({ held: false, codes: [] });
      else resolve({ held: true, codes: [signal === null ? "unable" : "killed"] });
    });
  });
}

const CHECKS: Record<WallId, () => Outcome | Promise<Outcome>> = {
  files,
  programs,
  system,
  ports,
  metadata,
  mount,
  trace,
  memory,
};

const done: ({ id: string } & Outcome)[] = [];
for (const [id, check] of Object.entries(CHECKS)) done.push({ id, ...(await check()) });
process.stdout.write(JSON.stringify(done));

/**
 * `npm run bench:sandbox [-- --json]`: what a sandbox of the local host costs, beside bare bubblewrap and bare
 * Node on the same machine in the same minute. It informs: it fails only where it cannot measure.
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import type { Sandbox } from "e2b";
import { API_KEY, HostProcess, temporaryFolder } from "../contract/sandbox-host/host-process.ts";
import { type Figure, median, percentile, report, table } from "./figures.ts";

const ROUNDS = 40;
const READY_ROUNDS = 15;
const AT_ONCE = 10;
const BYTES = 50_000_000;
const FILES = 200;

const { values } = parseArgs({ options: { json: { type: "boolean", default: false } } });
const progress = (line: string) => process.stderr.write(`${line}\n`);

async function timed(action: () => unknown): Promise<number> {
  const started = performance.now();
  await action();
  return performance.now() - started;
}

/** The namespaces and mounts that any sandbox needs at least, around a command that does nothing. */
const BARE = ["--unshare-all", "--ro-bind", "/usr", "/usr", "--symlink", "usr/lib", "/lib"].concat(
  ["--symlink", "usr/lib64", "/lib64", "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp"],
  ["/usr/bin/true"],
);

async function bareTimes(program: string, args: string[]): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < ROUNDS; i++) {
    times.push(
      await timed(() => {
        const { status, stderr } = spawnSync(program, args);
        if (status !== 0) throw new Error(`${program} failed: ${String(stderr)}`);
      }),
    );
  }
  return median(times);
}

/** Memory that a process has for itself and its share of what it has with others, in MB. */
function proportionalMb(pid: number): number {
  const text = fs.readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  return Number(/^Pss:\s+(\d+)/m.exec(text)?.[1]) / 1024;
}

const pidsOf = (pid: number): number[] => {
  const children = fs.readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean);
  return [pid, ...children.flatMap((child) => pidsOf(Number(child)))];
};

/** Idle sandboxes beside idle Node processes: as many of each, since they share pages. */
async function idleMemory(host: HostProcess): Promise<Figure> {
  const sandboxes = await Promise.all(Array.from({ length: AT_ONCE }, () => host.create()));
  const nodes: ChildProcess[] = sandboxes.map(() =>
    spawn(process.execPath, ["--max-semi-space-size=1", "-e", "setInterval(() => {}, 1e9)"]),
  );
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  const sum = (pids: number[]) => pids.map(proportionalMb).reduce((a, b) => a + b, 0) / AT_ONCE;
  const inside = sum(pidsOf(host.child.pid ?? 0).slice(1));
  const bare = sum(nodes.map((node) => node.pid ?? 0));
  for (const node of nodes) node.kill();
  await Promise.all(sandboxes.map((sandbox) => sandbox.kill()));
  return {
    name: "idle sandbox, memory",
    unit: "MB",
    measured: inside,
    baseline: bare,
    against: "added",
    aim: 20,
    note: "all its processes; beside Node that does nothing",
  };
}

interface Lives {
  create: number[];
  first: number[];
  kill: number[];
  /** How many had been started before they were asked for, as the host says of each. */
  ready: number;
}

async function wasReady(host: HostProcess, sandbox: Sandbox | undefined): Promise<boolean> {
  const response = await fetch(`${host.url}/sandboxes/${sandbox?.sandboxId}`, {
    headers: { "x-api-key": API_KEY },
  });
  return ((await response.json()) as { wasReady: boolean }).wasReady;
}

/** Sandboxes one after the other; `before` is waited for before each. */
async function lives(host: HostProcess, rounds: number, before?: () => Promise<void>): Promise<Lives> {
  const times: Lives = { create: [], first: [], kill: [], ready: 0 };
  for (let i = 0; i < rounds; i++) {
    let sandbox: Sandbox | undefined;
    await before?.();
    times.create.push(
      await timed(async () => {
        sandbox = await host.create();
      }),
    );
    times.first.push(await timed(() => sandbox?.commands.run("true")));
    if (await wasReady(host, sandbox)) times.ready += 1;
    times.kill.push(await timed(() => sandbox?.kill()));
  }
  return times;
}

async function together(host: HostProcess): Promise<number> {
  let sandboxes: Sandbox[] = [];
  const time = await timed(async () => {
    sandboxes = await Promise.all(Array.from({ length: AT_ONCE }, () => host.create()));
  });
  await Promise.all(sandboxes.map((sandbox) => sandbox.kill()));
  return time;
}

async function throughput(host: HostProcess): Promise<Figure[]> {
  const sandbox = await host.create();
  const data = new Blob([Buffer.alloc(BYTES, "x")]);
  const stdout = await timed(() => sandbox.commands.run(`head -c ${BYTES} /dev/zero | tr '\\0' x`));
  const pipe = await timed(() => {
    execFileSync("sh", ["-c", `head -c ${BYTES} /dev/zero | tr '\\0' x`], { maxBuffer: BYTES * 2 });
  });
  const upload = await timed(() => sandbox.files.write("/workspace/up", data));
  const download = await timed(() => sandbox.files.read("/workspace/up", { format: "bytes" }));
  const writes = await timed(async () => {
    for (let i = 0; i < FILES; i++) await sandbox.files.write(`/workspace/f/${i}`, "content");
  });
  const reads = await timed(async () => {
    for (let i = 0; i < FILES; i++) await sandbox.files.read(`/workspace/f/${i}`);
  });
  await sandbox.kill();
  return [
    {
      name: "50 MB through stdout",
      unit: "ms",
      measured: stdout,
      baseline: pipe,
      against: "ratio",
      note: "beside a pipe",
    },
    { name: "50 MB upload", unit: "ms", measured: upload },
    { name: "50 MB download", unit: "ms", measured: download },
    {
      name: "write one small file",
      unit: "ms",
      measured: writes / FILES,
      note: `${Math.round((FILES / writes) * 1000)} a second`,
    },
    {
      name: "read one small file",
      unit: "ms",
      measured: reads / FILES,
      note: `${Math.round((FILES / reads) * 1000)} a second`,
    },
  ];
}

/** From the start of a host, whose predecessor was killed among its sandboxes, until it is ready. */
async function restart(folder: string, host: HostProcess): Promise<[number, HostProcess]> {
  await Promise.all(Array.from({ length: AT_ONCE }, () => host.create()));
  await host.stop("SIGKILL");
  let next: HostProcess | undefined;
  const time = await timed(async () => {
    next = await HostProcess.start(folder, ["--ready", "0"]);
  });
  if (!next) throw new Error("the host did not start again");
  return [time, next];
}

const temporary = temporaryFolder();
const folder = path.join(temporary.folder, "data");
/** Starts each sandbox when it is asked for. */
let host = await HostProcess.start(folder, ["--ready", "0"]);
try {
  progress("bare bubblewrap and bare Node");
  const bwrap = await bareTimes("bwrap", BARE);
  const node = await bareTimes(process.execPath, ["-e", "0"]);
  progress(`${ROUNDS} sandboxes, one after the other`);
  await host.create().then((sandbox) => sandbox.kill());
  const { create, first, kill, ready: none } = await lives(host, ROUNDS);
  if (none > 0) throw new Error("a host that keeps none ready had some");
  progress(`${READY_ROUNDS} that wait, each given time to start`);
  const second = await HostProcess.start(path.join(temporary.folder, "second"));
  await second.create().then((sandbox) => sandbox.kill());
  const waiting = await lives(second, READY_ROUNDS, () => second.untilReady());
  const hurried = await lives(second, READY_ROUNDS);
  await second.stop();
  progress(`${AT_ONCE} at once, bytes and files, memory, restart`);
  const bare = { baseline: bwrap + node, against: "ratio" as const };
  const note = `bubblewrap ${bwrap.toFixed(0)} ms + Node ${node.toFixed(0)} ms`;
  const figures: Figure[] = [
    { name: "bare bubblewrap", unit: "ms", measured: bwrap, note: "running true" },
    { name: "bare Node", unit: "ms", measured: node, note: "running nothing" },
    {
      name: "create to ready, median",
      unit: "ms",
      measured: median(create),
      ...bare,
      note: `${note}; aim 100 ms`,
    },
    { name: "create to ready, p95", unit: "ms", measured: percentile(create, 0.95), aim: 200 },
    { name: "first command", unit: "ms", measured: median(first), aim: 15 },
    {
      name: "create, one waiting",
      unit: "ms",
      measured: median(waiting.create),
      note: `${waiting.ready} of ${READY_ROUNDS} had been started before; p95 ${percentile(waiting.create, 0.95).toFixed(0)} ms`,
    },
    {
      name: "its first command",
      unit: "ms",
      measured: median(waiting.first),
      aim: 15,
    },
    {
      name: "create in haste",
      unit: "ms",
      measured: median(hurried.create),
      note: `of the same host, without a pause: ${hurried.ready} of ${READY_ROUNDS} had been started before`,
    },
    { name: "kill", unit: "ms", measured: median(kill), aim: 50 },
    { name: `${AT_ONCE} at once`, unit: "ms", measured: await together(host), aim: 600 },
    ...(await throughput(host)),
    await idleMemory(host),
  ];
  const [time, next] = await restart(folder, host);
  host = next;
  figures.push({
    name: "host ready after kill -9",
    unit: "ms",
    measured: time,
    aim: 2_000,
    note: `${AT_ONCE} sandboxes left behind`,
  });
  process.stdout.write(values.json ? `${JSON.stringify(report(figures), null, 2)}\n` : `${table(figures)}\n`);
} finally {
  await host.stop();
  temporary.remove();
}

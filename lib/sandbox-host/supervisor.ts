import { diskUsage, type DiskUsage, type Free, freeOn } from "./disk.ts";
import type { Sandbox } from "./sandbox.ts";

const TICK_MS = 1_000;
/** As E2B samples. */
const SAMPLE_MS = 5_000;
/** When less than this is free on the host's disk, who fills it is looked for at once. */
const RESERVE: Free = { bytes: 256 * 2 ** 20, entries: 20_000 };
/** And when more than this has gone since the last look. */
const SUDDEN: Free = { bytes: 256 * 2 ** 20, entries: 10_000 };
const KINDS = ["bytes", "entries"] as const;
/** CPU time within which nothing worth a walk of the disk is written. */
const IDLE_SECONDS = 0.001;

interface Known {
  sampledAt: number;
  cpuSeconds: number;
  disk: DiskUsage;
}

export interface SupervisorOptions {
  /** The folder whose disk the sandboxes fill. */
  folder: string;
  running: () => readonly Sandbox[];
  /** Told of a sandbox that has more on disk than it may. */
  onFull: (sandbox: Sandbox, reason: string) => void;
  log: (line: string) => void;
}

/**
 * Looks at every running sandbox: samples its metrics, and finds those that fill the disk, which no limit of
 * the kernel holds.
 */
export class Supervisor {
  private readonly options: SupervisorOptions;
  private readonly known = new WeakMap<Sandbox, Known>();
  private lastFree: Free = { bytes: 0, entries: 0 };
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(options: SupervisorOptions) {
    this.options = options;
    this.next();
  }

  private next(): void {
    if (this.stopped) return;
    this.timer = setTimeout(() => {
      this.look()
        .catch((error: unknown) => this.options.log(`cannot look at sandboxes: ${String(error)}`))
        .finally(() => this.next());
    }, TICK_MS);
  }

  private async look(): Promise<void> {
    const running = this.options.running();
    if (running.length === 0) return;
    const free = await freeOn(this.options.folder);
    const short = KINDS.filter((kind) => free[kind] < RESERVE[kind]);
    const isUrgent =
      short.length > 0 || KINDS.some((kind) => this.lastFree[kind] - free[kind] > SUDDEN[kind]);
    this.lastFree = free;
    for (const sandbox of running) {
      if (this.stopped) return;
      const known = this.known.get(sandbox);
      const isDue = !known || Date.now() - known.sampledAt >= SAMPLE_MS;
      if ((isDue || isUrgent) && sandbox.state === "running") await this.sample(sandbox, known);
    }
    for (const kind of short) this.relieve(running, kind);
  }

  private async sample(sandbox: Sandbox, known: Known | undefined): Promise<void> {
    const usage = sandbox.usage();
    if (!usage) return;
    const { cpuSeconds, memoryUsedBytes, memoryCacheBytes, pids } = usage;
    const isIdle = known !== undefined && Math.abs(cpuSeconds - known.cpuSeconds) < IDLE_SECONDS;
    const disk = isIdle ? known.disk : await diskUsage(sandbox.diskFolders, pids);
    const at = Date.now();
    this.known.set(sandbox, { sampledAt: at, cpuSeconds, disk });
    sandbox.metrics.add({ at, cpuSeconds, memoryUsedBytes, memoryCacheBytes, diskUsedBytes: disk.bytes });
    const { diskMb: limit, files } = sandbox.limits;
    if (disk.bytes > limit * 2 ** 20) {
      const megabytes = Math.round(disk.bytes / 2 ** 20);
      this.options.onFull(sandbox, `it has ${megabytes} MB on disk, and may have ${limit}`);
    } else if (disk.entries > files) {
      this.options.onFull(sandbox, `it has ${disk.entries} files, and may have ${files}`);
    }
  }

  /** The disk is all but full: the sandbox with the most on it goes, if that would help. */
  private relieve(running: readonly Sandbox[], kind: keyof Free): void {
    const size = (sandbox: Sandbox) => this.known.get(sandbox)?.disk[kind] ?? 0;
    const [largest] = running.toSorted((a, b) => size(b) - size(a));
    if (largest && size(largest) > RESERVE[kind]) {
      this.options.onFull(largest, "the host's disk is full, and it has the most on it");
    }
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }
}

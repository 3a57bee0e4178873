import { randomInt } from "node:crypto";
import { ApiError } from "./errors.ts";
import { Sandbox, type SandboxSpec, type SandboxSurroundings } from "./sandbox.ts";
import { Supervisor } from "./supervisor.ts";
import type { uidRange } from "./walls/uids.ts";

const ID_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789";
/** setTimeout's own limit. */
const MAX_TIMER_MS = 2 ** 31 - 1;

const newId = (): string =>
  `i${Array.from({ length: 19 }, () => ID_LETTERS[randomInt(ID_LETTERS.length)]).join("")}`;

/** A sandbox's end, which callers can move. */
interface Entry {
  sandbox: Sandbox;
  endAt: number;
  timer: NodeJS.Timeout | undefined;
}

/** All sandboxes of this host: who lives, until when. */
export class Sandboxes {
  private readonly entries = new Map<string, Entry>();
  private readonly around: SandboxSurroundings;
  private readonly uids: ReturnType<typeof uidRange>;
  private readonly usedUids = new Set<number>();
  private readonly supervisor: Supervisor;
  private closing = false;

  /** `uids` is absent when the host is not root. */
  constructor(around: SandboxSurroundings, uids: ReturnType<typeof uidRange>) {
    this.around = around;
    this.uids = uids;
    this.supervisor = new Supervisor({
      folder: around.data.root,
      running: () => this.list().filter((sandbox) => sandbox.state === "running"),
      onFull: (sandbox, reason) => {
        around.log(`${sandbox.id}: ended: ${reason}`);
        this.removeQuietly(sandbox.id);
      },
      log: around.log,
    });
  }

  private takeUid(): number | undefined {
    if (!this.uids) return undefined;
    const { first, count } = this.uids;
    if (this.usedUids.size >= count) throw new ApiError(429, "no uid is free for another sandbox");
    let uid: number;
    do uid = first + randomInt(count);
    while (this.usedUids.has(uid));
    this.usedUids.add(uid);
    return uid;
  }

  /** Creates a sandbox and starts it; it ends after `timeoutMs`. */
  async create(spec: SandboxSpec, timeoutMs: number): Promise<Sandbox> {
    if (this.closing) throw new ApiError(503, "the host is shutting down");
    const sandbox = new Sandbox(newId(), spec, this.takeUid(), this.around);
    const entry: Entry = { sandbox, endAt: 0, timer: undefined };
    this.entries.set(sandbox.id, entry);
    try {
      await sandbox.prepare();
      await sandbox.boot(() => this.removeQuietly(sandbox.id));
    } catch (error) {
      await this.remove(sandbox.id);
      throw error;
    }
    this.setEnd(sandbox.id, Date.now() + timeoutMs);
    return sandbox;
  }

  private find(id: string): Entry {
    const entry = this.entries.get(id);
    if (!entry || entry.endAt === 0) throw new ApiError(404, `Sandbox "${id}" doesn't exist`);
    return entry;
  }

  /** @throws ApiError 404 */
  get(id: string): Sandbox {
    return this.find(id).sandbox;
  }

  /** Epoch milliseconds at which the sandbox's time is over. */
  endOf(id: string): number {
    return this.find(id).endAt;
  }

  list(): Sandbox[] {
    return [...this.entries.values()].filter((entry) => entry.endAt > 0).map((entry) => entry.sandbox);
  }

  /** Moves a sandbox's end. */
  setEnd(id: string, endAt: number): void {
    const entry = this.entries.get(id);
    if (!entry) throw new ApiError(404, `Sandbox "${id}" doesn't exist`);
    clearTimeout(entry.timer);
    entry.endAt = endAt;
    if (entry.sandbox.state === "running") this.arm(id, entry);
  }

  private arm(id: string, entry: Entry): void {
    const wait = Math.max(0, Math.min(entry.endAt - Date.now(), MAX_TIMER_MS));
    entry.timer = setTimeout(() => {
      if (Date.now() < entry.endAt) return this.arm(id, entry);
      this.expire(entry).catch((error: unknown) => this.around.log(`${id}: cannot expire: ${String(error)}`));
    }, wait);
  }

  private async expire({ sandbox }: Entry): Promise<void> {
    if (sandbox.spec.onTimeout === "kill") return void (await this.remove(sandbox.id));
    try {
      await this.pause(sandbox.id, sandbox.spec.keepMemory);
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 501)) throw error;
      // Without a freezer its processes cannot be kept, but its files can.
      await this.pause(sandbox.id, false);
    }
  }

  /** @throws ApiError 409 if it is paused already */
  async pause(id: string, keepMemory: boolean): Promise<void> {
    const { sandbox, timer } = this.find(id);
    if (sandbox.state === "paused") throw new ApiError(409, `Sandbox "${id}" is already paused`);
    await sandbox.pause(keepMemory);
    clearTimeout(timer);
  }

  /** Brings a paused sandbox back, with a new end. */
  async resume(id: string, endAt: number, reboot: boolean): Promise<void> {
    const { sandbox } = this.find(id);
    await sandbox.resume(reboot, () => this.removeQuietly(id));
    this.setEnd(id, endAt);
  }

  private removeQuietly(id: string): void {
    this.remove(id).catch((error: unknown) =>
      this.around.log(`${id}: cannot be removed: ${error instanceof Error ? error.message : String(error)}`),
    );
  }

  /** Ends a sandbox and deletes its files. False if there is none. */
  async remove(id: string): Promise<boolean> {
    const entry = this.entries.get(id);
    if (!entry) return false;
    clearTimeout(entry.timer);
    this.entries.delete(id);
    await entry.sandbox.halt();
    const { data, log } = this.around;
    data.discard(data.sandbox(id), log);
    if (entry.sandbox.uid !== undefined) this.usedUids.delete(entry.sandbox.uid);
    return true;
  }

  /** Ends all sandboxes; no more are created. */
  async close(): Promise<void> {
    this.closing = true;
    this.supervisor.stop();
    await Promise.all([...this.entries.keys()].map((id) => this.remove(id)));
  }
}

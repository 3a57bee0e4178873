import { randomInt } from "node:crypto";
import { ApiError } from "./errors.ts";
import { Ready } from "./ready.ts";
import { Sandbox, type SandboxSurroundings } from "./sandbox.ts";
import type { SandboxSpec } from "./spec.ts";
import { Supervisor } from "./supervisor.ts";
import type { Template } from "./templates.ts";
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
  private readonly ready: Ready;
  private closing = false;

  /** `uids` is absent when the host is not root; `ready` is how many wait for callers. */
  constructor(around: SandboxSurroundings, uids: ReturnType<typeof uidRange>, ready: number) {
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
    this.ready = new Ready({
      count: ready,
      make: async (template) => {
        const sandbox = await this.lay(template);
        try {
          await sandbox.makeReady();
        } catch (error) {
          await this.dissolve(sandbox);
          throw error;
        }
        return sandbox;
      },
      end: (sandbox) => this.dissolve(sandbox),
      log: around.log,
    });
  }

  /** Tells that something was asked of the host. */
  busy(): void {
    this.ready.busy();
  }

  /** How many wait for callers. */
  get waiting(): number {
    return this.ready.size;
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

  /** A sandbox with its folder, which does not run yet. */
  private async lay(template: Template): Promise<Sandbox> {
    const sandbox = new Sandbox(newId(), template, this.takeUid(), this.around);
    try {
      await sandbox.prepare();
    } catch (error) {
      await this.dissolve(sandbox);
      throw error;
    }
    return sandbox;
  }

  /** Ends a sandbox and gives back all that it holds. */
  private async dissolve(sandbox: Sandbox): Promise<void> {
    await sandbox.halt();
    const { data, log, refusals } = this.around;
    refusals.forget(sandbox.id);
    data.discard(data.sandbox(sandbox.id), log);
    sandbox.letGo();
    if (sandbox.uid !== undefined) this.usedUids.delete(sandbox.uid);
  }

  private async claim(sandbox: Sandbox, spec: SandboxSpec): Promise<void> {
    if (this.closing) {
      await this.dissolve(sandbox);
      throw new ApiError(503, "the host is shutting down");
    }
    this.entries.set(sandbox.id, { sandbox, endAt: 0, timer: undefined });
    sandbox.onExit = () => this.removeQuietly(sandbox.id);
    try {
      await sandbox.claim(spec);
    } catch (error) {
      await this.remove(sandbox.id);
      throw error;
    }
  }

  /** One that waited, if there is one and it has not ended just now. */
  private async claimReady(spec: SandboxSpec): Promise<Sandbox | undefined> {
    const sandbox = this.ready.take(spec.template);
    if (!sandbox) return undefined;
    try {
      await this.claim(sandbox, spec);
      return sandbox;
    } catch (error) {
      this.around.log(`${sandbox.id}: was ready, and has ended: ${String(error)}`);
      return undefined;
    }
  }

  /** Creates a sandbox, or takes one that waits; it ends after `timeoutMs`. */
  async create(spec: SandboxSpec, timeoutMs: number): Promise<Sandbox> {
    if (this.closing) throw new ApiError(503, "the host is shutting down");
    let sandbox = await this.claimReady(spec);
    if (!sandbox) {
      sandbox = await this.lay(spec.template);
      await this.claim(sandbox, spec);
    }
    this.setEnd(sandbox.id, Date.now() + timeoutMs);
    this.ready.used(spec.template);
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
    await sandbox.resume(reboot);
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
    await this.dissolve(entry.sandbox);
    return true;
  }

  /** Ends all sandboxes; no more are created. */
  async close(): Promise<void> {
    this.closing = true;
    this.supervisor.stop();
    await this.ready.close();
    await Promise.all([...this.entries.keys()].map((id) => this.remove(id)));
  }
}

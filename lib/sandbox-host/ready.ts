import { availableBytes } from "./memory.ts";
import type { Sandbox } from "./sandbox.ts";
import type { Template } from "./templates.ts";

/** How long nothing must have been asked of the host before one is started, and how long that is waited for. */
const QUIET_MS = 300;
const LONGEST_WAIT_MS = 5_000;
/** After one that did not start, or ended while it waited: doubled each time. */
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;
/** Memory that must be available to make one, and below which none is kept. */
const ENOUGH_BYTES = 1024 * 2 ** 20;
const SHORT_BYTES = 512 * 2 ** 20;
const MEMORY_LOOK_MS = 2_000;

export interface ReadyOptions {
  /** How many are kept; 0 for none. */
  count: number;
  /** Starts one that waits. Rejects, with nothing left of it, if it does not start. */
  make: (template: Template) => Promise<Sandbox>;
  /** Ends one, with all that it holds. */
  end: (sandbox: Sandbox) => Promise<void>;
  log: (line: string) => void;
  /** Bytes that are available; the machine's if not given. */
  available?: () => number;
}

/**
 * A few sandboxes that have been started before anyone asks: of the template that was asked for last, each given
 * away once, and as walled in as any. They are started when the host is not busy.
 */
export class Ready {
  private readonly options: ReadyOptions;
  private readonly waiting = new Set<Sandbox>();
  private template: Template | undefined;
  private making: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private watch: NodeJS.Timeout | undefined;
  private askedAt = 0;
  private dueAt = 0;
  private pauseMs = 0;
  private closed = false;

  constructor(options: ReadyOptions) {
    this.options = options;
  }

  /** How many wait. */
  get size(): number {
    return this.waiting.size;
  }

  /** One of this template, if any waits: it is the caller's from here on. */
  take(template: Template): Sandbox | undefined {
    const found = [...this.waiting].find((one) => one.spec.template === template && one.isAlive);
    if (!found) return undefined;
    this.waiting.delete(found);
    this.pauseMs = 0;
    return found;
  }

  /** Tells what was created last, and so may be asked for next. */
  used(template: Template): void {
    // What a snapshot holds may be large, and is seldom wanted twice.
    if (this.options.count === 0 || template.base !== undefined || this.closed) return;
    this.template = template;
    this.dueAt = Date.now() + LONGEST_WAIT_MS;
    this.schedule(QUIET_MS);
  }

  /** Tells that something was asked of the host, which one more sandbox should not hold up. */
  busy(): void {
    this.askedAt = Date.now();
  }

  private schedule(delayMs: number): void {
    clearTimeout(this.timer);
    if (this.closed) return;
    this.timer = setTimeout(() => void this.look(), Math.max(delayMs, this.pauseMs)).unref();
  }

  private async look(): Promise<void> {
    if (this.making) return;
    const now = Date.now();
    const quietFor = now - this.askedAt;
    if (quietFor < QUIET_MS && now < this.dueAt) return this.schedule(QUIET_MS - quietFor);
    this.making = this.fill().finally(() => {
      this.making = undefined;
    });
    await this.making;
    if (this.isLacking()) this.schedule(QUIET_MS);
  }

  private isLacking(): boolean {
    return !this.closed && this.template !== undefined && this.waiting.size < this.options.count;
  }

  private available(): number {
    return (this.options.available ?? availableBytes)();
  }

  /** Starts one, where there is room for it. */
  private async fill(): Promise<void> {
    const { template } = this;
    const { make, end, log } = this.options;
    if (!template) return;
    await this.endAll((sandbox) => sandbox.spec.template !== template);
    if (!this.isLacking()) return;
    if (this.available() < ENOUGH_BYTES) return this.pause();
    try {
      const sandbox = await make(template);
      sandbox.onExit = () => {
        this.pause();
        this.lose(sandbox);
      };
      if (this.closed) return await end(sandbox);
      this.waiting.add(sandbox);
      this.watchMemory();
    } catch (error) {
      this.pause();
      log(`no sandbox is kept ready for now: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  private pause(): void {
    this.pauseMs = Math.min(Math.max(FIRST_PAUSE_MS, this.pauseMs * 2), LONGEST_PAUSE_MS);
  }

  private lose(sandbox: Sandbox): void {
    if (!this.waiting.delete(sandbox)) return;
    void this.endOne(sandbox).then(() => this.schedule(QUIET_MS));
  }

  private async endOne(sandbox: Sandbox): Promise<void> {
    const { end, log } = this.options;
    await end(sandbox).catch((error: unknown) => log(`${sandbox.id}: cannot be removed: ${String(error)}`));
  }

  private async endAll(which: (sandbox: Sandbox) => boolean): Promise<void> {
    const ended = [...this.waiting].filter(which);
    for (const sandbox of ended) this.waiting.delete(sandbox);
    await Promise.all(ended.map((sandbox) => this.endOne(sandbox)));
  }

  private watchMemory(): void {
    clearInterval(this.watch);
    this.watch = setInterval(() => {
      if (this.waiting.size === 0) return clearInterval(this.watch);
      if (this.available() >= SHORT_BYTES) return;
      this.pause();
      void this.endAll(() => true).then(() => this.schedule(QUIET_MS));
    }, MEMORY_LOOK_MS).unref();
  }

  /** Ends all that wait, and starts no more. */
  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    clearInterval(this.watch);
    await this.making;
    await this.endAll(() => true);
  }
}

import process from "node:process";
import { PlatformError } from "./errors.ts";

/** How long a query or mutation may compute, not counting what the database takes, in milliseconds. */
const MAX_OWN_MS = 1_000;
const SUSPICIOUS_MS = 100;

function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}

/** How old a reading of the processor's time may be that a function begins with, in milliseconds. */
const MAX_READING_MS = 5;
let reading = { cpuMs: 0, atMs: -Infinity };

/** The thread's processor time at about this moment: to ask for it costs as much as a small read. */
function recentCpuMs(nowMs: number): number {
  const age = nowMs - reading.atMs;
  // A test's clock may have gone ahead of the one that comes back afterwards.
  if (age < 0 || age > MAX_READING_MS) reading = { cpuMs: cpuMs(), atMs: nowMs };
  return reading.cpuMs;
}

/** Told whenever a function goes into the database (true), and when its own code runs (false). */
let onSwitch: ((inDatabase: boolean) => void) | null = null;

export function watchSwitches(watcher: (inDatabase: boolean) => void): void {
  onSwitch = watcher;
}

/**
 * A function's own computing time. Wall time between syscalls is cheap to take; only when that passes the
 * limit does the thread's processor time decide, so that a busy machine makes no function fail.
 */
export class OwnTime {
  private spentMs = 0;
  private pausedMs = 0;
  private sinceMs = performance.now();
  private depth = 0;

  /** The thread's processor time at the beginning: a machine may give it none for longer than the limit, at any moment. */
  private readonly beganMs = recentCpuMs(this.sinceMs);

  constructor() {
    // A nested function begins while the one around it is in the database.
    onSwitch?.(false);
  }

  /** A syscall begins. @throws PlatformError past the limit */
  pause(): void {
    if (this.depth === 0) {
      this.turn("spentMs");
      this.check();
      onSwitch?.(true);
    }
    this.depth++;
  }

  resume(): void {
    if (--this.depth > 0) return;
    this.turn("pausedMs");
    onSwitch?.(false);
  }

  /** A look at the clock between syscalls, which costs half of one. @throws PlatformError past the limit */
  glance(): void {
    if (this.depth > 0 || this.spentMs + performance.now() - this.sinceMs < SUSPICIOUS_MS) return;
    this.turn("spentMs");
    this.check();
  }

  /** @throws PlatformError past the limit */
  end(): void {
    if (this.depth === 0) this.turn("spentMs");
    this.check();
  }

  private turn(into: "spentMs" | "pausedMs"): void {
    const now = performance.now();
    this[into] += now - this.sinceMs;
    this.sinceMs = now;
  }

  private check(): void {
    if (this.spentMs > MAX_OWN_MS && cpuMs() - this.beganMs - this.pausedMs > MAX_OWN_MS) throw timedOut();
  }
}

export function timedOut(): PlatformError {
  return new PlatformError("Function execution timed out (maximum duration: 1s)");
}

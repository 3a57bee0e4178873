import fs from "node:fs";
import { pauseFor } from "#net/retry.ts";

/** How a service is watched. One that hangs is found after at most `misses * (deadlineMs + everyMs)`, here 7.5 s. */
export interface Patience {
  /** Between two looks. */
  everyMs: number;
  /** For one look. */
  deadlineMs: number;
  /** How many in a row may fail. */
  misses: number;
  /** How long it may be too busy to respond: it computes, or waits for a processor or a disk. */
  busyMs: number;
}

export const PATIENCE: Patience = { everyMs: 500, deadlineMs: 2_000, misses: 3, busyMs: 60_000 };
/** Where a look took this much longer than its deadline, this process itself was held up: it has seen nothing. */
const HELD_UP_MS = 500;
/** Less than this of a processor's time in all the missed looks is housekeeping, not work: 2 of proc(5)'s clock ticks. */
const IDLE_TICKS = 2;

interface Process {
  /** proc(5): R runs or waits for a processor, S sleeps, D waits for a disk, T and t are stopped, Z has ended. */
  state: string;
  /** Processor time so far, in clock ticks. */
  ticks: number;
}

/** A process as the kernel tells of it; null where it has ended. */
export function processOf(pid: number): Process | null {
  let stat: string;
  try {
    stat = fs.readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return null;
  }
  // The name, in parentheses, may hold anything; behind it stand the fields from 3 on. 14 and 15 are the times.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return { state: fields[0] ?? "", ticks: Number(fields[11]) + Number(fields[12]) };
}

/** Whether a process that did not respond is busy, and so may respond yet. */
function isBusy(before: Process | null, now: Process | null): boolean {
  if (before === null || now === null || /[TtZ]/.test(now.state)) return false;
  return /[RD]/.test(now.state) || now.ticks - before.ticks > IDLE_TICKS;
}

/**
 * Looks after a process until it hangs: several looks in a row went unanswered, although it had nothing to compute.
 * Under load a service responds late; that alone is never taken for it, and a machine that slept has missed no look.
 * @param responds one look; a refusal counts as no response
 * @returns true where it hangs, false where `signal` ended the watch
 */
export async function untilHung(
  pid: number,
  responds: (deadlineMs: number) => Promise<boolean>,
  { signal, patience = PATIENCE }: { signal: AbortSignal; patience?: Patience },
): Promise<boolean> {
  let missed = 0;
  let before: Process | null = null;
  let since = 0;
  while (!signal.aborted) {
    const startedAt = performance.now();
    if (missed === 0) {
      before = processOf(pid);
      since = startedAt;
    }
    const isThere = await responds(patience.deadlineMs);
    if (signal.aborted) return false;
    const isHeldUp = performance.now() - startedAt > patience.deadlineMs + HELD_UP_MS;
    missed = isThere || isHeldUp ? 0 : missed + 1;
    if (missed >= patience.misses) {
      const isWaitedFor = isBusy(before, processOf(pid)) && performance.now() - since < patience.busyMs;
      if (!isWaitedFor) return true;
    }
    await pauseFor(patience.everyMs, signal).catch(() => undefined);
  }
  return false;
}

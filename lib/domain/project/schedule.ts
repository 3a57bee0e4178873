import type { RecordEvent } from "./record-event.ts";
import type { TriggerDefinition } from "./schemas.ts";
import { renderText } from "./templates.ts";

type Schedule = NonNullable<TriggerDefinition["schedule"]>;
type Retry = NonNullable<TriggerDefinition["retry"]>;

const DEFAULT_BACKOFF_MS = 60_000;
/** The longest wait between two attempts. */
export const MAX_BACKOFF_MS = 3_600_000;
/** The largest time that a Date has. */
const MAX_TIME_MS = 8_640_000_000_000_000;

/** When a trigger's actions run, or why that can't be said. */
export type RunTime =
  | {
      ok: true;
      /** Epoch milliseconds, never before the event. */
      atMs: number;
      /** True where the schedule names a time that is over, so that it runs at once. */
      isPast: boolean;
    }
  | { ok: false; message: string };

/** A date of ISO 8601, with or without a time, seconds, fractions and an offset. */
const ISO =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*(Z|[+-]\d{2}(?::?\d{2})?)?)?$/i;

/** @returns epoch milliseconds; null for a date that no calendar has */
function isoTime(text: string): number | null {
  const found = ISO.exec(text);
  if (!found) return null;
  const [, year, month, day, hour = "0", minute = "0", second = "0", fraction = "", zone = "Z"] = found;
  const [h, m, s] = [hour, minute, second].map(Number) as [number, number, number];
  const ms = Number(fraction.padEnd(3, "0").slice(0, 3));
  const date = new Date(0);
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  const isReal = date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day);
  if (!isReal || h > 23 || m > 59 || s > 59) return null;
  const offset = /^([+-])(\d{2}):?(\d{2})?$/.exec(zone);
  const [offsetHours, offsetMinutes] = [Number(offset?.[2] ?? 0), Number(offset?.[3] ?? 0)];
  if (offsetHours > 23 || offsetMinutes > 59) return null;
  const aheadMs = (offset?.[1] === "-" ? -1 : 1) * (offsetHours * 60 + offsetMinutes) * 60_000;
  return date.getTime() + ((h * 60 + m) * 60 + s) * 1_000 + ms - aheadMs;
}

/**
 * A time as people and records write it: milliseconds since 1970 as a number or its text, or ISO 8601. A time without
 * an offset, and a day without a time, are of UTC.
 * @returns epoch milliseconds; null where it is none of these
 */
export function timeOf(value: unknown): number | null {
  if (typeof value === "number") return Number.isFinite(value) ? Math.trunc(value) : null;
  if (typeof value !== "string") return null;
  const text = value.trim();
  return /^-?\d{1,16}(\.\d{1,9})?$/.test(text) ? Math.trunc(Number(text)) : isoTime(text);
}

/** When the actions of a trigger run for an event. @param nowMs when it happened, epoch milliseconds */
export function runTime(schedule: Schedule | undefined, event: RecordEvent, nowMs: number): RunTime {
  if (!schedule) return { ok: true, atMs: nowMs, isPast: false };
  const { delay, at, offset = 0 } = schedule;
  let baseMs = nowMs + (delay ?? 0);
  if (at !== undefined) {
    const rendered = renderText(at, { trigger: event, steps: {} });
    if (!rendered.ok) return rendered;
    const time = timeOf(rendered.value);
    if (time === null) {
      const [missing] = rendered.missing;
      return {
        ok: false,
        message:
          missing === undefined
            ? `${JSON.stringify(rendered.value).slice(0, 100)} isn't a time: use ISO 8601 or milliseconds since 1970.`
            : `{{${missing}}} leads nowhere, so there's no time to run at.`,
      };
    }
    baseMs = time;
  }
  const atMs = baseMs + offset;
  if (!Number.isFinite(atMs) || Math.abs(atMs) > MAX_TIME_MS)
    return { ok: false, message: "That time is outside of any calendar." };
  return { ok: true, atMs: Math.max(atMs, nowMs), isPast: atMs < nowMs };
}

/**
 * How long a run waits before an attempt: the backoff, doubled with each, an hour at most.
 * @param failed attempts so far, from 1
 * @returns milliseconds; null where there is no further attempt
 */
export function retryDelayMs(retry: Retry | undefined, failed: number): number | null {
  const { maxAttempts = 1, backoffMs = DEFAULT_BACKOFF_MS } = retry ?? {};
  if (failed < 1 || failed >= maxAttempts) return null;
  return Math.min(backoffMs * 2 ** (failed - 1), MAX_BACKOFF_MS);
}

/** The times of every attempt of a run that fails each time, epoch milliseconds: the first one is its own. */
export function attemptTimes(retry: Retry | undefined, atMs: number): number[] {
  const times = [atMs];
  for (;;) {
    const delay = retryDelayMs(retry, times.length);
    if (delay === null) return times;
    times.push(times.at(-1)! + delay);
  }
}

/** A scheduled run that has not begun. */
export interface PendingRun {
  trigger: string;
  entityId: string;
}

/** The pending runs that a new one takes the place of: those of the same trigger and record, where it says so. */
export function replacedRuns<R extends PendingRun>(
  { slug, schedule }: Pick<TriggerDefinition, "slug" | "schedule">,
  { entityId }: Pick<RecordEvent, "entityId">,
  pending: readonly R[],
): R[] {
  if (!schedule?.cancelPrevious) return [];
  return pending.filter((run) => run.trigger === slug && run.entityId === entityId);
}

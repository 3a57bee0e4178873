import { dayOf } from "./usage-report.ts";

/** What stands for the provider where a sandbox's time is counted among model calls; its size stands for the model. */
export const SANDBOX_PROVIDER = "sandbox";

/** How often the time of a running sandbox is counted: at most that much of it is lost with a sandbox. */
export const METER_STEP_MS = 5 * 60_000;

/** Days of one step; what is older than that is counted by the next. */
const MAX_STEP_DAYS = 100;
const DAY_MS = 86_400_000;

/** What a sandbox takes of its machine; 1 GB is 1,024 MB. */
export interface SandboxSize {
  vcpus: number;
  memoryMb: number;
}

/** What Studio's own template is made with: see sandbox-template/build.ts. */
export const TEMPLATE_SIZE: SandboxSize = { vcpus: 2, memoryMb: 2_048 };

/** What a second of it costs, in integer nano-USD (1,000 of them are a micro-USD); 0 where nothing is asked for it. */
export interface SandboxRates {
  vcpuNanoUsd: number;
  gbNanoUsd: number;
}

/** What a running sandbox is counted by. */
export interface Metered extends SandboxSize, SandboxRates {
  /** When it became its organization's; epoch milliseconds. */
  startedAt: number;
  /** Up to when its time is counted. */
  countedUntil: number;
}

/** The time of one day (UTC), and what it costs. */
interface DayOfTime {
  day: string;
  ms: number;
  costMicroUsd: number;
}

/** How a size is called in reports and on the bill. */
export function sizeName({ vcpus, memoryMb }: SandboxSize): string {
  const gb = Math.round((memoryMb / 1024) * 100) / 100;
  return `${vcpus} vCPU, ${gb} GB`;
}

/** What so long a time costs in all, in integer micro-USD, rounded up once. */
export function timeCost(ms: number, { vcpus, memoryMb, vcpuNanoUsd, gbNanoUsd }: Metered): number {
  // Nano-USD a second, times 1,024,000: a size may have thousandths of a processor.
  const rate =
    BigInt(Math.round(vcpus * 1_000)) * BigInt(vcpuNanoUsd) * 1_024n +
    BigInt(Math.round(memoryMb)) * BigInt(gbNanoUsd) * 1_000n;
  const unit = 1_024_000n * 1_000n * 1_000n;
  return Number((BigInt(ms) * rate + unit - 1n) / unit);
}

/**
 * What of a sandbox's time is still to be counted, by day. The costs of all steps add up to `timeCost` of the whole,
 * however it is cut; a moment that is counted already brings nothing.
 * @param until up to when it is known to have run; epoch milliseconds
 */
export function timeToCount(
  meter: Metered,
  until: number,
): { days: DayOfTime[]; countedUntil: number; costMicroUsd: number } {
  const days: DayOfTime[] = [];
  let at = meter.countedUntil;
  while (at < until && days.length < MAX_STEP_DAYS) {
    const end = Math.min(until, (Math.floor(at / DAY_MS) + 1) * DAY_MS);
    const before = timeCost(at - meter.startedAt, meter);
    const costMicroUsd = timeCost(end - meter.startedAt, meter) - before;
    days.push({ day: dayOf(at), ms: end - at, costMicroUsd });
    at = end;
  }
  return { days, countedUntil: at, costMicroUsd: days.reduce((sum, day) => sum + day.costMicroUsd, 0) };
}

/** Whether so much time of a month is all that an organization may use. @param hours 0 for no limit */
export const isQuotaUsed = (usedMs: number, hours: number): boolean =>
  hours > 0 && usedMs >= hours * 3_600_000;

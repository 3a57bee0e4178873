import { PlatformError } from "./errors.ts";

/** What one transaction may use; bytes are sizes as `getDocumentSize` of "convex/values" counts them. */
export interface Limits {
  bytesRead: number;
  bytesWritten: number;
  /** Index ranges and single documents asked for. */
  databaseQueries: number;
  documentsRead: number;
  documentsWritten: number;
  functionsScheduled: number;
  scheduledFunctionArgsBytes: number;
  filesWritten: number;
  fileWriteBytes: number;
  filesRead: number;
  fileReadBytes: number;
}
type Metric = keyof Limits;

const MIB = 1024 * 1024;

/** The platform's own limits (docs.convex.dev/production/state/limits). */
const PLATFORM_LIMITS: Readonly<Limits> = {
  bytesRead: 16 * MIB,
  bytesWritten: 16 * MIB,
  databaseQueries: 4096,
  documentsRead: 32_000,
  documentsWritten: 16_000,
  functionsScheduled: 1000,
  scheduledFunctionArgsBytes: 16 * MIB,
  filesWritten: 1000,
  fileWriteBytes: 100 * MIB,
  filesRead: 1000,
  fileReadBytes: 100 * MIB,
};
const ADVICE =
  "Consider using smaller limits in your queries, paginating your queries, or using indexed queries with a selective index range expressions.";
const TEXTS: Record<Metric, (limit: number) => string> = {
  bytesRead: (limit) =>
    `Too many bytes read in a single function execution (limit: ${limit} bytes). ${ADVICE}`,
  bytesWritten: (limit) => `Too many bytes written in a single function execution (limit: ${limit} bytes).`,
  databaseQueries: (limit) => `Too many reads in a single function execution (limit: ${limit}). ${ADVICE}`,
  documentsRead: (limit) =>
    `Too many documents read in a single function execution (limit: ${limit}). ${ADVICE}`,
  documentsWritten: (limit) => `Too many documents written in a single function execution (limit: ${limit}).`,
  functionsScheduled: (limit) => `Too many functions scheduled by this mutation (limit: ${limit}).`,
  scheduledFunctionArgsBytes: (limit) =>
    `Too large total size of the arguments of scheduled functions from this mutation (limit: ${limit} bytes).`,
  filesWritten: (limit) => `Too many files written in a single function execution (limit: ${limit}).`,
  fileWriteBytes: (limit) =>
    `Too many file bytes written in a single function execution (limit: ${limit} bytes).`,
  filesRead: (limit) => `Too many files read in a single function execution (limit: ${limit}).`,
  fileReadBytes: (limit) =>
    `Too many file bytes read in a single function execution (limit: ${limit} bytes).`,
};
/** Reads stay counted when a nested mutation is undone: they have happened. */
const UNDONE: readonly Metric[] = [
  "bytesWritten",
  "documentsWritten",
  "functionsScheduled",
  "scheduledFunctionArgsBytes",
  "filesWritten",
  "fileWriteBytes",
];
const METRICS = Object.keys(PLATFORM_LIMITS) as Metric[];

/** Limits of an engine: the platform's, with some of its own; false lifts them all. */
export type LimitOptions = Partial<Limits> | false;

const NONE: ReadonlySet<Metric> = new Set();

/** Counts what one transaction uses, and refuses what goes past its limits. */
export class Meter {
  private readonly used: Limits = zero();
  private limits: Readonly<Limits>;
  private readonly enforced: boolean;

  constructor(options: LimitOptions = {}) {
    // Never changed in place, so most transactions share the platform's.
    const own = options !== false && Object.keys(options).length > 0;
    this.limits = own ? { ...PLATFORM_LIMITS, ...options } : PLATFORM_LIMITS;
    this.enforced = options !== false;
  }

  /** @throws PlatformError past the limit */
  charge(metric: Metric, amount: number): void {
    const used = (this.used[metric] += amount);
    if (used > this.limits[metric] && (this.enforced || this.nested.has(metric))) {
      throw new PlatformError(TEXTS[metric](this.limits[metric]));
    }
  }

  private nested: ReadonlySet<Metric> = NONE;

  /**
   * Begins a nested call with limits of its own, which can only be tighter. The returned function ends
   * it; `undone` says that its writes were rolled back.
   */
  nest(own: Partial<Limits>): (undone: boolean) => void {
    const { limits, nested } = this;
    const before = { ...this.used };
    const named = METRICS.filter((metric) => typeof own[metric] === "number");
    const tighter = { ...limits };
    for (const metric of named) {
      tighter[metric] = Math.min(limits[metric], before[metric] + (own[metric] ?? 0));
    }
    this.limits = tighter;
    this.nested = new Set([...nested, ...named]);
    return (undone) => {
      this.limits = limits;
      this.nested = nested;
      if (undone) for (const metric of UNDONE) this.used[metric] = before[metric];
    };
  }

  /** What `ctx.meta.getTransactionMetrics()` shows. */
  report(): Record<Metric, { used: number; remaining: number }> {
    const entries = METRICS.map((metric) => {
      const used = this.used[metric];
      return [metric, { used, remaining: Math.max(0, this.limits[metric] - used) }];
    });
    return Object.fromEntries(entries) as Record<Metric, { used: number; remaining: number }>;
  }
}

function zero(): Limits {
  return {
    bytesRead: 0,
    bytesWritten: 0,
    databaseQueries: 0,
    documentsRead: 0,
    documentsWritten: 0,
    functionsScheduled: 0,
    scheduledFunctionArgsBytes: 0,
    filesWritten: 0,
    fileWriteBytes: 0,
    filesRead: 0,
    fileReadBytes: 0,
  };
}

import { systemClock } from "./clock.ts";
import type { Call, FunctionKind } from "./call.ts";
import type { Failure } from "./errors.ts";

/** A function that has ended, as the deployment's log tells of it. */
export interface Execution {
  kind: FunctionKind;
  /** Full. */
  path: string;
  requestId: string;
  /** When it ended, in milliseconds since the epoch. */
  endedMs: number;
  tookMs: number;
  logged: Logged;
  /** Why it failed; null if it did not. */
  error: string | null;
}

/** The lines that a function logged, as one text: another thread gets it in a sixth of the time of as many objects. */
export interface Logged {
  /** JSON, as many strings. */
  lines: string;
  /** Which of them were cut off. */
  cutOff?: number[];
}

/** In characters. */
const MAX_LINE = 32_768;
/** Of a busy turn, as many of the newest are told of: the log does not keep more either. */
const MAX_BATCH = 1_000;
/** In characters of what they logged. */
const MAX_BATCH_TEXT = 8_000_000;

/** Collects the functions that end in a thread, and tells of many at once. */
export class Executions {
  private readonly tell: (batch: Execution[]) => void;
  private batch: Execution[] = [];
  private length = 0;

  constructor(tell: (batch: Execution[]) => void) {
    this.tell = tell;
  }

  /** @param tookMs its duration in milliseconds */
  readonly ended = (call: Call, tookMs: number, failure: Failure | null): void => {
    if (this.batch.length === 0) {
      systemClock.timer(() => {
        const { batch } = this;
        this.batch = [];
        this.length = 0;
        this.tell(batch);
      }, 0);
    }
    const execution = executionOf(call, tookMs, failure);
    this.batch.push(execution);
    this.length += textLength(execution);
    if (this.batch.length >= 2 * MAX_BATCH || this.length >= 2 * MAX_BATCH_TEXT) this.drop();
  };

  private drop(): void {
    let first = Math.max(0, this.batch.length - MAX_BATCH);
    const kept = this.batch.slice(first);
    this.length = kept.reduce((sum, execution) => sum + textLength(execution), 0);
    for (first = 0; this.length > MAX_BATCH_TEXT; first++) {
      const oldest = kept[first];
      if (!oldest) break;
      this.length -= textLength(oldest);
    }
    this.batch = kept.slice(first);
  }
}

/** How much a function logged, in characters. */
export function textLength({ logged, error }: Execution): number {
  return logged.lines.length + (error?.length ?? 0);
}

function executionOf(call: Call, tookMs: number, failure: Failure | null): Execution {
  const { kind, path, requestId, logLines } = call;
  return {
    kind,
    path,
    requestId,
    endedMs: systemClock.now(),
    tookMs,
    logged: toLogged(logLines),
    error: failure && failure.message.slice(0, MAX_LINE),
  };
}

/** Lines as one text, each cut to what the log keeps of one. */
export function toLogged(lines: readonly string[]): Logged {
  if (lines.every(({ length }) => length <= MAX_LINE)) return { lines: JSON.stringify(lines) };
  const cutOff = lines.flatMap(({ length }, index) => (length > MAX_LINE ? [index] : []));
  return { lines: JSON.stringify(lines.map((line) => line.slice(0, MAX_LINE))), cutOff };
}

/** The lines of such a text. */
export function linesOf({ lines, cutOff = [] }: Logged): { text: string; isTruncated: boolean }[] {
  const texts = JSON.parse(lines) as string[];
  return texts.map((text, index) => ({ text, isTruncated: cutOff.includes(index) }));
}

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
  logLines: LogLine[];
  /** Why it failed; null if it did not. */
  error: string | null;
}
export interface LogLine {
  text: string;
  isTruncated: boolean;
}

/** In characters. */
const MAX_LINE = 32_768;
/** Of a busy turn, as many of the newest are told of: the log does not keep more either. */
const MAX_BATCH = 1_000;

/** Collects the functions that end in a thread, and tells of many at once. */
export class Executions {
  private readonly tell: (batch: Execution[]) => void;
  private batch: Execution[] = [];

  constructor(tell: (batch: Execution[]) => void) {
    this.tell = tell;
  }

  /** @param tookMs its duration in milliseconds */
  readonly ended = (call: Call, tookMs: number, failure: Failure | null): void => {
    if (this.batch.length === 0) {
      systemClock.timer(() => {
        const { batch } = this;
        this.batch = [];
        this.tell(batch);
      }, 0);
    }
    this.batch.push(executionOf(call, tookMs, failure));
    if (this.batch.length >= 2 * MAX_BATCH) this.batch = this.batch.slice(-MAX_BATCH);
  };
}

function executionOf(call: Call, tookMs: number, failure: Failure | null): Execution {
  const { kind, path, requestId, logLines } = call;
  return {
    kind,
    path,
    requestId,
    endedMs: systemClock.now(),
    tookMs,
    logLines: logLines.map(cut),
    error: failure && failure.message.slice(0, MAX_LINE),
  };
}

const cut = (text: string): LogLine => ({
  text: text.slice(0, MAX_LINE),
  isTruncated: text.length > MAX_LINE,
});

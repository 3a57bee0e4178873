import { splitName } from "../engine/component-path.ts";
import { linesOf, textLength, type Execution } from "../engine/executions.ts";

const KEPT = 1_000;
/** In characters of what was logged. */
const KEPT_TEXT = 8_000_000;
/** An answer without news comes after this long, before anything between here and the client gives up. */
const WAIT_MS = 25_000;
const KINDS = { query: "Query", mutation: "Mutation", action: "Action", httpAction: "HttpAction" } as const;

interface Kept {
  /** When it came in milliseconds since the epoch; of two at once the later one has the higher number. */
  cursor: number;
  execution: Execution;
  length: number;
}

/** The functions that ended last, as `npx convex logs` asks for them (convex 1.48.0, src/cli/lib/apiTypes.ts). */
export class FunctionLog {
  private kept: Kept[] = [];
  private length = 0;
  private newest: number;
  private readonly waiting = new Set<() => void>();

  /** @param nowMs from where its cursors go on: one from before a restart is older than all of them */
  constructor(nowMs: number) {
    this.newest = nowMs;
  }

  add(executions: readonly Execution[]): void {
    for (const execution of executions) {
      this.newest = Math.max(execution.endedMs, this.newest + 0.001);
      const length = textLength(execution);
      this.kept.push({ cursor: this.newest, execution, length });
      this.length += length;
    }
    let first = Math.max(0, this.kept.length - KEPT);
    for (let i = 0; i < first; i++) this.length -= this.kept[i]?.length ?? 0;
    while (this.length > KEPT_TEXT && first < this.kept.length)
      this.length -= this.kept[first++]?.length ?? 0;
    if (first > 0) this.kept = this.kept.slice(first);
    for (const wake of this.waiting) wake();
  }

  /** What came after a cursor, as soon as there is something; nothing after a while. */
  async after(cursor: number, left: AbortSignal): Promise<{ entries: object[]; newCursor: number }> {
    // One that is ahead of this machine's clock would wait for long, and miss what comes meanwhile.
    const from = Math.min(Number.isFinite(cursor) ? cursor : 0, this.newest);
    if (from === this.newest && !left.aborted) await this.news(left);
    const entries = this.kept.filter((kept) => kept.cursor > from).map(({ execution }) => shown(execution));
    return { entries, newCursor: this.newest };
  }

  private news(left: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        left.removeEventListener("abort", done);
        this.waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(done, WAIT_MS);
      timer.unref();
      left.addEventListener("abort", done);
      this.waiting.add(done);
    });
  }
}

function shown({ kind, path, requestId, endedMs, tookMs, logged, error }: Execution): object {
  const { component, name } = splitName(path);
  return {
    kind: "Completion",
    udfType: KINDS[kind],
    componentPath: component === "" ? null : component,
    identifier: name,
    logLines: linesOf(logged).map((line) => shownLine(line, endedMs)),
    timestamp: endedMs / 1000,
    executionTimestamp: (endedMs - tookMs) / 1000,
    executionTime: tookMs / 1000,
    cachedResult: false,
    success: error === null ? { status: "success" } : null,
    error,
    requestId,
    executionId: requestId,
    willRetry: false,
  };
}

function shownLine({ text, isTruncated }: ReturnType<typeof linesOf>[number], timestamp: number): object {
  const [whole = "", level = "LOG"] = /^\[([A-Z]+)\] /.exec(text) ?? [];
  return { messages: [text.slice(whole.length)], level, isTruncated, timestamp };
}

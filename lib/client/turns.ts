import type { RunStatus } from "#domain/lifecycle.ts";
import type { SessionView } from "#domain/session-view.ts";

/** One turn of a session: what was asked, and the last words that came of it. */
export interface Turn {
  runId: string;
  /** From 1 on, in the order in which they were asked. */
  number: number;
  status: RunStatus;
  input: string;
  /** The agent's last words in it; empty where it said none. */
  answer: string;
  error: string | undefined;
  /** ISO 8601. */
  startedAt: string | undefined;
  durationMs: number | undefined;
  /** The event with which its message stands in the transcript. */
  seq: number | undefined;
  /** Its session is parked until somebody answers what it asked. */
  isParked: boolean;
  /** How the session went on before it, where it had ended since the turn before. */
  goesOn: string | undefined;
}

/** A session's turns, the newest first. */
export function turnsOf({ items, runs }: Pick<SessionView, "items" | "runs">): Turn[] {
  const answers = new Map<string, string>();
  const places = new Map<string, number>();
  const resumes = items.flatMap((item) =>
    item.kind === "notice" && item.id.startsWith("resumed:") ? [{ seq: item.seq, title: item.title }] : [],
  );
  for (const item of items) {
    if (item.runId === undefined) continue;
    if (item.kind === "text") answers.set(item.runId, item.text);
    if (item.kind === "user" && !places.has(item.runId)) places.set(item.runId, item.seq);
  }
  const seqOf = (run: SessionView["runs"][number] | undefined) => run && places.get(run.id);
  return runs
    .map((run, index) => ({
      runId: run.id,
      number: index + 1,
      status: run.status,
      input: run.input,
      answer: answers.get(run.id) ?? "",
      error: run.error,
      startedAt: run.startedAt,
      durationMs:
        run.startedAt !== undefined && run.endedAt !== undefined
          ? Date.parse(run.endedAt) - Date.parse(run.startedAt)
          : undefined,
      seq: places.get(run.id),
      isParked: run.parked === true,
      goesOn: resumes.findLast(
        ({ seq }) => seq < (seqOf(run) ?? 0) && seq > (seqOf(runs[index - 1]) ?? Infinity),
      )?.title,
    }))
    .toReversed();
}

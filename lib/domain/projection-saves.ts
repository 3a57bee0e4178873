import type { CheckpointCause } from "./checkpoints.ts";
import { plural } from "./plural.ts";
import { base, type Draft, type Of } from "./projection-draft.ts";
import type { TranscriptItem } from "./session-view.ts";

/** What the rail says of checkpoints that stand for themselves: a turn's own is a mark on its end. */
const CAUSES: Record<Exclude<CheckpointCause, "turn" | "rewind">, string> = {
  start: "How the session began",
  asked: "On demand",
  work: "Work by hand",
  stop: "Before the session ended",
  idle: "Before it stopped when idle",
};

const isWork = (item: TranscriptItem | undefined): boolean => item?.id.startsWith("saved:work:") === true;

/** Shows a checkpoint on the rail: at the end of its turn, or where it was taken. */
function mark(draft: Draft, event: Of<"checkpoint.created">): void {
  const { cause, files, left_out: leftOut } = event.payload;
  // The rewind's own line says it.
  if (cause === "rewind") return;
  const facts = `${files} ${plural(files, "file", "files")}${leftOut > 0 ? `, ${leftOut} left out` : ""}`;
  const last = draft.runs.findLastIndex(({ endedAt }) => endedAt !== undefined);
  if (cause === "turn") {
    const run = draft.runs[last];
    if (run && run.saved === undefined)
      draft.runs = draft.runs.with(last, { ...run, saved: { at: event.ts, facts } });
    return;
  }
  // Of what goes on for long, the latest alone is told.
  if (cause === "work" && isWork(draft.items.at(-1))) draft.items.pop();
  draft.items.push({
    ...base(event, `saved:${cause}:${event.seq}`),
    kind: "notice",
    tone: "info",
    title: "Saved",
    text: `${CAUSES[cause]}, ${facts}.`,
  });
}

/** A checkpoint, or why there was none. */
export function savedSeen(draft: Draft, event: Of<"checkpoint.created" | "checkpoint.failed">): void {
  if (event.type === "checkpoint.created") {
    const p = event.payload;
    draft.saved = {
      at: event.ts,
      files: p.files,
      bytes: p.workspace_bytes,
      leftOut: p.left_out,
      ...(p.left_out_paths && { leftOutPaths: p.left_out_paths }),
    };
    mark(draft, event);
    return;
  }
  const { error } = event.payload;
  draft.saved = { ...draft.saved, error };
  draft.items.push({
    ...base(event, `unsaved:${event.seq}`),
    kind: "notice",
    tone: "warning",
    title: "The work could not be saved",
    text: event.payload.retry_at === null ? error : `${error} It's tried again by itself.`,
  });
}

/** The session goes on: what was over is not any longer. */
export function resumed(draft: Draft, event: Of<"session.resumed">): void {
  draft.ended = false;
  draft.steps = [];
  draft.resumedAt = event.ts;
  delete draft.error;
  delete draft.setupOutput;
  const { resumed_by, message_count: count } = event.payload;
  draft.items.push({
    ...base(event, `resumed:${event.seq}`),
    kind: "notice",
    tone: "info",
    title: `${resumed_by} resumed the session`,
    text: `It continues in a new sandbox, after ${count} ${plural(count, "message", "messages")}. Programs and terminals of the old one have ended.`,
  });
}

const RECAP =
  "The agent's memory couldn't be brought back. It's told the end of the conversation in short with your next message.";

/** What was brought back, where that was not all. */
export function restored(draft: Draft, event: Of<"session.restored">): void {
  const { files, history, told_turns: toldTurns = 0 } = event.payload;
  // A branch says at its beginning what it began with.
  if (draft.branch && draft.resumedAt === undefined) {
    draft.branch = { ...draft.branch, toldTurns };
    if (history !== "recap" || files === "none") return;
  }
  if (files === "restored" && history !== "recap") return;
  draft.items.push({
    ...base(event, `restored:${event.seq}`),
    kind: "notice",
    tone: "warning",
    title: files === "none" ? "No files were saved" : "The agent has forgotten the conversation",
    text: [
      ...(files === "none" ? ["The workspace begins from the project."] : []),
      ...(history === "recap" ? [RECAP] : []),
    ].join(" "),
  });
}

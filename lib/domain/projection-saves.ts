import { plural } from "./plural.ts";
import { base, type Draft, type Of } from "./projection-draft.ts";

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

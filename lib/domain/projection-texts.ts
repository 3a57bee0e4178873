import { base, closeText, type Draft, freshId, isAgents, type Of, update } from "./projection-draft.ts";
import type { TextItem, TranscriptItem } from "./session-view.ts";

/**
 * The text that a piece goes on with: of its run and message, as long as the message has not been closed. A thought is
 * never closed, so what the agent did since ends it.
 */
function continued(draft: Draft, event: Of<"llm.response.chunk" | "llm.thinking.chunk">): number {
  const { type, run_id: runId, payload } = event;
  const isOfMessage = (item: TranscriptItem): item is TextItem =>
    item.kind === (type === "llm.response.chunk" ? "text" : "thinking") &&
    item.messageId === payload.message_id &&
    item.runId === runId;
  if (type === "llm.thinking.chunk") {
    const at = draft.items.findLastIndex((item) => isAgents(item) && item.runId === runId);
    const last = draft.items[at];
    return last && isOfMessage(last) ? at : -1;
  }
  const at = draft.items.findLastIndex(isOfMessage);
  const last = draft.items[at];
  return last && isOfMessage(last) && !last.whole ? at : -1;
}

/** A piece of what the agent says or thinks. Whatever came in between, one message stays one entry. */
export function textChunk(draft: Draft, event: Of<"llm.response.chunk" | "llm.thinking.chunk">): void {
  const { message_id: messageId, delta } = event.payload;
  const at = continued(draft, event);
  const known = draft.items[at];
  if (at < draft.items.length - 1) closeText(draft, event.ts);
  if (known?.kind === "text" || known?.kind === "thinking") {
    const { endedAt: _grows, ...rest } = known;
    draft.items[at] = { ...rest, text: known.text + delta, done: false };
    return;
  }
  const kind = event.type === "llm.response.chunk" ? "text" : "thinking";
  const id = freshId(draft, `${kind}:${messageId}`, event);
  draft.items.push({ ...base(event, id), messageId, kind, text: delta, done: false });
}

/** A message with its whole text: it is closed, and what comes under its name later is another. */
export function textWhole(draft: Draft, event: Of<"message.assistant">): void {
  const { message_id: messageId, content, truncated } = event.payload;
  update(
    draft,
    (item): item is TextItem =>
      item.kind === "text" && item.messageId === messageId && item.runId === event.run_id,
    (item) => ({
      ...item,
      text: truncated ? item.text : content,
      done: true,
      whole: true,
      endedAt: item.endedAt ?? event.ts,
    }),
  );
}

import type { StudioEvent } from "./events.ts";
import type { ItemBase, SessionView, TranscriptItem } from "./session-view.ts";

/** A view while events are applied to it. */
export type Draft = { -readonly [K in keyof SessionView]: SessionView[K] } & { items: TranscriptItem[] };
/** An event of one of these types. */
export type Of<T extends StudioEvent["type"]> = Extract<StudioEvent, { type: T }>;

/** Replaces the newest item that `match` accepts; items are found near the end, so the search runs backwards. */
export function update<T extends TranscriptItem>(
  draft: Draft,
  match: (item: TranscriptItem) => item is T,
  change: (item: T) => T,
): boolean {
  const at = draft.items.findLastIndex(match);
  if (at < 0) return false;
  draft.items[at] = change(draft.items[at] as T);
  return true;
}

/** What every item of the transcript has of its event. */
export function base(event: StudioEvent, id: string): ItemBase {
  return { id, seq: event.seq, ts: event.ts, ...(event.run_id && { runId: event.run_id }) };
}

/** Ends the text that was being written, if there is one. */
export function closeText(draft: Draft, ts: string): void {
  const last = draft.items.at(-1);
  if (last && (last.kind === "text" || last.kind === "thinking") && !last.done)
    draft.items[draft.items.length - 1] = { ...last, done: true, endedAt: ts };
}

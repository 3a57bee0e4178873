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

/** What the agent itself says and does; what people do may come in between. */
export const isAgents = ({ kind }: TranscriptItem): boolean =>
  kind === "text" || kind === "thinking" || kind === "tool";

/** Ends the text that was being written, if there is one. */
export function closeText(draft: Draft, ts: string): void {
  const at = draft.items.findLastIndex(isAgents);
  const last = draft.items[at];
  if (last && last.kind !== "tool" && "done" in last && !last.done)
    draft.items[at] = { ...last, done: true, endedAt: ts };
}

const KNOWN_IDS = new WeakMap<readonly TranscriptItem[], Set<string>>();

/** The ids of a transcript's entries, gathered once for all events that are applied together. */
function idsOf({ items }: Draft): Set<string> {
  let ids = KNOWN_IDS.get(items);
  if (!ids) KNOWN_IDS.set(items, (ids = new Set(items.map(({ id }) => id))));
  return ids;
}

/** An id for a new entry: the name that it has, or where an entry has that already, one with its event's number. */
export function freshId(draft: Draft, name: string, { seq }: StudioEvent): string {
  const ids = idsOf(draft);
  const id = ids.has(name) ? `${name}@${seq}` : name;
  ids.add(id);
  return id;
}

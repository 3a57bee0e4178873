import type { Diff, EventDraft } from "./events.ts";

/** Text longer than this is kept apart from its event, which shows its beginning. */
export const MAX_INLINE_CHARS = 10_000;
/** How much of a text that is kept apart its event still has. */
export const PREVIEW_CHARS = 4_000;
/** No text is kept beyond this: three bytes each in UTF-8 at most, below a document's mebibyte. */
export const MAX_ARTIFACT_CHARS = 300_000;

export type ArtifactKind = "output" | "diff";

/** A text that was too long for its event. Of a diff it is the diff as JSON. */
export interface Artifact {
  kind: ArtifactKind;
  text: string;
}

/** More entries of one list are not shown. */
const MAX_ENTRIES = 500;

/** The beginning of a text; half of a pair of surrogates is no character. */
function head(text: string, chars: number): string {
  const end = /[\uD800-\uDBFF]/.test(text.charAt(chars - 1)) ? chars - 1 : chars;
  return text.slice(0, end);
}

const charsOf = (diff: Diff) => (diff.old_text?.length ?? 0) + diff.new_text.length;

/** A diff no longer than may be kept, or than is shown; it says where something was left out. */
function cutDiff(diff: Diff, chars: number): Diff {
  if (charsOf(diff) <= chars) return diff;
  const half = Math.floor(chars / 2);
  return {
    ...diff,
    old_text: diff.old_text === null ? null : head(diff.old_text, half),
    new_text: head(diff.new_text, half),
    truncated: true,
  };
}

/** A call's input without its long texts, or itself: what a file was to become stands in the diff. */
export function cutInput(input: Record<string, unknown>): Record<string, unknown> {
  const cut = Object.entries(input).flatMap(([key, value]) => {
    const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "");
    if (text.length <= PREVIEW_CHARS) return [];
    return [[key, `${head(text, PREVIEW_CHARS)}… (${text.length} characters)`] as const];
  });
  return cut.length === 0 ? input : { ...input, ...Object.fromEntries(cut) };
}

/** A value without what is too long in it, however deep that stands. */
function cutDeep(value: unknown, chars: number, entries: number): unknown {
  if (typeof value === "string") return value.length <= chars ? value : `${head(value, chars)}…`;
  if (Array.isArray(value)) return value.slice(0, entries).map((item) => cutDeep(item, chars, entries));
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.entries(value).slice(0, entries);
  return Object.fromEntries(
    fields.map(([key, item]) => [key.length > chars ? head(key, chars) : key, cutDeep(item, chars, entries)]),
  );
}

/** A call's input as a row has it: without its long texts, and of no more fields than people look at. */
export function boundedInput(input: Record<string, unknown>): Record<string, unknown> {
  const cut = cutInput(input);
  return JSON.stringify(cut).length <= MAX_ARTIFACT_CHARS / 3
    ? cut
    : (cutDeep(cut, 200, 100) as Record<string, unknown>);
}

/** The event, cut where it would be too long to be stored: nothing that an agent says may end its session. */
function withinBounds(draft: EventDraft): EventDraft {
  let bounded = draft;
  for (let chars = PREVIEW_CHARS, entries = MAX_ENTRIES; chars > 1; chars /= 4, entries /= 4) {
    if (JSON.stringify(bounded.payload).length <= MAX_ARTIFACT_CHARS) return bounded;
    // Its own fields stay: they are what makes it an event of its type.
    const fields = Object.entries(draft.payload).map(([name, value]) => [
      name,
      cutDeep(value, Math.floor(chars), Math.max(1, Math.floor(entries))),
    ]);
    bounded = { ...draft, payload: Object.fromEntries(fields) };
  }
  return bounded;
}

type Keep = (artifact: Artifact) => Promise<string>;

async function keptDiff(diff: Diff, keep: Keep): Promise<Diff> {
  if (charsOf(diff) <= MAX_INLINE_CHARS) return diff;
  const kept = cutDiff(diff, MAX_ARTIFACT_CHARS);
  const id = await keep({ kind: "diff", text: JSON.stringify(kept) });
  return { ...cutDiff(kept, PREVIEW_CHARS), artifact_id: id, chars: charsOf(diff) };
}

/** Several diffs of one event: what does not fit beside the others is kept apart. */
async function keptDiffs(diffs: readonly Diff[], keep: Keep): Promise<Diff[]> {
  const kept: Diff[] = [];
  let left = MAX_INLINE_CHARS;
  for (const diff of diffs) {
    const chars = charsOf(diff);
    if (chars <= left) kept.push(diff);
    else {
      const whole = cutDiff(diff, MAX_ARTIFACT_CHARS);
      const id = await keep({ kind: "diff", text: JSON.stringify(whole) });
      kept.push({ ...cutDiff(whole, Math.floor(PREVIEW_CHARS / 4)), artifact_id: id, chars });
    }
    left = Math.max(0, left - chars);
  }
  return kept;
}

/** The diff fields of an event, without their long texts; the first of several is kept once. */
async function keptFields(
  { diff, diffs }: { diff?: Diff | undefined; diffs?: Diff[] | undefined },
  keep: Keep,
) {
  if (!diffs) return diff ? { diff: await keptDiff(diff, keep) } : {};
  const all = await keptDiffs(diffs, keep);
  return { ...(all[0] && { diff: all[0] }), diffs: all };
}

/**
 * An event without its long texts, so that it is small enough to be stored and read by all; what people look at is
 * kept whole beside it, as far as anything is. `keep` stores such a text and names it.
 * @returns the draft itself where it has none
 */
export async function withoutLongTexts(draft: EventDraft, keep: Keep): Promise<EventDraft> {
  return withinBounds(await withTextsApart(draft, keep));
}

async function withTextsApart(draft: EventDraft, keep: Keep): Promise<EventDraft> {
  switch (draft.type) {
    case "tool.requested":
    case "tool.started": {
      const tool_input = cutInput(draft.payload.tool_input);
      return tool_input === draft.payload.tool_input
        ? draft
        : { ...draft, payload: { ...draft.payload, tool_input } };
    }
    case "approval.requested": {
      const shown = { ...draft.payload, request: cutInput(draft.payload.request) };
      return { ...draft, payload: { ...shown, ...(await keptFields(draft.payload, keep)) } };
    }
    case "tool.completed": {
      const { output, diff, diffs } = draft.payload;
      if (output.length <= MAX_INLINE_CHARS && !diff && !diffs) return draft;
      const payload = { ...draft.payload, ...(await keptFields(draft.payload, keep)) };
      if (output.length <= MAX_INLINE_CHARS) return { ...draft, payload };
      const id = await keep({ kind: "output", text: head(output, MAX_ARTIFACT_CHARS) });
      return {
        ...draft,
        payload: {
          ...payload,
          output: head(output, PREVIEW_CHARS),
          output_artifact_id: id,
          output_chars: output.length,
          ...(output.length > MAX_ARTIFACT_CHARS && { truncated: true }),
        },
      };
    }
    case "message.assistant":
      // Its pieces are in the log before it: a long answer is stored once.
      if (draft.payload.content.length <= MAX_INLINE_CHARS) return draft;
      return {
        ...draft,
        payload: { ...draft.payload, content: head(draft.payload.content, PREVIEW_CHARS), truncated: true },
      };
    case "run.completed":
      return {
        ...draft,
        payload: { ...draft.payload, output: head(draft.payload.output, MAX_ARTIFACT_CHARS) },
      };
    default:
      return draft;
  }
}

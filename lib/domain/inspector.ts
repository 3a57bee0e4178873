/** A session's log as a timeline to be looked through: a line for each event, and what belongs together. Pure. */
import { hasType } from "./event-filter.ts";
import type { EventEnvelope } from "./events.ts";
import { warningWords } from "./monthly-limits.ts";

export const FAMILIES = [
  "message",
  "model",
  "thinking",
  "tool",
  "approval",
  "checkpoint",
  "run",
  "session",
  "git",
  "network",
  "error",
  "other",
] as const;
export type Family = (typeof FAMILIES)[number];

/** An event, as far as the timeline needs it: its payload is read when somebody wants to see it. */
export interface InspectorRow {
  seq: number;
  /** Epoch milliseconds. */
  at: number;
  type: string;
  family: Family;
  runId: string | null;
  /** What is said of it, in a line. */
  what: string;
  /** What it belongs to: a call with its answer. Null where it stands alone. */
  group: string | null;
  tookMs: number | null;
  costMicroUsd: number | null;
  inputTokens: number;
  cachedTokens: number;
  outputTokens: number;
  /** Small letters, for the search: the beginning of a long payload. */
  search: string;
}

/** What a reader wants to see; what is left out counts for everything. */
export interface InspectorFilter {
  /** Those that are hidden. */
  hidden?: readonly Family[];
  /** Types, with `*` for any characters. */
  types?: readonly string[];
  text?: string;
  fromSeq?: number;
  toSeq?: number;
  /** Whether a call and its answer are one line. */
  isGrouped?: boolean;
}

const MAX_WHAT = 200;
const MAX_SEARCH = 2_000;

const FAMILY_OF: readonly (readonly [prefix: string, family: Family])[] = [
  ["message.", "message"],
  ["llm.thinking.", "thinking"],
  ["llm.", "model"],
  ["usage.", "model"],
  ["budget.", "model"],
  ["credits.", "model"],
  ["tool.", "tool"],
  ["command.", "tool"],
  ["process.", "tool"],
  ["file.", "tool"],
  ["approval.", "approval"],
  ["question.", "approval"],
  ["checkpoint.", "checkpoint"],
  ["session.", "session"],
  ["provision.", "session"],
  ["setup.", "session"],
  ["run.", "run"],
  ["git.", "git"],
  ["network.", "network"],
];
const ERRORS: ReadonlySet<string> = new Set([
  "run.violation",
  "session.rewind_failed",
  "skill.failed",
  "network.refused",
]);

/** The family of a type. What failed is an error, wherever that was. */
export function familyOf(type: string): Family {
  if (ERRORS.has(type) || type.endsWith(".error") || type.endsWith(".failed")) return "error";
  return FAMILY_OF.find(([prefix]) => type.startsWith(prefix))?.[1] ?? "other";
}

type Payload = Readonly<Record<string, unknown>>;

const text = (value: unknown): string => (typeof value === "string" ? value : "");
const figure = (value: unknown): number => (typeof value === "number" && Number.isFinite(value) ? value : 0);
const firstOf = (payload: Payload, ...names: string[]): string =>
  names.map((name) => text(payload[name])).find((value) => value.trim() !== "") ?? "";

/** What is said of an event. Every payload comes from outside: nothing of its form is relied on. */
function whatOf(type: string, payload: Payload): string {
  switch (type) {
    case "usage.recorded": {
      const { input_tokens, cached_tokens, output_tokens } = payload;
      return `${text(payload.model)} · in ${figure(input_tokens)}, cached ${figure(cached_tokens)}, out ${figure(output_tokens)}`;
    }
    case "llm.request.started":
      return `${text(payload.model)} · about ${figure(payload.input_tokens)} in, ${figure(payload.messages_count)} messages`;
    case "llm.routed":
      return `${text(payload.chosen_model)} · ${text(payload.reason)}`;
    case "budget.warning":
      return warningWords(Number(payload.threshold_percent), text(payload.scope));
    case "tool.requested":
    case "tool.started":
    case "tool.completed":
    case "tool.error": {
      const input = payload.tool_input as Payload | undefined;
      const command = input && typeof input === "object" ? text(input.command) : "";
      return command || firstOf(payload, "title", "error", "tool_name");
    }
    case "approval.decided":
      return `${text(payload.decision)}${text(payload.decided_by) && ` by ${text(payload.decided_by)}`}`;
    case "network.applied":
      return `policy: ${text(payload.mode)}`;
    case "session.status":
      return [text(payload.status), text(payload.waiting_for)].filter(Boolean).join(", waits for ");
    default:
      return firstOf(
        payload,
        "summary",
        "title",
        "content",
        "delta",
        "input",
        "output",
        "error",
        "message",
        "reason",
        "label",
        "path",
        "subject",
        "host",
        "tool_name",
      );
  }
}

const lineOf = (value: string): string => value.slice(0, MAX_WHAT).replaceAll(/\s+/g, " ").trim();

/** A group of events: its first one, and what they come to. */
export interface InspectorGroup {
  /** The place of its first event in the timeline. */
  first: number;
  count: number;
  tookMs: number | null;
  costMicroUsd: number | null;
  isFailed: boolean;
  what: string;
}

/** A timeline as it grows; events come in their order, each once. */
export class Timeline {
  readonly rows: InspectorRow[] = [];
  readonly groups = new Map<string, InspectorGroup>();
  readonly counts: Record<Family, number>;
  /** By run: how many model calls it has had, and when the last thing before the next one was. */
  readonly #calls = new Map<string, { count: number; since: number }>();
  readonly #ofMessage = new Map<string, string>();
  /** By request: how long a call took by its gateway, until what it used is known. */
  readonly #measured = new Map<string, number>();

  constructor() {
    this.counts = Object.fromEntries(FAMILIES.map((family) => [family, 0])) as Record<Family, number>;
  }

  get lastSeq(): number {
    return this.rows.at(-1)?.seq ?? 0;
  }

  /** Takes an event. One that was there before changes nothing. */
  add(event: EventEnvelope): void {
    if (event.seq <= this.lastSeq) return;
    const { payload, type } = event;
    const at = Date.parse(event.ts);
    const runId = event.run_id ?? null;
    const family = familyOf(type);
    const isCall = type === "usage.recorded";
    const request = text(payload.request_id);
    if (type === "llm.response.completed") this.#measured.set(request, figure(payload.duration_ms));
    const measured = isCall ? this.#measured.get(request) : undefined;
    if (isCall) this.#measured.delete(request);
    const run = this.#runOf(runId ?? "", at);
    const row: InspectorRow = {
      seq: event.seq,
      at,
      type,
      family,
      runId,
      what: lineOf(whatOf(type, payload)),
      group: this.#groupOf(type, payload, runId ?? "", run),
      tookMs: isCall
        ? (measured ?? Math.max(0, at - run.since))
        : typeof payload.duration_ms === "number"
          ? figure(payload.duration_ms)
          : null,
      costMicroUsd: isCall ? figure(payload.cost_micro_usd) : null,
      inputTokens: isCall ? figure(payload.input_tokens) : 0,
      cachedTokens: isCall ? figure(payload.cached_tokens) : 0,
      outputTokens: isCall ? figure(payload.output_tokens) : 0,
      search: `${type} ${JSON.stringify(payload).slice(0, MAX_SEARCH)}`.toLowerCase(),
    };
    // What a model is waited for begins when nothing else is at work.
    if (isCall) run.count += 1;
    if (isCall || family === "tool" || family === "approval" || family === "run") run.since = at;
    this.counts[family] += 1;
    this.#note(row, this.rows.length);
    this.rows.push(row);
  }

  #runOf(runId: string, at: number): { count: number; since: number } {
    const known = this.#calls.get(runId);
    if (known) return known;
    const made = { count: 0, since: at };
    this.#calls.set(runId, made);
    return made;
  }

  #groupOf(type: string, payload: Payload, runId: string, run: { count: number }): string | null {
    const call = text(payload.tool_call_id);
    if (call !== "") return `tool:${runId}:${call}`;
    if (type === "usage.recorded" || type === "llm.request.started" || type === "llm.response.completed")
      return `model:${runId}:${run.count}`;
    const message = text(payload.message_id);
    if (message === "" || !/^(?:llm|message)\./.test(type)) return null;
    const key = `${runId}:${message}`;
    const known = this.#ofMessage.get(key) ?? `model:${runId}:${run.count}`;
    this.#ofMessage.set(key, known);
    return known;
  }

  #note({ group, what, tookMs, costMicroUsd, family, type }: InspectorRow, index: number): void {
    if (group === null) return;
    const known = this.groups.get(group);
    if (!known) {
      this.groups.set(group, {
        first: index,
        count: 1,
        tookMs,
        costMicroUsd,
        isFailed: family === "error",
        what,
      });
      return;
    }
    known.count += 1;
    known.isFailed ||= family === "error";
    if (tookMs !== null) known.tookMs = tookMs;
    if (costMicroUsd !== null) known.costMicroUsd = (known.costMicroUsd ?? 0) + costMicroUsd;
    // The whole answer says more than its first piece.
    if (
      type === "message.assistant" ||
      (type === "llm.response.completed" && what !== "") ||
      known.what === ""
    )
      known.what = what;
  }
}

/** The places of the rows that are shown, in their order; of a group its first one, where any of it is meant. */
export function shownRows(timeline: Timeline, filter: InspectorFilter): number[] {
  const { rows, groups } = timeline;
  const { hidden = [], types, text: wanted = "", fromSeq = 0, toSeq = Infinity, isGrouped = false } = filter;
  const gone = new Set(hidden);
  const words = wanted.trim().toLowerCase();
  const marks = new Uint8Array(rows.length);
  for (let index = 0; index < rows.length; index += 1) {
    const row = rows[index]!;
    if (row.seq < fromSeq || row.seq > toSeq || gone.has(row.family)) continue;
    if (types !== undefined && types.length > 0 && !hasType(row.type, { types })) continue;
    if (words !== "" && !row.search.includes(words)) continue;
    const first = isGrouped && row.group !== null ? groups.get(row.group)?.first : undefined;
    marks[first ?? index] = 1;
  }
  const shown: number[] = [];
  for (let index = 0; index < marks.length; index += 1) if (marks[index] === 1) shown.push(index);
  return shown;
}

/** What a timeline used in a span of time. */
export interface Bucket {
  /** Epoch milliseconds. */
  from: number;
  to: number;
  events: number;
  tokens: number;
  costMicroUsd: number;
  /** Of the slowest model call. */
  latencyMs: number;
}

/** A timeline in equal spans of time. */
export function bucketsOf(rows: readonly InspectorRow[], count: number): Bucket[] {
  const first = rows[0]?.at ?? 0;
  const last = rows.at(-1)?.at ?? first;
  const width = Math.max(1, (last - first + 1) / count);
  const buckets = Array.from({ length: rows.length === 0 ? 0 : count }, (_, index) => ({
    from: first + index * width,
    to: first + (index + 1) * width,
    events: 0,
    tokens: 0,
    costMicroUsd: 0,
    latencyMs: 0,
  }));
  for (const row of rows) {
    const bucket = buckets[Math.min(count - 1, Math.max(0, Math.floor((row.at - first) / width)))];
    if (!bucket) continue;
    bucket.events += 1;
    bucket.tokens += row.inputTokens + row.outputTokens;
    bucket.costMicroUsd += row.costMicroUsd ?? 0;
    if (row.type === "usage.recorded") bucket.latencyMs = Math.max(bucket.latencyMs, row.tookMs ?? 0);
  }
  return buckets;
}

/** What a run, or a whole session, came to. */
export interface InspectorTotals {
  events: number;
  modelCalls: number;
  toolCalls: number;
  errors: number;
  inputTokens: number;
  cachedTokens: number;
  outputTokens: number;
  costMicroUsd: number;
  durationMs: number;
}

export function totalsOf(rows: readonly InspectorRow[]): InspectorTotals {
  const totals: InspectorTotals = {
    events: rows.length,
    modelCalls: 0,
    toolCalls: 0,
    errors: 0,
    inputTokens: 0,
    cachedTokens: 0,
    outputTokens: 0,
    costMicroUsd: 0,
    durationMs: Math.max(0, (rows.at(-1)?.at ?? 0) - (rows[0]?.at ?? 0)),
  };
  for (const row of rows) {
    if (row.type === "usage.recorded") totals.modelCalls += 1;
    if (row.type === "tool.requested") totals.toolCalls += 1;
    if (row.family === "error") totals.errors += 1;
    totals.inputTokens += row.inputTokens;
    totals.cachedTokens += row.cachedTokens;
    totals.outputTokens += row.outputTokens;
    totals.costMicroUsd += row.costMicroUsd ?? 0;
  }
  return totals;
}

import { plainOf } from "./terminal-output.ts";
import type {
  ApprovalView,
  NoticeItem,
  QuestionView,
  RunView,
  SessionView,
  TextItem,
  ToolItem,
  TranscriptItem,
  UserItem,
} from "#domain/session-view.ts";

/** One mark on the rail. `at` is ISO 8601. */
export type Entry =
  | { kind: "user"; key: string; at: string; item: UserItem; queued: boolean }
  | { kind: "text" | "thinking"; key: string; at: string; item: TextItem }
  | { kind: "notice"; key: string; at: string; item: NoticeItem }
  | { kind: "tools"; key: string; at: string; items: ToolItem[] }
  | { kind: "approval"; key: string; at: string; approval: ApprovalView }
  | { kind: "decision"; key: string; at: string; approval: ApprovalView }
  | { kind: "question" | "answered"; key: string; at: string; question: QuestionView }
  | { kind: "plan"; key: string; at: string }
  | { kind: "turn"; key: string; at: string; run: RunView; turn: number; answer: string }
  /** Turns that a rewind has set aside, with all that they said. */
  | { kind: "aside"; key: string; at: string; turns: number; entries: Entry[] };

const PLAN_TOOL = "todowrite";

/** Items by run, in the order of the runs: a message that waited stands where its turn began. */
function byRun(view: SessionView): TranscriptItem[] {
  const place = new Map(view.runs.map((run, index) => [run.id, index]));
  let last = 0;
  const placed = view.items.map((item) => {
    const known = item.runId === undefined ? undefined : place.get(item.runId);
    // What belongs to no run stands where it happened.
    if (known === undefined) return { item, place: last };
    if (item.kind !== "user") last = known;
    return { item, place: known };
  });
  return placed.toSorted((a, b) => a.place - b.place).map(({ item }) => item);
}

/** @param asked what was asked about the call, in its order: to reach into a folder, then to change a file in it */
function push(entries: Entry[], item: ToolItem, asked: readonly ApprovalView[]): void {
  for (const approval of asked) {
    const key = `ask:${approval.key}`;
    if (!approval.decision) {
      entries.push({ kind: "approval", key, at: approval.requestedAt, approval });
      return;
    }
    // What nobody was asked about is a mark on its call.
    if (approval.decision === "approved" && approval.reason === "rule") continue;
    entries.push({ kind: "decision", key, at: approval.decidedAt ?? approval.requestedAt, approval });
    // The line says all there is to say of a call that was not allowed.
    if (approval.decision === "denied") return;
  }
  const last = entries.at(-1);
  if (last?.kind === "tools" && last.items[0]?.runId === item.runId) last.items.push(item);
  else
    entries.push({
      kind: "tools",
      key: `tool:${item.id}`,
      at: asked.at(-1)?.decidedAt ?? item.ts,
      items: [item],
    });
}

function turnEnd(run: RunView, turn: number, answer: string): Entry[] {
  if (run.status !== "completed" || run.endedAt === undefined) return [];
  return [{ kind: "turn", key: `turn:${run.id}`, at: run.endedAt, run, turn, answer }];
}

/** The run that an entry belongs to; undefined where it stands for itself. */
function runOf(entry: Entry): string | undefined {
  if (entry.kind === "tools") return entry.items[0]?.runId;
  if (entry.kind === "turn") return entry.run.id;
  if (entry.kind === "approval" || entry.kind === "decision") return entry.approval.runId;
  if (entry.kind === "question" || entry.kind === "answered") return entry.question.runId;
  return "item" in entry ? entry.item.runId : undefined;
}

/** Puts what a rewind has set aside together, so that it can be shown as one. */
function folded(entries: Entry[], { runs }: SessionView): Entry[] {
  const aside = new Map(
    runs.flatMap((run) => (run.setAside === undefined ? [] : [[run.id, run.setAside] as const])),
  );
  if (aside.size === 0) return entries;
  const all: Entry[] = [];
  for (const entry of entries) {
    const runId = runOf(entry);
    const by = runId === undefined ? undefined : aside.get(runId);
    const last = all.at(-1);
    const key = `aside:${by}`;
    if (by === undefined) all.push(entry);
    else if (last?.kind === "aside" && last.key.startsWith(key)) last.entries.push(entry);
    // A line of nobody's turn may stand between them.
    else all.push({ kind: "aside", key: `${key}:${entry.key}`, at: entry.at, turns: 0, entries: [entry] });
  }
  return all.map((entry) =>
    entry.kind === "aside" ? { ...entry, turns: new Set(entry.entries.map(runOf)).size } : entry,
  );
}

/** The transcript as it stands on the rail, from top to bottom. */
export function entriesOf(view: SessionView): Entry[] {
  return folded(entriesOfAll(view), view);
}

function entriesOfAll(view: SessionView): Entry[] {
  const entries: Entry[] = [];
  const items = byRun(view);
  const runs = new Map(view.runs.map((run, index) => [run.id, { run, turn: index + 1 }]));
  const approvals = Map.groupBy(view.approvals, ({ toolCallId }) => toolCallId);
  const plan = items.findLast((item) => item.kind === "tool" && item.name === PLAN_TOOL);
  const questions = new Map(view.questions.map((question) => [question.toolCallId, question]));
  const shownCards = new Set<string>();
  // The last words of each run: what its end offers to copy.
  const answers = new Map(
    items.flatMap((item) => (item.kind === "text" && item.runId ? [[item.runId, item.text] as const] : [])),
  );
  // The last entry of each run, by its place: what people do during a run stands between its entries.
  const ends = new Map(items.flatMap((item, index) => (item.runId ? [[item.runId, index] as const] : [])));
  items.forEach((item, index) => {
    const run = item.runId === undefined ? undefined : runs.get(item.runId);
    if (item.kind === "tool") {
      const asked = approvals.get(item.id) ?? [];
      const question = questions.get(item.id);
      for (const { key } of asked) shownCards.add(key);
      if (question) {
        // The card, and later its line, say all there is to say of the call.
        entries.push(questionEntry(question));
        shownCards.add(question.key);
      }
      const isPlan =
        item.name === PLAN_TOOL && view.plan.length > 0 && item.state !== "failed" && asked.length === 0;
      if (!isPlan && !question) push(entries, item, asked);
      else if (isPlan && item === plan) entries.push({ kind: "plan", key: "plan", at: item.ts });
    } else if (item.kind === "user") {
      // One that waited stands where its turn began, and at that time.
      const waited = item.ts < (entries.at(-1)?.at ?? "");
      const at = (waited && run?.run.startedAt) || item.ts;
      entries.push({
        kind: "user",
        key: item.id,
        at,
        item,
        queued: run?.run.status === "pending" && !run.run.parked,
      });
    } else {
      entries.push({ kind: item.kind, key: item.id, at: item.ts, item } as Entry);
    }
    if (run && ends.get(run.run.id) === index)
      entries.push(...turnEnd(run.run, run.turn, answers.get(run.run.id) ?? ""));
  });
  if (!plan && view.plan.length > 0)
    entries.push({ kind: "plan", key: "plan", at: entries.at(-1)?.at ?? new Date(0).toISOString() });
  for (const approval of view.approvals)
    if (!approval.decision && !shownCards.has(approval.key))
      entries.push({ kind: "approval", key: `ask:${approval.key}`, at: approval.requestedAt, approval });
  for (const question of view.questions)
    if (!question.outcome && !shownCards.has(question.key)) entries.push(questionEntry(question));
  return entries;
}

function questionEntry(question: QuestionView): Entry {
  const key = `question:${question.key}`;
  return question.outcome
    ? { kind: "answered", key, at: question.answeredAt ?? question.requestedAt, question }
    : { kind: "question", key, at: question.requestedAt, question };
}

/** The cards that wait for a person's word, in their order. */
export const openCards = (entries: readonly Entry[]) =>
  entries.filter((entry) => entry.kind === "approval" || entry.kind === "question");

/** True where two entries show the same; views share what did not change. */
export function sameEntry(a: Entry, b: Entry): boolean {
  if (a.kind !== b.kind || a.key !== b.key || a.at !== b.at) return false;
  switch (a.kind) {
    case "plan":
      return true;
    case "aside":
      return (
        b.kind === "aside" &&
        a.entries.length === b.entries.length &&
        a.entries.every((entry, index) => sameEntry(entry, b.entries[index]!))
      );
    case "tools":
      return (
        b.kind === "tools" &&
        a.items.length === b.items.length &&
        a.items.every((item, index) => item === b.items[index])
      );
    case "approval":
    case "decision":
      return (b.kind === "approval" || b.kind === "decision") && a.approval === b.approval;
    case "question":
    case "answered":
      return (b.kind === "question" || b.kind === "answered") && a.question === b.question;
    case "turn":
      return b.kind === "turn" && a.run === b.run && a.answer === b.answer;
    case "user":
      return b.kind === "user" && a.item === b.item && a.queued === b.queued;
    default:
      return "item" in b && a.item === b.item;
  }
}

/** The number of the event that an entry begins with; undefined where it stands for none of its own. */
export function seqOf(entry: Entry): number | undefined {
  if (entry.kind === "tools") return entry.items[0]?.seq;
  return "item" in entry ? entry.item.seq : undefined;
}

/** All that an entry says, for finding words in it. */
export function textOf(entry: Entry): string {
  switch (entry.kind) {
    case "tools":
      return entry.items
        .map(
          (item) =>
            `${item.title}\n${JSON.stringify(item.input)}\n${plainOf(item.output)}\n${item.error ?? ""}`,
        )
        .join("\n");
    case "approval":
    case "decision":
      return `${entry.approval.summary} ${entry.approval.decidedBy ?? ""}`;
    case "question":
    case "answered":
      return entry.question.questions
        .map((asked, index) => `${asked.question} ${entry.question.answers?.[index]?.join(" ") ?? ""}`)
        .join("\n");
    case "aside":
      return entry.entries.map(textOf).join("\n");
    case "notice":
      return `${entry.item.title} ${entry.item.text}`;
    case "user":
    case "text":
    case "thinking":
      return entry.item.text;
    default:
      return "";
  }
}

/** A tool call in the words of its row. */
export function describeTool(item: ToolItem): { verb: string; object: string; isPath: boolean } {
  const text = (...keys: string[]) =>
    keys
      .map((key) => item.input[key])
      .find((value): value is string => typeof value === "string" && value !== "");
  const path = item.diff?.path ?? text("filePath", "filepath", "path");
  const from = (object: string | undefined, verb: string, isPath = false) => ({
    verb,
    object: object ?? item.title,
    isPath,
  });
  switch (item.toolKind) {
    case "execute":
      return from(text("command"), "run");
    case "read":
      return from(path && shortPath(path), "read", true);
    case "edit":
      return from(path && shortPath(path), item.name === "write" ? "write" : "edit", true);
    case "search":
      return from(text("pattern", "query"), "search");
    case "fetch":
      return from(text("url", "query"), "fetch");
    default:
      return from(item.title === item.name ? item.name : `${item.name}: ${item.title}`, "use");
  }
}

/** A path as seen from the workspace. */
export function shortPath(path: string): string {
  return path.replace(/^\/workspace\//, "");
}

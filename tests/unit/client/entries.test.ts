import { expect, test } from "vitest";
import { boundary, urgent } from "#components/session/announcer.tsx";
import { describeTool, entriesOf, openCards, sameEntry, textOf } from "#client/entries.ts";
import type { EventEnvelope } from "#domain/events.ts";
import { applyEvents } from "#domain/projection.ts";
import { EMPTY_VIEW, type SessionView, type ToolItem } from "#domain/session-view.ts";

type Draft = [type: string, payload: Record<string, unknown>, run?: string];

function viewOf(drafts: Draft[]): SessionView {
  const events = drafts.map(([type, payload, run], index): EventEnvelope => ({
    event_id: `e${index}`,
    type,
    ts: new Date(1_700_000_000_000 + index * 1000).toISOString(),
    session_id: "s",
    ...(run && { run_id: run }),
    seq: index + 1,
    source: "test",
    payload,
  }));
  return applyEvents(EMPTY_VIEW, events);
}

const call = (id: string, name: string, kind: string, input: Record<string, unknown> = {}): Draft => [
  "tool.started",
  { tool_call_id: id, tool_name: name, kind, title: name, tool_input: input },
  "r1",
];
const done = (id: string, name: string): Draft => [
  "tool.completed",
  { tool_call_id: id, tool_name: name, title: name, output: "ok", duration_ms: 5 },
  "r1",
];
const ask = (id: string, key: string): Draft => [
  "approval.requested",
  {
    approval_key: key,
    tool: "bash",
    tool_call_id: id,
    kind: "execute",
    summary: "Run ls",
    request: { command: "ls" },
    expires_at: 1,
  },
  "r1",
];
const decide = (id: string, key: string, decision: string): Draft => [
  "approval.decided",
  { approval_key: key, tool_call_id: id, decision, reason: "person", decided_by: "Mara" },
  "r1",
];
const FIRST: Draft[] = [
  ["message.user", { content: "one" }, "r1"],
  ["run.started", { input: "one" }, "r1"],
];
const completed: Draft = [
  "run.completed",
  { output: "", stop_reason: "end_turn", total_events: 1, total_duration_ms: 1, total_tokens: 1 },
  "r1",
];
const kinds = (view: SessionView) => entriesOf(view).map((entry) => entry.kind);

test("calls that follow each other share a mark; words between them part them", () => {
  const view = viewOf([
    ...FIRST,
    call("a", "read", "read"),
    done("a", "read"),
    call("b", "read", "read"),
    ["llm.response.chunk", { message_id: "m", delta: "hm" }, "r1"],
    call("c", "read", "read"),
  ]);
  expect(kinds(view)).toEqual(["user", "tools", "text", "tools"]);
  expect(entriesOf(view)[1]).toMatchObject({ items: [{ id: "a" }, { id: "b" }] });
});

test("a question stands alone; answered, it is a line, and the call goes on behind it", () => {
  const asked: Draft[] = [...FIRST, call("a", "bash", "execute"), ask("a", "k")];
  expect(kinds(viewOf(asked))).toEqual(["user", "approval"]);
  expect(kinds(viewOf([...asked, decide("a", "k", "approved"), done("a", "bash")]))).toEqual([
    "user",
    "decision",
    "tools",
  ]);
  expect(kinds(viewOf([...asked, decide("a", "k", "denied")]))).toEqual(["user", "decision"]);
});

test("a question of a call that was never seen is not lost", () => {
  expect(kinds(viewOf([...FIRST, ask("ghost", "k")]))).toEqual(["user", "approval"]);
});

test("a message that waits stands behind the turn before it, and its turn behind it", () => {
  const waiting: Draft[] = [
    ...FIRST,
    ["message.user", { content: "two" }, "r2"],
    ["run.queued", { input: "two", position: 1 }, "r2"],
    ["llm.response.chunk", { message_id: "m", delta: "answer one" }, "r1"],
  ];
  const before = entriesOf(viewOf(waiting));
  expect(before).toMatchObject([
    { kind: "user", queued: false },
    { kind: "text" },
    { kind: "user", queued: true, item: { text: "two" } },
  ]);
  const after = viewOf([
    ...waiting,
    completed,
    ["run.started", { input: "two" }, "r2"],
    ["llm.response.chunk", { message_id: "m2", delta: "answer two" }, "r2"],
  ]);
  expect(entriesOf(after)).toMatchObject([
    { kind: "user" },
    { kind: "text", item: { text: "answer one" } },
    { kind: "turn", turn: 1, answer: "answer one" },
    { kind: "user", queued: false },
    { kind: "text", item: { text: "answer two" } },
  ]);
});

test("the plan stands once, where it was written last", () => {
  const plan: Draft = ["plan.updated", { entries: [{ content: "Do it", status: "in_progress" }] }, "r1"];
  const view = viewOf([
    ...FIRST,
    call("p1", "todowrite", "other"),
    plan,
    call("a", "read", "read"),
    call("p2", "todowrite", "other"),
    plan,
  ]);
  expect(kinds(view)).toEqual(["user", "tools", "plan"]);
  expect(kinds(viewOf([...FIRST, plan]))).toEqual(["user", "plan"]);
});

test("an entry is the same while what it shows is", () => {
  const base: Draft[] = [...FIRST, call("a", "read", "read"), done("a", "read")];
  const before = entriesOf(viewOf(base));
  const view = viewOf(base);
  const grown = applyEvents(view, [
    {
      event_id: "e9",
      type: "tool.started",
      ts: new Date().toISOString(),
      session_id: "s",
      run_id: "r1",
      seq: view.seq + 1,
      source: "test",
      payload: { tool_call_id: "b", tool_name: "read", kind: "read", title: "read", tool_input: {} },
    },
  ]);
  const [user, tools] = entriesOf(view);
  const [sameUser, moreTools] = entriesOf(grown);
  if (!user || !tools || !sameUser || !moreTools || !before[0]) throw new Error("two entries are expected");
  expect(sameEntry(user, sameUser)).toBe(true);
  expect(sameEntry(tools, moreTools)).toBe(false);
  expect(sameEntry(user, tools)).toBe(false);
});

test("keys are unique, so that nothing is drawn twice", () => {
  const view = viewOf([
    ...FIRST,
    call("a", "bash", "execute"),
    ask("a", "k"),
    decide("a", "k", "approved"),
    completed,
  ]);
  const keys = entriesOf(view).map((entry) => entry.key);
  expect(new Set(keys).size).toBe(keys.length);
});

const item = (toolKind: string, name: string, input: Record<string, unknown>) =>
  describeTool({ toolKind, name, title: name, input } as ToolItem);

test("rows speak of what the call is about", () => {
  expect(item("execute", "bash", { command: "ls" })).toMatchObject({ verb: "run", object: "ls" });
  expect(item("edit", "write", { filePath: "/workspace/a/b.ts" })).toMatchObject({
    verb: "write",
    object: "a/b.ts",
  });
  expect(item("read", "read", {})).toMatchObject({ verb: "read", object: "read" });
  expect(item("other", "github_search", {})).toMatchObject({ verb: "use", object: "github_search" });
});

test("speaks at boundaries, and never of a word that streams", () => {
  const working = viewOf([...FIRST, ["session.status", { status: "active" }]]);
  const words = viewOf([
    ...FIRST,
    ["session.status", { status: "active" }],
    ["llm.response.chunk", { message_id: "m", delta: "It is done. More follows" }, "r1"],
  ]);
  expect(boundary(EMPTY_VIEW, working)).toBe("Agent is working");
  expect(boundary(working, words)).toBeUndefined();
  expect(boundary(words, { ...words, status: "idle" })).toBe("Agent finished: It is done.");
});

test("a question is urgent once", () => {
  const asked = viewOf([...FIRST, ask("a", "k")]);
  expect(urgent(EMPTY_VIEW, asked)).toEqual(["Waiting for you: Run ls"]);
  expect(urgent(asked, asked)).toEqual([]);
  expect(urgent(null, asked)).toEqual(["Waiting for you: Run ls"]);
});

test("a question stands in place of its call, and what came of it in place of the question", () => {
  const before = viewOf([...FIRST, call("q1", "question", "other"), completed]);
  const question = {
    key: "k1",
    runId: "r1",
    toolCallId: "q1",
    questions: [{ question: "Which colour?", header: "Colour", options: [], multiple: false, custom: true }],
    requestedAt: before.items[0]?.ts ?? "",
    expiresAt: 1,
  };
  const asked = { ...before, questions: [question] };
  const kinds = (view: SessionView) => entriesOf(view).map(({ kind }) => kind);
  expect(kinds(asked)).toEqual(["user", "question", "turn"]);
  expect(openCards(entriesOf(asked)).map(({ key }) => key)).toEqual(["question:k1"]);
  expect(urgent(null, asked)).toEqual(["Waiting for you: Which colour?"]);
  expect(urgent(asked, asked)).toEqual([]);

  const answered = { ...question, outcome: "answered" as const, answers: [["Pink"]], answeredBy: "Mara" };
  const after = { ...asked, questions: [answered] };
  expect(kinds(after)).toEqual(["user", "answered", "turn"]);
  expect(openCards(entriesOf(after))).toEqual([]);
  const line = entriesOf(after).find(({ kind }) => kind === "answered");
  expect(line && textOf(line)).toContain("Which colour? Pink");
});

test("PAGE-14: who allowed a call is said though a rule allowed an earlier question of it", () => {
  const byRule: Draft = [
    "approval.decided",
    { approval_key: "k1", tool_call_id: "c1", decision: "approved", reason: "rule", decided_by: "Mara" },
    "r1",
  ];
  const steps = (...decisions: Draft[]) =>
    entriesOf(viewOf([...FIRST, call("c1", "bash", "execute"), ...decisions]))
      .filter(({ kind }) => kind !== "user")
      .map(({ kind, key }) => `${kind} ${key}`);
  const first = [ask("c1", "k1"), byRule];
  expect(steps(...first)).toEqual(["tools tool:c1"]);
  expect(steps(...first, ask("c1", "k2"))).toEqual(["approval ask:k2"]);
  expect(steps(...first, ask("c1", "k2"), decide("c1", "k2", "approved"))).toEqual([
    "decision ask:k2",
    "tools tool:c1",
  ]);
  expect(steps(ask("c1", "k0"), decide("c1", "k0", "approved"), ...first)).toEqual([
    "decision ask:k0",
    "tools tool:c1",
  ]);
  expect(steps(...first, ask("c1", "k2"), decide("c1", "k2", "denied"))).toEqual(["decision ask:k2"]);
});

test("PAGE-27: a message that waited stands at the time when its turn began", () => {
  const entries = entriesOf(
    viewOf([
      ...FIRST,
      ["message.user", { content: "two" }, "r2"],
      ["run.queued", { input: "two" }, "r2"],
      completed,
      ["run.started", { input: "two" }, "r2"],
    ]),
  );
  const times = entries.map(({ at }) => at);
  expect(entries.map(({ kind }) => kind)).toEqual(["user", "turn", "user"]);
  expect(times).toEqual(times.toSorted());
});

test("PAGE-4: each entry has a key of its own, and a turn ends once, whatever people do during it", () => {
  const piece: Draft = ["llm.response.chunk", { message_id: "m1", delta: "words" }, "r1"];
  const saved: Draft = ["file.changed", { path: "a.ts", changed_by: "Mara" }];
  const entries = entriesOf(
    viewOf([
      ["message.user", { content: "go" }, "r1"],
      ["run.started", { input: "go" }, "r1"],
      piece,
      saved,
      ["message.user", { content: "more" }, "r2"],
      ["run.queued", { input: "more" }, "r2"],
      piece,
      call("c1", "bash", "execute"),
      done("c1", "bash"),
      saved,
      ["message.assistant", { message_id: "m1", content: "wordswords" }, "r1"],
      ["run.completed", { output: "", stop_reason: "end_turn" }, "r1"],
    ]),
  );
  expect(entries.filter(({ kind }) => kind === "turn")).toHaveLength(1);
  expect(entries.filter(({ kind }) => kind === "text")).toHaveLength(1);
  expect(new Set(entries.map(({ key }) => key)).size).toBe(entries.length);
});

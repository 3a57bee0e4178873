import { Masker } from "#domain/mask.ts";
import { describe, expect, test } from "vitest";
import { checkDraft } from "#domain/events.ts";
import { coalesce } from "#server/agent/coalesce.ts";
import { endOfTurn, fromAcp } from "#server/agent/from-acp.ts";
import { type AgentEvent, type Translation, EMPTY_TRANSLATION } from "#server/agent/translation.ts";
import { type RpcMessage, rpcMessage } from "#server/agent/wire.ts";
import { recorded } from "./recorded.ts";

function translate(messages: RpcMessage[]): { events: AgentEvent[]; state: Translation } {
  let keys = 0;
  let now = 1_000;
  let state = EMPTY_TRANSLATION;
  const events: AgentEvent[] = [];
  for (const message of messages) {
    const context = {
      provider: "demo",
      model: "demo",
      now: (now += 10),
      masker: new Masker(),
      approvalMs: 600_000,
      newKey: () => `apr_${++keys}`,
    };
    const next = message.result !== undefined ? endOfTurn(state, context) : fromAcp(state, message, context);
    state = next.state;
    events.push(...next.events);
  }
  return { events, state };
}

const of = <T extends AgentEvent["type"]>(events: AgentEvent[], type: T) =>
  events.filter((event): event is Extract<AgentEvent, { type: T }> => event.type === type);

describe.each(["basic", "permissions-errors-subagents", "session-operations"])("the recording %s", (name) => {
  const { events } = translate(recorded(name));

  test("SPEC-8: says with each call what it is called with, also of those that nobody is asked about", () => {
    const started = new Map(
      of(events, "tool.started").map(({ payload }) => [payload.tool_call_id, payload.tool_input]),
    );
    const requested = of(events, "tool.requested");
    expect(requested.length).toBeGreaterThan(0);
    // An MCP tool's question comes before its input (OpenCode 1.18.33).
    const known = requested.filter(
      ({ payload }) => started.has(payload.tool_call_id) && payload.kind !== "other",
    );
    for (const { payload } of known) {
      expect(started.get(payload.tool_call_id), payload.title).toMatchObject(payload.tool_input);
      const named = Object.keys(payload.tool_input).filter((key) => key !== "cwd");
      expect(named, payload.title).not.toEqual([]);
    }
  });

  test("SPEC-9: says with each change that leave is asked for how much it is, and its hash", () => {
    for (const { payload } of of(events, "approval.requested"))
      for (const diff of payload.diffs ?? (payload.diff ? [payload.diff] : [])) {
        expect(diff.bytes).toBe(Buffer.byteLength(diff.new_text));
        expect(diff.sha256).toMatch(/^[0-9a-f]{64}$/);
      }
  });

  test("BUG-21: says of what is asked about that it runs once it has been asked, and of what ran in any case", () => {
    // A recording has several sessions, whose calls have the same ids at times.
    const starts = new Map<string, number>();
    for (const event of events)
      if (event.type === "tool.requested") starts.set(event.payload.tool_call_id, 0);
      else if (event.type === "tool.started")
        starts.set(event.payload.tool_call_id, (starts.get(event.payload.tool_call_id) ?? 0) + 1);
      else if (event.type === "approval.requested") expect(starts.get(event.payload.tool_call_id)).toBe(0);
      else if (event.type === "tool.completed" && event.act === true)
        expect(starts.get(event.payload.tool_call_id)).toBe(1);
  });

  test("gives events that are all well formed", () => {
    expect(events.length).toBeGreaterThan(10);
    for (const event of events) checkDraft(event);
  });

  test("gives the same events again", () => {
    expect(translate(recorded(name)).events).toEqual(events);
  });

  test("starts every tool before it ends, and asks about known tools only", () => {
    const seen = new Set<string>();
    for (const event of events) {
      if (event.type === "tool.requested") seen.add(event.payload.tool_call_id);
      if (
        event.type === "tool.completed" ||
        event.type === "tool.error" ||
        event.type === "approval.requested"
      )
        expect(seen).toContain(event.payload.tool_call_id);
    }
  });

  test("keeps every word when neighbouring pieces are joined", () => {
    const words = (all: AgentEvent[]) => of(all, "llm.response.chunk").map((event) => event.payload.delta);
    const joined = coalesce(events);
    expect(joined.length).toBeLessThanOrEqual(events.length);
    expect(words(joined).join("")).toBe(words(events).join(""));
    const output = (all: AgentEvent[]) => of(all, "tool.output.chunk").map((event) => event.payload.delta);
    expect(output(joined).join("")).toBe(output(events).join(""));
  });
});

test("a turn with a file and a command", () => {
  const { events } = translate(recorded("basic"));
  const bash = of(events, "tool.completed").find((event) => event.payload.tool_name === "bash");
  expect(bash?.payload).toMatchObject({ title: "ls -la", exit_code: 0 });
  expect(bash?.payload.output).toContain("hello.txt");
  expect(of(events, "message.assistant")[0]?.payload.content).toBe("Hello from fake LLM. tools_done=0");
  expect(of(events, "llm.thinking.chunk").length).toBeGreaterThan(0);
  const edit = of(events, "tool.completed").find((event) => event.payload.diff);
  expect(edit?.payload.diff).toMatchObject({ old_text: "line2", new_text: "line two edited" });
});

test("output that is repeated whole comes as what is new", () => {
  const update = (text: string, status = "in_progress"): RpcMessage => ({
    method: "session/update",
    params: {
      update: {
        sessionUpdate: "tool_call_update",
        toolCallId: "c",
        status,
        title: "bash",
        kind: "execute",
        content: [{ type: "content", content: { type: "text", text } }],
      },
    },
  });
  const { events } = translate([
    update(""),
    update("a\n"),
    update("a\nb\n"),
    update("a\nb\n"),
    update("a\nb\n", "completed"),
  ]);
  expect(of(events, "tool.output.chunk").map((event) => event.payload.delta)).toEqual(["a\n", "b\n"]);
  expect(of(events, "tool.completed")[0]?.payload.output).toBe("a\nb\n");
});

test("a question carries the command whole, the diff apart, and the id that its answer needs", () => {
  const { events } = translate(recorded("permissions-errors-subagents"));
  const asked = of(events, "approval.requested");
  const big = asked.find((event) => event.payload.summary.includes("fold -w 100"));
  expect(big?.payload.summary).toBe("Run head -c 5000000 /dev/zero | tr '\\0' 'x' | fold -w 100");
  expect(asked.every((event) => event.rpcId !== undefined)).toBe(true);
  const edits = of(translate(recorded("session-operations")).events, "approval.requested");
  expect(edits[0]?.payload).toMatchObject({
    summary: "Write /workspace/hello.txt",
    diff: { path: "/workspace/hello.txt", old_text: null, new_text: "hello from fake\nline2\n" },
  });
  expect(JSON.stringify(edits[0]?.payload.request)).not.toContain("hello from fake");
});

describe("BUG-20: a call that the agent does not understand", () => {
  const call = (fields: object): RpcMessage => ({
    method: "session/update",
    params: { update: { toolCallId: "c", ...fields } },
  });
  const MADE = call({ sessionUpdate: "tool_call", title: "bash", kind: "execute", status: "pending" });
  const output = "The arguments provided to the tool are invalid: JSON parsing failed\nText: {\n\nError: x";
  const end = (more: object = {}) =>
    call({
      sessionUpdate: "tool_call_update",
      title: "Invalid Tool",
      status: "completed",
      content: [{ type: "content", content: { type: "text", text: output } }],
      ...more,
    });
  const rawInput = { tool: "bash", error: "JSON parsing failed" };
  const turned = (title: string, more: object = {}) =>
    call({ sessionUpdate: "tool_call_update", title, status: "in_progress", rawInput, ...more });

  test.each([
    ["live", [MADE, turned("invalid", { kind: "other" }), end()]],
    [
      "in a history",
      [
        call({
          sessionUpdate: "tool_call",
          title: "Invalid Tool",
          kind: "other",
          status: "pending",
          rawInput,
        }),
        end(),
      ],
    ],
  ])("%s: it failed with one line, and is no act that anybody had to decide on", (_, messages) => {
    const { events } = translate(messages);
    for (const event of events) checkDraft(event);
    expect([...of(events, "tool.started"), ...of(events, "tool.completed")]).toEqual([]);
    expect(of(events, "tool.requested").map(({ payload }) => payload)).toMatchObject([
      { tool_name: "invalid", title: "bash", kind: "other" },
    ]);
    expect(of(events, "tool.error").map(({ payload }) => payload.error)).toEqual([
      "The arguments provided to the tool are invalid: JSON parsing failed",
    ]);
    expect(events.filter((event) => event.act)).toEqual([]);
  });

  test("a command with such a title is a command", () => {
    const { events } = translate([MADE, turned("invalid", { kind: "execute" }), end()]);
    expect(of(events, "tool.completed").map(({ act, payload }) => [act, payload.tool_name])).toEqual([
      [true, "bash"],
    ]);
  });
});

test("a todo list becomes the plan", () => {
  const { events } = translate(recorded("basic"));
  expect(of(events, "plan.updated")[0]?.payload.entries).toEqual([
    { content: "first", status: "in_progress", priority: "high" },
    { content: "second", status: "pending", priority: "low" },
  ]);
});

test.each([
  ["nothing", {}],
  ["an unknown update", { method: "session/update", params: { update: { sessionUpdate: "telepathy" } } }],
  [
    "an update without its fields",
    { method: "session/update", params: { update: { sessionUpdate: "tool_call" } } },
  ],
  ["a question about nothing", { id: 1, method: "session/request_permission", params: {} }],
  ["params of the wrong kind", { method: "session/update", params: { update: 7 } }],
])("passes over %s", (_what, message) => {
  expect(translate([rpcMessage.parse(message)]).events).toEqual([]);
});

describe("a patch of several files (OpenCode's tool for GPT-5 and later)", () => {
  const patchText =
    "*** Begin Patch\n*** Add File: a.txt\n+one\n*** Update File: b.txt\n@@\n-two\n+three\n*** Delete File: c.txt\n*** End Patch";
  const update = (fields: object) =>
    rpcMessage.parse({
      method: "session/update",
      params: { sessionId: "s", update: { toolCallId: "c", ...fields } },
    });
  const asked = update({
    sessionUpdate: "tool_call",
    title: "apply_patch",
    kind: "edit",
    status: "pending",
    rawInput: {},
  });
  const begun = update({
    sessionUpdate: "tool_call_update",
    title: "apply_patch",
    kind: "edit",
    status: "in_progress",
    rawInput: { patchText },
  });
  const files = [
    {
      filePath: "/workspace/a.txt",
      relativePath: "a.txt",
      type: "add",
      patch: "@@",
      additions: 1,
      deletions: 0,
    },
    {
      filePath: "/workspace/b.txt",
      relativePath: "b.txt",
      type: "update",
      patch: "@@",
      additions: 1,
      deletions: 1,
    },
    {
      filePath: "/workspace/c.txt",
      relativePath: "c.txt",
      type: "delete",
      patch: "@@",
      additions: 0,
      deletions: 1,
    },
  ];
  const leave = rpcMessage.parse({
    id: 7,
    method: "session/request_permission",
    params: {
      sessionId: "s",
      toolCall: {
        toolCallId: "c",
        title: "3 files",
        kind: "edit",
        status: "pending",
        rawInput: { filepath: "a.txt, b.txt, c.txt", diff: "@@", files },
        content: [
          { type: "diff", path: "/workspace/a.txt", oldText: "", newText: "one\n" },
          { type: "diff", path: "/workspace/b.txt", oldText: "two\n", newText: "three\n" },
          { type: "diff", path: "/workspace/c.txt", oldText: "gone\n", newText: "" },
        ],
      },
      options: [{ optionId: "once", kind: "allow_once" }],
    },
  });
  const done = update({
    sessionUpdate: "tool_call_update",
    status: "completed",
    title: "Success. Updated the following files:\nA a.txt\nM b.txt\nD c.txt",
    content: [{ type: "content", content: { type: "text", text: "Success. Updated the following files:" } }],
    rawOutput: { output: "Success.", metadata: { diff: "@@" } },
  });

  test("asks with every file's change, and ends with them", () => {
    const { events } = translate([asked, begun, leave, done]);
    for (const event of events) checkDraft(event);
    const [question] = of(events, "approval.requested");
    expect(question?.payload).toMatchObject({
      tool: "apply_patch",
      summary: "Change 3 files: a.txt, b.txt, c.txt",
      diff: { path: "/workspace/a.txt", old_text: null, new_text: "one\n" },
    });
    expect(question?.payload.diffs?.map(({ path, new_text }) => [path, new_text])).toEqual([
      ["/workspace/a.txt", "one\n"],
      ["/workspace/b.txt", "three\n"],
      ["/workspace/c.txt", ""],
    ]);
    expect(JSON.stringify(question?.payload.request)).not.toContain("@@");
    expect(of(events, "tool.completed")[0]?.payload.diffs).toHaveLength(3);
  });

  test("shows what the patch says where nobody was asked", () => {
    const { events } = translate([asked, begun, done]);
    expect(of(events, "tool.completed")[0]?.payload.diffs).toMatchObject([
      { path: "a.txt", old_text: null, new_text: "one\n" },
      { path: "b.txt", old_text: "two\n", new_text: "three\n" },
      { path: "c.txt", old_text: "", new_text: "" },
    ]);
  });
});

test("SPEC-1: what came of a call says whether somebody had to decide on it", () => {
  const { events } = translate(
    ["basic", "permissions-errors-subagents", "session-operations"].flatMap((name) => recorded(name)),
  );
  const acts = (free: boolean) =>
    new Set(
      of(events, "tool.completed")
        .filter(({ act }) => (act === undefined) === free)
        .map(({ payload }) => payload.tool_name),
    );
  expect([...acts(false)]).toEqual(expect.arrayContaining(["bash", "edit", "write"]));
  expect([...acts(true)]).toEqual(expect.arrayContaining(["read"]));
  for (const name of ["bash", "edit", "write"]) expect([...acts(true)]).not.toContain(name);
  for (const name of ["read", "grep", "glob", "list", "todowrite", "task"])
    expect([...acts(false)]).not.toContain(name);
  for (const event of of(events, "tool.output.chunk")) expect(event.act).toBe(true);
});

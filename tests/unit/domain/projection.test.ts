import fc from "fast-check";
import { expect, test } from "vitest";
import type { EventEnvelope } from "#domain/events.ts";
import { applyEvents } from "#domain/projection.ts";
import { EMPTY_VIEW } from "#domain/session-view.ts";
import { logOf } from "./log-of.ts";

const inRun = (drafts: readonly [string, Record<string, unknown>][]) =>
  logOf(drafts.map(([type, payload]) => [type, payload, "run"]));

/** A log as a session writes it: a turn with text, an approved write, and an unknown type. */
function log(): EventEnvelope[] {
  const tool = { tool_call_id: "call_1", tool_name: "write" };
  const drafts: [string, Record<string, unknown>][] = [
    [
      "provision.step",
      { step: "sandbox", label: "Start the sandbox", index: 3, total: 10, status: "started" },
    ],
    [
      "provision.step",
      {
        step: "sandbox",
        label: "Start the sandbox",
        index: 3,
        total: 10,
        status: "completed",
        duration_ms: 80,
      },
    ],
    ["session.status", { status: "ready", waiting_for: null }],
    ["message.user", { content: "Create a file" }],
    ["run.started", { input: "Create a file" }],
    ["session.status", { status: "active" }],
    ["llm.thinking.chunk", { message_id: "m1", delta: "I will" }],
    ["llm.response.chunk", { message_id: "m1", delta: "Here " }],
    ["llm.response.chunk", { message_id: "m1", delta: "it is" }],
    ["tool.requested", { ...tool, kind: "edit", title: "write", tool_input: {} }],
    [
      "approval.requested",
      {
        approval_key: "a1",
        tool: "write",
        tool_call_id: "call_1",
        kind: "edit",
        summary: "Write hello.txt",
        request: { path: "hello.txt" },
        diff: { path: "hello.txt", old_text: null, new_text: "hi" },
        expires_at: 1,
      },
    ],
    [
      "approval.decided",
      { approval_key: "a1", tool_call_id: "call_1", decision: "approved", reason: "person" },
    ],
    ["tool.completed", { ...tool, title: "hello.txt", output: "Wrote it", duration_ms: 12 }],
    ["telemetry.shiny", { whatever: true }],
    [
      "usage.recorded",
      {
        request_id: "r",
        provider: "demo",
        model: "demo",
        input_tokens: 10,
        cached_tokens: 2,
        output_tokens: 3,
      },
    ],
    [
      "run.completed",
      { output: "done", stop_reason: "end_turn", total_events: 9, total_duration_ms: 5, total_tokens: 13 },
    ],
    ["session.status", { status: "idle" }],
  ];
  return inRun(drafts);
}

test("a session's log becomes what a person sees", () => {
  const view = applyEvents(EMPTY_VIEW, log());
  expect(view.status).toBe("idle");
  expect(view.steps).toMatchObject([{ step: "sandbox", status: "completed", durationMs: 80 }]);
  expect(view.items.map((i) => i.kind)).toEqual(["user", "thinking", "text", "tool", "notice"]);
  expect(view.items[2]).toMatchObject({ text: "Here it is", done: true });
  expect(view.items[3]).toMatchObject({ state: "completed", output: "Wrote it", diff: { new_text: "hi" } });
  expect(view.items[4]).toMatchObject({ title: "telemetry.shiny" });
  expect(view.approvals).toMatchObject([{ key: "a1", decision: "approved", reason: "person" }]);
  expect(view.runs).toMatchObject([{ id: "run", status: "completed" }]);
  expect(view.usage).toEqual({
    inputTokens: 10,
    cachedTokens: 2,
    outputTokens: 3,
    costMicroUsd: 0,
    calls: 1,
  });
});

test("any split into snapshot and tail gives the same view, replays included", () => {
  const events = log();
  const whole = applyEvents(EMPTY_VIEW, events);
  fc.assert(
    fc.property(fc.array(fc.nat(events.length), { maxLength: 6 }), fc.nat(4), (cuts, overlap) => {
      let view = EMPTY_VIEW;
      let from = 0;
      for (const cut of [...cuts.toSorted((a, b) => a - b), events.length]) {
        view = applyEvents(view, events.slice(Math.max(0, from - overlap), cut));
        from = Math.max(from, cut);
      }
      expect(view).toEqual(whole);
    }),
  );
});

test("a run's end closes what was open", () => {
  const events = log().slice(0, 11);
  const seq = events.length + 1;
  const view = applyEvents(EMPTY_VIEW, [
    ...events,
    {
      ...(events[0] as EventEnvelope),
      type: "run.failed",
      seq,
      payload: { error: "The sandbox was lost.", error_kind: "sandbox_lost", failed_at_seq: seq },
    },
  ]);
  expect(view.items.find((i) => i.kind === "tool")).toMatchObject({ state: "failed" });
  expect(view.items.at(-1)).toMatchObject({ kind: "notice", tone: "error", text: "The sandbox was lost." });
});

test("what Studio tells people of their session is shown, and what it tells the agent is not", () => {
  const told = (content: string, level: string): [string, Record<string, unknown>] => [
    "message.system",
    { content, level },
  ];
  const { items } = applyEvents(
    EMPTY_VIEW,
    logOf([
      told("Your memory was lost.", "info"),
      told("The sandbox was lost. It goes on. Soon.", "warning"),
    ]),
  );
  expect(items).toMatchObject([
    { kind: "notice", tone: "warning", title: "The sandbox was lost.", text: "It goes on. Soon." },
  ]);
});

/** A run's log: its events in order, from its beginning. */
function run(drafts: readonly [string, Record<string, unknown>][]): EventEnvelope[] {
  const all: [string, Record<string, unknown>][] = [["run.started", { input: "go" }], ...drafts];
  return inRun(all);
}

const call = (id: string, kind: string) => ({
  tool_call_id: id,
  tool_name: kind,
  kind,
  title: id,
  tool_input: {},
});
const done = (id: string, kind: string, more: object = {}) => ({
  tool_call_id: id,
  tool_name: kind,
  title: id,
  output: "",
  duration_ms: 1,
  ...more,
});

test("a stopped run stops what was open and the command it killed, and leaves what had ended", () => {
  const view = applyEvents(
    EMPTY_VIEW,
    run([
      ["tool.requested", call("ended", "execute")],
      ["tool.completed", done("ended", "execute", { exit_code: 0 })],
      ["tool.requested", call("read", "read")],
      ["tool.completed", done("read", "read")],
      ["tool.requested", call("killed", "execute")],
      ["tool.completed", done("killed", "execute")],
      ["tool.requested", call("broken off", "fetch")],
      [
        "tool.error",
        {
          tool_call_id: "broken off",
          tool_name: "fetch",
          error: "aborted",
          duration_ms: 1,
          interrupted: true,
        },
      ],
      ["tool.requested", call("wrong", "fetch")],
      ["tool.error", { tool_call_id: "wrong", tool_name: "fetch", error: "404", duration_ms: 1 }],
      ["tool.started", call("open", "execute")],
      ["run.cancelled", { message: "The run was stopped." }],
    ]),
  );
  const states = view.items.flatMap((item) => (item.kind === "tool" ? [[item.id, item.state]] : []));
  expect(Object.fromEntries(states)).toEqual({
    ended: "completed",
    read: "completed",
    killed: "stopped",
    "broken off": "stopped",
    wrong: "failed",
    open: "stopped",
  });
  expect(view.items.at(-1)).toMatchObject({ kind: "notice", tone: "info", title: "The run was stopped" });
});

test("a command without an exit code stays done where its run was not stopped", () => {
  const view = applyEvents(
    EMPTY_VIEW,
    run([
      ["tool.requested", call("odd", "execute")],
      ["tool.completed", done("odd", "execute")],
      [
        "run.completed",
        { output: "", stop_reason: "end_turn", total_events: 1, total_duration_ms: 1, total_tokens: 1 },
      ],
    ]),
  );
  expect(view.items[0]).toMatchObject({ state: "completed" });
});

test("a message that waited and was taken back says so", () => {
  const queued = { ...run([])[0]!, type: "run.queued", payload: { input: "go", position: 1 } };
  const view = applyEvents(EMPTY_VIEW, [
    queued,
    { ...queued, seq: 2, type: "run.cancelled", payload: { message: "Ada removed it." } },
  ]);
  expect(view.items.at(-1)).toMatchObject({
    title: "The message was removed from the queue",
    text: "Ada removed it.",
  });
  expect(view.runs).toMatchObject([{ status: "cancelled" }]);
});

test("a kind of event that is not known points to nothing that is not there", () => {
  const view = applyEvents(EMPTY_VIEW, log());
  const item = view.items.find((one) => one.kind === "notice");
  expect(item).toMatchObject({ title: "telemetry.shiny" });
  expect(item?.kind === "notice" && item.text).not.toMatch(/inspector/i);
});

/** Events of a log that matter for what is said; each has its run. */
function said(...drafts: [type: string, payload: Record<string, unknown>, run?: string][]): EventEnvelope[] {
  return drafts.map(([type, payload, run = "r1"], index) => ({
    event_id: `e${index}`,
    type,
    ts: new Date(1_700_000_000_000 + index * 1000).toISOString(),
    session_id: "s",
    run_id: run,
    seq: index + 1,
    source: "test",
    payload,
  }));
}
const piece = (delta: string, id = "m1") =>
  ["llm.response.chunk", { message_id: id, delta }] as [string, Record<string, unknown>];
const whole = (content: string, id = "m1") =>
  ["message.assistant", { message_id: id, content }] as [string, Record<string, unknown>];
const thought = (delta: string) =>
  ["llm.thinking.chunk", { message_id: "m1", delta }] as [string, Record<string, unknown>];
const texts = (events: EventEnvelope[]) =>
  applyEvents(EMPTY_VIEW, events).items.flatMap((item) =>
    item.kind === "text" || item.kind === "thinking" ? [`${item.kind}: ${item.text}`] : [],
  );

test("PAGE-4: a message that somebody queues meanwhile leaves the agent's text in one entry, live and at its end", () => {
  const events = said(
    ["run.started", { input: "go" }],
    piece("UNIQUE begins "),
    ["message.user", { content: "and then" }, "r2"],
    ["run.queued", { input: "and then" }, "r2"],
    piece("and goes on"),
    ["file.changed", { path: "a.ts", changed_by: "Mara" }],
    piece(", to its end"),
    whole("UNIQUE begins and goes on, to its end"),
    ["run.completed", { output: "", stop_reason: "end_turn" }],
  );
  expect(texts(events.slice(0, 7))).toEqual(["text: UNIQUE begins and goes on, to its end"]);
  expect(texts(events)).toEqual(["text: UNIQUE begins and goes on, to its end"]);
});

test("PAGE-4: thoughts between the pieces of one message do not double it", () => {
  const events = said(thought("Hm."), piece("A"), thought("So."), piece("B"), whole("AB"));
  expect(texts(events)).toEqual(["thinking: Hm.", "text: AB", "thinking: So."]);
});

test("PAGE-4: messages of one name are told apart once the first is closed, and by their run", () => {
  const tool = { tool_call_id: "c", tool_name: "bash", kind: "execute", title: "ls", tool_input: {} };
  const events = said(
    piece("before"),
    whole("before"),
    ["tool.started", tool],
    piece("after"),
    whole("after"),
    ["run.cancelled", { message: "Stopped." }],
    ["llm.response.chunk", { message_id: "m1", delta: "cut" }, "r2"],
    ["run.failed", { error: "lost" }, "r2"],
    ["llm.response.chunk", { message_id: "m1", delta: "next" }, "r3"],
  );
  expect(texts(events)).toEqual(["text: before", "text: after", "text: cut", "text: next"]);
  const { items } = applyEvents(EMPTY_VIEW, events);
  expect(new Set(items.map(({ id }) => id)).size).toBe(items.length);
});

test("a server that isn't there is a line of its own, and one that is is none", () => {
  const events = said(
    ["mcp.server.connected", { server_name: "notes", server_uri: "mcp:notes", tools_count: 1 }],
    ["mcp.server.disconnected", { server_name: "notes", reason: "It ended." }],
  );
  const { items } = applyEvents(EMPTY_VIEW, events);
  expect(items).toMatchObject(
    [
      {
        tone: "warning",
        title: "The MCP server “notes” isn't available",
        text: /^It ended\. The agent goes on/,
      },
    ].map((item) => ({ ...item, text: expect.stringMatching(item.text) })),
  );
});

test("a refused host is a line of its own, and the policy that holds is known", () => {
  const events = said(
    ["network.applied", { mode: "listed", presets: ["npm"], hosts: [], cause: "start" }],
    ["network.refused", { host: "registry.example.com", port: 443, reason: "policy" }],
    ["network.refused", { host: "git.example.com", port: 22, reason: "private" }],
    [
      "network.applied",
      { mode: "listed", presets: ["npm"], hosts: ["registry.example.com"], cause: "change" },
    ],
  );
  const { items, network } = applyEvents(EMPTY_VIEW, events);
  expect(items).toMatchObject(
    [
      {
        tone: "warning",
        title: "registry.example.com was refused by the network policy",
        text: "The policy doesn't list it.",
        refused: { host: "registry.example.com", port: 443, reason: "policy" },
      },
      { title: "git.example.com:22 was refused by the network policy", text: /private network/ },
      { tone: "info", title: "The network policy changed", text: "Listed: npm and 1 host." },
    ].map((item) => ({
      ...item,
      text: item.text instanceof RegExp ? expect.stringMatching(item.text) : item.text,
    })),
  );
  expect(network).toEqual({ mode: "listed", presets: ["npm"], hosts: ["registry.example.com"] });
});

import { Masker } from "#domain/mask.ts";
import { describe, expect, test } from "vitest";
import type { TranslationContext } from "#server/agent/translation.ts";
import { type LoggedEvent, reconcile } from "#server/agent/reconcile.ts";
import type { RpcMessage } from "#server/agent/wire.ts";

const CONTEXT: TranslationContext = {
  provider: "p",
  model: "m",
  now: 0,
  masker: new Masker(),
  approvalMs: 1,
  newKey: () => "k",
};
const update = (fields: object): RpcMessage => ({ method: "session/update", params: { update: fields } });
const asked = (text: string) =>
  update({ sessionUpdate: "user_message_chunk", messageId: "u", content: { type: "text", text } });
const said = (messageId: string, text: string) =>
  update({ sessionUpdate: "agent_message_chunk", messageId, content: { type: "text", text } });
const called = (toolCallId: string, status: string, output?: string) =>
  update({
    sessionUpdate: status === "pending" ? "tool_call" : "tool_call_update",
    toolCallId,
    status,
    title: "ls",
    kind: "execute",
    rawInput: { command: "ls" },
    ...(output !== undefined && { content: [{ type: "content", content: { type: "text", text: output } }] }),
  });
const logged = (type: string, payload: object): LoggedEvent => ({ type, payload: JSON.stringify(payload) });
const tell = (history: RpcMessage[], log: LoggedEvent[] = [], before: LoggedEvent[] = []) =>
  reconcile(history, log, CONTEXT, before).map(({ type, payload }) => ({ type, ...payload }));

describe("what the log lacks of the agent's last turn", () => {
  test("is everything, where it has nothing", () => {
    const events = tell([
      asked("before"),
      said("m0", "of another run"),
      asked("go"),
      said("m1", "hello"),
      called("c1", "pending"),
      called("c1", "completed", "out"),
      said("m2", "done"),
    ]);
    expect(events.map(({ type }) => type)).toEqual([
      "llm.response.chunk",
      "message.assistant",
      "tool.requested",
      "tool.started",
      "tool.completed",
      "llm.response.chunk",
      "message.assistant",
    ]);
    expect(JSON.stringify(events)).not.toContain("of another run");
  });

  test("is nothing, where it has all of it", () => {
    const log = [
      logged("llm.response.chunk", { message_id: "m1", delta: "hel" }),
      logged("llm.response.chunk", { message_id: "m1", delta: "lo" }),
      logged("message.assistant", { message_id: "m1", content: "hello" }),
      logged("tool.requested", { tool_call_id: "c1", tool_name: "bash" }),
      logged("tool.completed", { tool_call_id: "c1", tool_name: "bash" }),
    ];
    expect(
      tell([asked("go"), said("m1", "hello"), called("c1", "pending"), called("c1", "completed", "x")], log),
    ).toEqual([]);
  });

  test("is the rest of a message, and its end", () => {
    const log = [logged("llm.response.chunk", { message_id: "m1", delta: "hel" })];
    expect(tell([asked("go"), said("m1", "hello")], log)).toEqual([
      { type: "llm.response.chunk", message_id: "m1", delta: "lo" },
      { type: "message.assistant", message_id: "m1", content: "hello", model: "m", provider: "p" },
    ]);
  });

  test("is the end of a call that had begun, under the name it had", () => {
    const log = [logged("tool.requested", { tool_call_id: "c1", tool_name: "bash" })];
    expect(tell([asked("go"), called("c1", "pending"), called("c1", "completed", "out")], log)).toMatchObject(
      [
        { type: "tool.started", tool_call_id: "c1", tool_name: "bash" },
        { type: "tool.completed", tool_call_id: "c1", tool_name: "bash", output: "out" },
      ],
    );
  });

  test.each([
    ["without an end", [called("c1", "pending")]],
    [
      "that the agent ended with itself",
      [called("c1", "pending"), called("c1", "completed", "User aborted the command")],
    ],
    ["that the history does not know", []],
  ])("is that a call was cut off: one %s", (_, history) => {
    const log = [logged("tool.started", { tool_call_id: "c1", tool_name: "bash" })];
    expect(tell([asked("go"), ...history], log)).toMatchObject([
      { type: "tool.error", tool_call_id: "c1", tool_name: "bash", interrupted: true },
    ]);
  });
});

describe("a run whose prompt never reached the agent", () => {
  const turn = [asked("the run before"), said("m1", "hello"), called("c1", "pending")];
  const ended = [called("c1", "completed", "out"), said("m2", "done")];
  const chunk = (id: string) => logged("llm.response.chunk", { message_id: id, delta: "hello" });

  test("is told nothing of: the agent's last turn is of the run before", () => {
    const before = [chunk("m1"), logged("message.assistant", { message_id: "m2", content: "done" })];
    expect(tell([...turn, ...ended], [], before)).toEqual([]);
  });

  test("is known, too, where the run before was cut off in the middle", () => {
    expect(tell(turn, [], [chunk("m1")])).toEqual([]);
    const calls = [asked("the run before"), called("c1", "pending"), called("c1", "completed", "out")];
    expect(tell(calls, [], [logged("tool.requested", { tool_call_id: "c1", tool_name: "bash" })])).toEqual(
      [],
    );
  });

  test("is not mistaken for one that has begun, though a model gives ids of calls twice", () => {
    const before = [chunk("m0"), logged("tool.requested", { tool_call_id: "c1", tool_name: "bash" })];
    expect(tell([...turn, ...ended], [], before).map(({ type }) => type)).toContain("tool.completed");
  });
});

import { expect, test } from "vitest";
import type { EventEnvelope } from "#domain/events.ts";
import { SessionMessages } from "#domain/session-messages.ts";

let seq = 0;
const event = (type: string, payload: Record<string, unknown>, runId = "r1"): EventEnvelope => {
  seq += 1;
  const ts = new Date(seq * 1_000).toISOString();
  return { event_id: `e${seq}`, type, ts, session_id: "s", run_id: runId, seq, source: "t", payload };
};
const answered = (request_id: string, content: string, more: object = {}) =>
  event("llm.response.completed", {
    request_id,
    content,
    input_tokens: 10,
    output_tokens: 2,
    duration_ms: 700,
    ...more,
  });
const used = (request_id: string, more: object = {}) =>
  event("usage.recorded", { request_id, cost_micro_usd: 1_500, ...more });
const said = (content: string, more: object = {}) =>
  event("message.assistant", { message_id: content, content, model: "m", provider: "p", ...more });

function messagesOf(...events: EventEnvelope[]) {
  const messages = new SessionMessages();
  for (const one of events) messages.add(one);
  return messages.list;
}
const FIGURES = { input_tokens: 10, output_tokens: 2, duration_ms: 700, cost_usd: 0.0015 };

test("an answer has the figures of its call, in whichever order the two were told", () => {
  const [user, first, second] = messagesOf(
    event("message.user", { content: "hi" }),
    answered("a", "one "),
    used("a"),
    said("one"),
    event("tool.requested", { tool_call_id: "c1" }),
    event("tool.requested", { tool_call_id: "c2" }),
    said("two"),
    answered("b", "two"),
    used("b", { unpriced: true }),
  );
  expect(user).not.toHaveProperty("input_tokens");
  expect(first).toMatchObject({ role: "assistant", content: "one", ...FIGURES, tool_calls: ["c1", "c2"] });
  expect(second).toMatchObject({ content: "two", input_tokens: 10 });
  expect(second).not.toHaveProperty("cost_usd");
  expect(second).not.toHaveProperty("tool_calls");
});

test("what no call's text says stays without figures, and so does another run's", () => {
  const [one, two] = messagesOf(
    answered("a", "a title"),
    used("a"),
    said("something else"),
    answered("b", ""),
    { ...said("b"), run_id: "r2" },
    answered("c", "b"),
  );
  expect(one).not.toHaveProperty("duration_ms");
  expect(two).not.toHaveProperty("duration_ms");
});

test("of a long answer the beginning decides", () => {
  const long = "x".repeat(3_000);
  const [one] = messagesOf(answered("a", long.slice(0, 1_000), { truncated: true }), used("a"), said(long));
  expect(one).toMatchObject(FIGURES);
});

test("what Studio told the agent is a message of the system", () => {
  expect(messagesOf(event("message.system", { content: "Go on.", level: "info" }))).toMatchObject([
    { role: "system", content: "Go on." },
  ]);
});

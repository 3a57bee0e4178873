import { describe, expect, test } from "vitest";
import type { EventEnvelope } from "#domain/events.ts";
import { bucketsOf, FAMILIES, familyOf, shownRows, Timeline, totalsOf } from "#domain/inspector.ts";
import { EVENT_TYPES } from "#domain/event-types.ts";

const START = Date.parse("2026-11-30T10:00:00.000Z");

/** A log of these events, a second apart. */
function logOf(...events: [type: string, payload?: object, runId?: string][]): Timeline {
  const timeline = new Timeline();
  events.forEach(([type, payload = {}, runId = "r1"], index) =>
    timeline.add({
      event_id: `e${index}`,
      type,
      ts: new Date(START + index * 1_000).toISOString(),
      session_id: "s",
      run_id: runId,
      seq: index + 1,
      source: "test",
      payload: payload as Record<string, unknown>,
    }),
  );
  return timeline;
}
const seqs = (timeline: Timeline, filter: Parameters<typeof shownRows>[1]) =>
  shownRows(timeline, filter).map((place) => timeline.rows[place]!.seq);

const call = (id: string, more: object = {}) => ({ tool_call_id: id, tool_name: "bash", ...more });
const usage = { model: "m", input_tokens: 100, cached_tokens: 40, output_tokens: 7, cost_micro_usd: 1_200 };
const log = () =>
  logOf(
    ["message.user", { content: "Run the tests" }],
    ["run.started", { input: "Run the tests" }],
    ["llm.thinking.chunk", { message_id: "t", delta: "Hm" }],
    ["llm.response.chunk", { message_id: "m", delta: "I " }],
    ["usage.recorded", usage],
    ["message.assistant", { message_id: "m", content: "I run them." }],
    ["tool.requested", call("c", { tool_input: { command: "npm test" }, title: "bash" })],
    ["approval.requested", { tool_call_id: "c", summary: "Run npm test" }],
    ["tool.completed", call("c", { title: "npm test", duration_ms: 700, output: "ok" })],
    ["usage.recorded", usage],
    ["tool.error", call("d", { error: "no such file", duration_ms: 3 })],
    ["something.new", { odd: { deep: [1] } }],
  );

test("every type that is written has a family, and an unknown one is shown", () => {
  for (const type of EVENT_TYPES) expect(FAMILIES).toContain(familyOf(type));
  expect(familyOf("something.new")).toBe("other");
  expect(familyOf("workflow.node.error")).toBe("error");
});

describe("grouping", () => {
  test("a call is one line with its question and its result, and a model's call with its answer", () => {
    const timeline = log();
    expect(seqs(timeline, { isGrouped: true })).toEqual([1, 2, 3, 7, 10, 11, 12]);
    const tool = timeline.groups.get("tool:r1:c");
    expect(tool).toMatchObject({ count: 3, tookMs: 700, isFailed: false, what: "npm test" });
    const model = timeline.groups.get("model:r1:0");
    expect(model).toMatchObject({ count: 4, costMicroUsd: 1_200, what: "I run them." });
    expect(timeline.groups.get("tool:r1:d")).toMatchObject({ isFailed: true });
  });

  test("a group is shown where any of it is meant", () => {
    const timeline = log();
    expect(seqs(timeline, { isGrouped: true, types: ["tool.completed"] })).toEqual([7]);
    expect(seqs(timeline, { isGrouped: true, hidden: ["tool"], text: "npm test" })).toEqual([7]);
  });

  test("calls of the same id in two runs are two", () => {
    const timeline = logOf(["tool.requested", call("c"), "r1"], ["tool.completed", call("c"), "r2"]);
    expect(seqs(timeline, { isGrouped: true })).toEqual([1, 2]);
  });
});

describe("filters", () => {
  test.each([
    [{ types: ["tool.*"] }, [7, 9, 11]],
    [{ types: ["*.recorded", "run.*"] }, [2, 5, 10]],
    [{ text: "NO SUCH" }, [11]],
    [{ fromSeq: 3, toSeq: 5 }, [3, 4, 5]],
    [{ hidden: ["model", "thinking", "message", "tool", "approval", "error"] }, [2, 12]],
    [{ types: ["nothing"] }, []],
  ] as const)("%j", (filter, expected) => {
    expect(seqs(log(), filter)).toEqual(expected);
  });
});

test("totals and buckets come to the same figures", () => {
  const { rows } = log();
  expect(totalsOf(rows)).toMatchObject({
    events: 12,
    modelCalls: 2,
    toolCalls: 1,
    errors: 1,
    inputTokens: 200,
    outputTokens: 14,
    costMicroUsd: 2_400,
    durationMs: 11_000,
  });
  const buckets = bucketsOf(rows, 5);
  expect(buckets.reduce((sum, { events }) => sum + events, 0)).toBe(12);
  expect(buckets.reduce((sum, { tokens }) => sum + tokens, 0)).toBe(214);
  expect(Math.max(...buckets.map(({ latencyMs }) => latencyMs))).toBe(3_000);
  expect(bucketsOf([], 5)).toEqual([]);
});

test("payloads of any form are shown, and an event that comes twice is there once", () => {
  const odd: EventEnvelope[] = [null, [], { content: 5 }, { tool_call_id: {}, input_tokens: "9" }].map(
    (payload, index) => ({
      event_id: "e",
      type: index === 3 ? "usage.recorded" : "message.user",
      ts: "not a date",
      session_id: "s",
      seq: index + 1,
      source: "x",
      payload: (payload ?? {}) as Record<string, unknown>,
    }),
  );
  const timeline = new Timeline();
  for (const event of [...odd, ...odd]) timeline.add(event);
  expect(timeline.rows).toHaveLength(4);
  expect(totalsOf(timeline.rows).inputTokens).toBe(0);
  expect(() => bucketsOf(timeline.rows, 10)).not.toThrow();
});

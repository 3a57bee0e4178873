import { expect, test } from "vitest";
import { layoutOf } from "#client/layout.ts";
import { lineOf } from "#client/log-line.ts";

test("a layout is what was stored, as far as it can be shown", () => {
  const kept = { split: 40, dock: 300, beside: false, pane: "diff", dockTab: "logs", splitDiff: true };
  expect(layoutOf(kept)).toEqual(kept);
  const standard = layoutOf(null);
  expect(
    layoutOf({ split: 99, dock: "x", beside: "no", pane: "none", dockTab: 3, splitDiff: "yes" }),
  ).toEqual(standard);
  expect(layoutOf("text")).toEqual(standard);
});

test.each([
  ["session.status", { status: "active", waiting_for: "approval" }, "active, waiting for approval"],
  ["tool.completed", { tool_name: "bash", title: "npm  test\n" }, "bash npm test"],
  ["approval.decided", { decision: "denied", reason: "timeout" }, "denied by timeout"],
  ["usage.recorded", { model: "m", input_tokens: 3, output_tokens: 4 }, "m: 3 in, 4 out"],
  ["something.new", { path: "a.ts" }, "a.ts"],
  ["something.else", {}, ""],
])("%s in a line", (type, payload, line) => expect(lineOf({ type, payload })).toBe(line));

test("a line is never long", () => {
  expect(lineOf({ type: "llm.response.chunk", payload: { delta: "x".repeat(1000) } })).toHaveLength(200);
});

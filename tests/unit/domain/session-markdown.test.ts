import { expect, test } from "vitest";
import type { EventEnvelope } from "#domain/events.ts";
import { eventMarkdown, headMarkdown } from "#domain/session-markdown.ts";

const event = (type: string, payload: Record<string, unknown>): EventEnvelope => ({
  event_id: "e",
  type,
  ts: "2026-01-01T00:00:00.000Z",
  session_id: "s",
  seq: 1,
  source: "test",
  payload,
});
const called = { tool_call_id: "c", tool_name: "bash" };

test("what is said stands under its name, and what a person says is quoted", () => {
  expect(eventMarkdown(event("message.user", { content: "# Do it\n\nnow", user_name: "Ada" }))).toBe(
    "## `Ada`\n\n> # Do it\n>\n> now\n\n",
  );
  expect(
    eventMarkdown(
      event("message.assistant", {
        message_id: "m",
        content: "Done.",
        model: "demo",
        provider: "demo",
        truncated: true,
      }),
    ),
  ).toBe("## Agent (`demo`)\n\nDone.\n\n*Only its beginning is here.*\n\n");
});

test("what a command prints can't end its block, whatever backticks it has", () => {
  const output = "```\n# not a heading\n````";
  const text = eventMarkdown(
    event("tool.completed", { ...called, title: "cat `x`", output, duration_ms: 1, exit_code: 2 }),
  );
  expect(text).toBe(`### \`\` cat \`x\` \`\`\n\n\`\`\`\`\`\n${output}\n\`\`\`\`\`\n\n*It ended with 2.*\n\n`);
});

test("decisions say who made them", () => {
  expect(
    eventMarkdown(
      event("approval.decided", {
        approval_key: "a",
        tool_call_id: "c",
        decision: "denied",
        reason: "person",
        decided_by: "Ada",
        message: "Not now.",
      }),
    ),
  ).toBe("*Denied by Ada.*\n\n> Not now.\n\n");
});

test("pieces, totals and what is not known say nothing", () => {
  expect(eventMarkdown(event("llm.response.chunk", { message_id: "m", delta: "x" }))).toBe("");
  expect(eventMarkdown(event("of.later", {}))).toBe("");
});

test("a title of several lines stays one heading", () => {
  expect(headMarkdown("A\n# B", [["Model", "demo"]])).toBe("# A # B\n\n- Model: `demo`\n\n");
  expect(headMarkdown(" ", [])).toBe("# Session\n\n\n");
});

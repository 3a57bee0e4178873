import { expect, test } from "vitest";
import { Silence } from "../../../lib/server/engine/silence.ts";

const tool = (type: "tool.requested" | "tool.completed") =>
  ({
    type,
    source: "agent",
    payload: {
      tool_call_id: "c",
      tool_name: "bash",
      kind: "execute",
      title: "t",
      tool_input: {},
      output: "",
      duration_ms: 0,
    },
  }) as const;

test("an agent is silent for long only where no tool of its own is at work", () => {
  const silence = new Silence(90_000, 0);
  expect(silence.isLong(90_000)).toBe(false);
  expect(silence.isLong(90_001)).toBe(true);
  silence.events([tool("tool.requested")], 100_000);
  expect(silence.isLong(1_000_000)).toBe(false);
  silence.events([tool("tool.completed")], 1_000_000);
  expect(silence.isLong(1_090_000)).toBe(false);
  expect(silence.isLong(1_090_001)).toBe(true);
});

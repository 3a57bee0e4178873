import { describe, expect, test } from "vitest";
import { api } from "#convex/_generated/api.js";
import { database, member, readySession } from "./support.ts";

describe("a payload that a server has sent", () => {
  const append = async (type: string, payload: string) => {
    const db = database();
    const ada = await member(db, "ada");
    const { sessionId, generation } = await readySession(db, ada);
    const event = { type, source: "agent.opencode", payload };
    await db.service.mutation(api.events.append, { sessionId, generation, batch: 1, events: [event] });
    const { events } = await ada.as.query(api.events.list, { sessionId, after: 0, limit: 100 });
    return events.at(-1)?.payload;
  };

  test.each([
    ["llm.response.chunk", '{ "message_id": "m",  "delta": "x" }'],
    [
      "tool.started",
      '{"tool_call_id":"t", "tool_name":"bash","kind":"execute","title":"t","tool_input":{"a":1}}',
    ],
    ["tool.completed", '{"tool_call_id":"t", "tool_name":"bash","title":"t","output":"","duration_ms":1}'],
  ])("is stored as it came, not serialized again: %s", async (type, payload) => {
    expect(await append(type, payload)).toBe(payload);
  });

  test("is serialized again where a long text is kept apart", async () => {
    const payload = {
      tool_call_id: "t",
      tool_name: "bash",
      title: "t",
      output: "x".repeat(20_000),
      duration_ms: 1,
    };
    const stored = await append("tool.completed", JSON.stringify(payload));
    expect(JSON.parse(stored ?? "{}")).toMatchObject({ output_chars: 20_000 });
    expect(stored?.length).toBeLessThan(10_000);
  });
});

import { expect, test } from "vitest";
import { type Artifact, MAX_ARTIFACT_CHARS, MAX_INLINE_CHARS, withoutLongTexts } from "#domain/artifacts.ts";
import { checkDraft, type EventDraft, type PayloadOf } from "#domain/events.ts";

async function split(draft: EventDraft) {
  const kept: Artifact[] = [];
  const event = await withoutLongTexts(draft, async (artifact) => `a${kept.push(artifact)}`);
  checkDraft(event);
  return { kept, payload: event.payload as Record<string, unknown> };
}
const completed = (fields: Partial<PayloadOf<"tool.completed">>): EventDraft => ({
  type: "tool.completed",
  source: "agent",
  payload: { tool_call_id: "c", tool_name: "bash", title: "t", output: "", duration_ms: 1, ...fields },
});

test("what is short stays as it is", async () => {
  const draft = completed({
    output: "x".repeat(MAX_INLINE_CHARS),
    diff: { path: "p", old_text: null, new_text: "y" },
  });
  expect(await split(draft)).toEqual({ kept: [], payload: draft.payload });
});

test("a long output is kept whole, and its event has the beginning", async () => {
  const output = "🙂".repeat(10_000);
  const { kept, payload } = await split(completed({ output }));
  expect(kept).toEqual([{ kind: "output", text: output }]);
  expect(payload).toMatchObject({ output_artifact_id: "a1", output_chars: 20_000 });
  expect(String(payload.output)).toMatch(/^(🙂)+$/u);
  expect(payload).not.toHaveProperty("truncated");
});

test("what is beyond all measure is cut, and says so", async () => {
  const { kept, payload } = await split(completed({ output: "x".repeat(2_000_000) }));
  expect(kept[0]?.text).toHaveLength(MAX_ARTIFACT_CHARS);
  expect(payload).toMatchObject({ truncated: true, output_chars: 2_000_000 });
});

test("a long diff is kept as JSON, of a question too", async () => {
  const diff = { path: "p", old_text: "a\n".repeat(4_000), new_text: "b\n".repeat(4_000) };
  const question: EventDraft = {
    type: "approval.requested",
    source: "agent",
    payload: {
      approval_key: "k",
      tool: "edit",
      tool_call_id: "c",
      kind: "edit",
      summary: "s",
      request: {},
      expires_at: 0,
      diff,
    },
  };
  for (const draft of [completed({ diff }), question]) {
    const { kept, payload } = await split(draft);
    expect(JSON.parse(kept[0]?.text ?? "")).toEqual(diff);
    expect(payload.diff).toMatchObject({ path: "p", truncated: true, artifact_id: "a1", chars: 16_000 });
  }
  const huge = await split(completed({ diff: { ...diff, new_text: "z".repeat(3_000_000) } }));
  expect(huge.kept[0]?.text.length).toBeLessThan(MAX_ARTIFACT_CHARS + 200);
  expect(huge.payload.diff).toMatchObject({ truncated: true, chars: 3_008_000 });
});

test("a call's input keeps its short fields whole, and of the long ones the beginning", async () => {
  const tool_input = { filePath: "a.txt", content: "x".repeat(2_000_000), list: ["y".repeat(9_000)] };
  const { payload } = await split({
    type: "tool.requested",
    source: "agent",
    payload: { tool_call_id: "c", tool_name: "write", kind: "edit", title: "t", tool_input },
  });
  expect(JSON.stringify(payload).length).toBeLessThan(10_000);
  expect(payload.tool_input).toMatchObject({ filePath: "a.txt" });
  expect(JSON.stringify(payload.tool_input)).toContain("(2000000 characters)");
});

import { describe, expect, test } from "vitest";
import { Masker } from "#domain/mask.ts";
import type { RpcMessage } from "#server/agent/wire.ts";
import { AgentRecorder } from "#server/engine/agent-recorder.ts";
import type { RunEnd } from "#server/engine/event-buffer.ts";
import { RunTracker } from "#server/engine/run-tracker.ts";
import { RUN } from "./support.ts";

function recorder() {
  const added: { types: string[]; runIds: (string | undefined)[]; cursor: number | undefined }[] = [];
  const ends: (RunEnd | undefined)[] = [];
  const posted: object[] = [];
  const heard: string[][] = [];
  const notes: unknown[] = [];
  const over: string[] = [];
  const runs = new RunTracker({
    generation: 7,
    onTakenOver: () => undefined,
    onCancelIgnored: () => undefined,
  });
  const made = new AgentRecorder({
    models: { provider: "demo", model: "demo", masker: new Masker() },
    runs,
    buffer: {
      add: (events, cursor) => {
        added.push({
          types: events.map(({ type }) => type),
          runIds: events.map(({ runId }) => runId),
          cursor,
        });
        for (const event of events) if (event.type === "approval.requested") notes.push(event.payload.notes);
      },
      flush: async (end) => void ends.push(end),
    },
    poster: { post: (message) => void posted.push(message) },
    look: async (paths) =>
      new Map(paths.map((path) => [path, { path, real: `/real${path}`, kind: "none" as const }])),
    onEnded: (runId) => void over.push(runId),
    listeners: [{ events: (events) => void heard.push(events.map(({ type }) => type)) }],
  });
  return { made, runs, added, ends, over, posted, heard, notes };
}

const said = (text: string): RpcMessage => ({
  method: "session/update",
  params: {
    update: { sessionUpdate: "agent_message_chunk", messageId: "m", content: { type: "text", text } },
  },
});

describe("what the agent says", () => {
  test("is kept with its run and its place in the stream, and told to those who listen", async () => {
    const { made, runs, added, heard } = recorder();
    runs.begin({ id: RUN, rpcId: "rpc-1" });
    await made.take({ id: 3, message: said("hello") });
    expect(added).toEqual([{ types: ["llm.response.chunk"], runIds: [RUN], cursor: 3 }]);
    expect(heard).toEqual([["llm.response.chunk"]]);
  });

  test("is not kept between runs; its place is", async () => {
    const { made, added } = recorder();
    await made.take({ id: 3, message: said("hello") });
    expect(added).toEqual([{ types: [], runIds: [], cursor: 3 }]);
  });

  test("ends the run with its answer, once", async () => {
    const { made, runs, added, ends, over } = recorder();
    runs.begin({ id: RUN, rpcId: "rpc-1" });
    await made.take({ id: 3, message: said("hello") });
    const answer = { id: "rpc-1", result: { stopReason: "end_turn" } };
    await made.take({ id: 4, message: answer });
    expect(added.at(-1)).toEqual({ types: ["message.assistant"], runIds: [RUN], cursor: 4 });
    const ending = { status: "completed", output: "hello", stopReason: "end_turn" };
    expect(ends).toEqual([{ runId: RUN, ending }]);
    expect(over).toEqual([RUN]);
    await made.take({ id: 5, message: answer });
    expect(ends).toHaveLength(1);
  });

  test("goes on where another server stopped", async () => {
    const { made, runs, ends } = recorder();
    runs.begin({ id: RUN, rpcId: "rpc-1" });
    const chunk = {
      type: "llm.response.chunk",
      payload: JSON.stringify({ message_id: "m", delta: "hel" }),
      ts: 0,
    };
    made.resume([chunk], undefined);
    await made.take({ id: 4, message: said("lo") });
    await made.take({ id: 5, message: { id: "rpc-1", result: { stopReason: "end_turn" } } });
    expect(ends[0]?.ending).toMatchObject({ output: "hello" });
  });
});

test("an ability that nobody offered is refused, so that the agent does not wait", async () => {
  const { made, posted, added } = recorder();
  await made.take({ id: 3, message: { id: 9, method: "fs/write_text_file" } });
  expect(posted).toEqual([{ id: 9, error: { code: -32601, message: "Method not found" } }]);
  expect(added).toEqual([{ types: [], runIds: [], cursor: 3 }]);
});

test("an agent that has ended is lost", async () => {
  const { made } = recorder();
  await expect(made.take({ id: 3, message: { method: "_adapter/agent_exited" } })).rejects.toMatchObject({
    kind: "agent_exited",
  });
});

test("BUG-7, BUG-11: files are looked at before people are asked about a change", async () => {
  const { made, runs, notes } = recorder();
  runs.begin({ id: RUN, rpcId: "rpc-1" });
  const toolCall = { toolCallId: "c", kind: "edit", rawInput: { filepath: "/workspace/x", diff: "@@" } };
  const params = { toolCall, options: [{ optionId: "once", kind: "allow_once" }] };
  await made.take({ id: 3, message: { id: 7, method: "session/request_permission", params } });
  expect(notes).toMatchObject([[{ path: "/real/workspace/x", through: "/workspace/x" }]]);
});

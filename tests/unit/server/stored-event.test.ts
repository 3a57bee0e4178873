import { afterEach, expect, test, vi } from "vitest";
import { Masker } from "#domain/mask.ts";
import type { EventEnvelope } from "#domain/events.ts";
import { toStored } from "#server/agent/stored-event.ts";
import { sessionFrame } from "#server/stream/frame.ts";

afterEach(() => void vi.restoreAllMocks());

const chunk = {
  type: "llm.response.chunk" as const,
  source: "agent.opencode",
  payload: { message_id: "m", delta: "it is a-secret-value" },
};

test("an event's payload is serialized once and masked once on its way to the log", () => {
  const masker = new Masker(["a-secret-value"]);
  const mask = vi.spyOn(masker, "mask");
  const stringify = vi.spyOn(JSON, "stringify");
  expect(toStored(chunk, masker)).toEqual({
    type: chunk.type,
    source: chunk.source,
    payload: '{"message_id":"m","delta":"it is ••••••••"}',
  });
  expect(stringify.mock.calls.filter(([value]) => value === chunk.payload)).toHaveLength(1);
  expect(mask).toHaveBeenCalledTimes(1);
});

test("an id that the agent gave is masked as well", () => {
  const payload = { message_id: "a-secret-value", delta: "x" };
  expect(toStored({ ...chunk, payload }, new Masker(["a-secret-value"])).payload).not.toContain("secret");
});

test("an event is serialized once for all who listen", () => {
  const event: EventEnvelope = {
    event_id: "e",
    type: chunk.type,
    ts: new Date(0).toISOString(),
    session_id: "s",
    seq: 7,
    source: chunk.source,
    payload: chunk.payload,
  };
  const stringify = vi.spyOn(JSON, "stringify");
  const frames = Array.from({ length: 200 }, () => sessionFrame(event));
  expect(stringify).toHaveBeenCalledTimes(1);
  expect(new Set(frames)).toEqual(
    new Set([`id: 7\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`]),
  );
});

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { AgentServerError } from "../../../../lib/server/agent/bridge.ts";
import type { StreamEntry } from "../../../../lib/server/agent/client.ts";
import { SandboxGone } from "../../../../lib/server/engine/endings.ts";
import { StreamReader } from "../../../../lib/server/engine/stream-reader.ts";

vi.mock("node:timers/promises", async () => await import("../../../support/timers-promises.ts"));
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

type Connection = (number | Error)[];

/** @param connections the ids of each connection's messages; an error breaks it there */
function reader(connections: Connection[], options: { brokenAt?: number; goneAfter?: number } = {}) {
  const abort = new AbortController();
  const from: (number | null)[] = [];
  const taken: number[] = [];
  const marks: string[] = [];
  let stored = true;
  const made = new StreamReader({
    sessionId: "s1",
    client: {
      async *stream(after, _signal, opened): AsyncGenerator<StreamEntry> {
        from.push(after);
        opened?.();
        for (const id of connections.shift() ?? []) {
          if (typeof id !== "number") throw id;
          yield { id, message: {} };
        }
        if (connections.length === 0 && options.goneAfter === undefined) abort.abort();
      },
    },
    connector: {
      markReachable: () => void marks.push("reachable"),
      markBroken: () => marks.push("broken"),
    },
    signal: abort.signal,
    take: async ({ id }) => {
      if (id === options.brokenAt) {
        stored = false;
        throw new Error("the log cannot be written");
      }
      taken.push(id);
    },
    isBroken: () => !stored,
    throwIfLost: async () => {
      if (options.goneAfter !== undefined && from.length >= options.goneAfter) throw new SandboxGone();
    },
  });
  return { made, from, taken, marks };
}

const run = async (made: StreamReader, cursor: number | null) => {
  const read = made.read(cursor);
  read.catch(() => undefined);
  await vi.runAllTimersAsync();
  await read;
};

test("a stream that breaks is read on from behind its last message", async () => {
  const { made, from, taken, marks } = reader([[4, 5, new Error("terminated")], [6], [7]]);
  await run(made, 3);
  expect(from).toEqual([3, 5, 6]);
  expect(taken).toEqual([4, 5, 6, 7]);
  expect(marks).toEqual(["reachable", "broken", "reachable", "broken", "reachable"]);
});

test("a gap means that a part of it is lost; where it begins is no gap", async () => {
  const { made, taken } = reader([[9, 10, 12]]);
  await expect(run(made, null)).rejects.toMatchObject({ kind: "stream_gap" });
  expect(taken).toEqual([9, 10]);
});

test("a server that knows nothing of the connection was started again", async () => {
  const { made } = reader([[1, new AgentServerError(404, "no such server")], [2]]);
  await expect(run(made, null)).rejects.toMatchObject({ kind: "agent_exited" });
});

test("what cannot be stored ends the reading", async () => {
  const { made, from } = reader([[1, 2], [3]], { brokenAt: 2 });
  await expect(run(made, 0)).rejects.toThrow("the log cannot be written");
  expect(from).toEqual([0]);
});

test("it ends where the sandbox is found gone", async () => {
  const { made, from } = reader([], { goneAfter: 3 });
  await expect(run(made, 0)).rejects.toThrow(SandboxGone);
  expect(from).toHaveLength(3);
});

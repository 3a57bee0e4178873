import { expect, test } from "vitest";
import type { Id } from "#convex/_generated/dataModel.js";
import { DEADLINES } from "#domain/lifecycle.ts";
import type { SaveResult } from "#server/checkpoints/save.ts";
import { Saver } from "#server/engine/saver.ts";

const idOf = (name: string) => name as Id<"sandboxSessions">;

/** A saver whose saves end when the test says how. */
function saver() {
  const asked: string[] = [];
  const open = new Map<string, (result: SaveResult) => void>();
  const done = { count: 0 };
  const made = new Saver(
    () => {
      done.count += 1;
    },
    async (sessionId, cause) => {
      asked.push(`${sessionId} ${cause}`);
      return await new Promise((resolve) => open.set(sessionId, resolve));
    },
  );
  const end = async (name: string, result: SaveResult) => {
    open.get(name)?.(result);
    open.delete(name);
    if (open.size === 0) await made.ended();
    else await new Promise(setImmediate);
  };
  return { made, asked, end, done };
}

test("a session is saved once at a time, and few of them at once", async () => {
  const { made, asked, end } = saver();
  for (const name of ["a", "a", "b", "c", "d", "e"]) made.start(idOf(name), "turn");
  expect(asked).toEqual(["a turn", "b turn", "c turn", "d turn"]);
  await end("a", "saved");
  made.start(idOf("e"), "work");
  expect(asked.at(-1)).toBe("e work");
});

test("an idle session is stopped once it is saved, or could not be for as long as its sandbox is kept", async () => {
  const { made, asked, end, done } = saver();
  const may = (now: number) => made.mayStop(idOf("a"), { deadlineAt: 1_000, cause: "idle" }, now);
  expect([may(1_000), may(1_001)]).toEqual([false, false]);
  expect(asked).toEqual(["a idle"]);
  await end("a", "failed");
  expect(done.count).toBe(0);
  expect(may(2_000)).toBe(false);
  await end("a", "unchanged");
  expect(done.count).toBe(1);
  expect(may(2_001)).toBe(true);
  // What was found for another deadline says nothing of this one.
  expect(may(2_002)).toBe(false);
  await end("a", "failed");
  expect(
    made.mayStop(idOf("a"), { deadlineAt: 1_000, cause: "idle" }, 1_001 + DEADLINES.sandboxGraceMs),
  ).toBe(true);
});

import { expect, test } from "vitest";
import type { Id } from "#convex/_generated/dataModel.js";
import type { SaveResult } from "#server/checkpoints/save.ts";
import { saveTurnFirst, storeTurn } from "#server/checkpoints/turn-save.ts";

const session = "session" as Id<"sandboxSessions">;

/** A save that is at each time what the list says, and then the last of it. */
function saveBy(results: SaveResult[]) {
  const asked: string[] = [];
  const save = async (_id: Id<"sandboxSessions">, cause: string): Promise<SaveResult> => {
    asked.push(cause);
    return results[Math.min(asked.length, results.length) - 1] ?? "none";
  };
  return { save, asked };
}

test("the next turn waits for a save that another server has begun until that has read it", async () => {
  const { save, asked } = saveBy(["busy", "busy", "taken", "none"]);
  await saveTurnFirst(session, save);
  expect(asked).toEqual(["turn", "turn", "turn"]);
});

test("the next turn waits for its own save until all of it is read, not until it is stored", async () => {
  const stored = Promise.withResolvers<SaveResult>();
  let isStored = false;
  const work = saveTurnFirst(session, async (_id, _cause, { onTaken } = {}) => {
    onTaken?.();
    const result = await stored.promise;
    isStored = true;
    return result;
  });
  await work;
  expect(isStored).toBe(false);
  stored.resolve("saved");
});

test("what compares with a turn's end waits until that is stored, also where another server stores it", async () => {
  const { save, asked } = saveBy(["busy", "taken", "taken", "none"]);
  expect(await storeTurn(session, save)).toBe(true);
  expect(asked).toHaveLength(4);
});

test.each<SaveResult>(["saved", "unchanged", "failed"])(
  "a save that ends as %s is waited for once",
  async (result) => {
    const { save, asked } = saveBy([result]);
    expect(await storeTurn(session, save)).toBe(true);
    expect(asked).toHaveLength(1);
  },
);

test("one that takes longer than a person waits is told of", async () => {
  expect(await storeTurn(session, saveBy(["taken"]).save, 250)).toBe(false);
  const never = async () => await new Promise<SaveResult>(() => undefined);
  expect(await storeTurn(session, never, 50)).toBe(false);
});

test("a save that throws keeps nobody from going on", async () => {
  const broken = async (): Promise<SaveResult> => {
    throw new Error("Convex is away");
  };
  await expect(saveTurnFirst(session, broken)).resolves.toBeUndefined();
  await expect(storeTurn(session, broken)).resolves.toBe(true);
});

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Id } from "#convex/_generated/dataModel.js";
import { TransportError } from "#net/transport.ts";
import { listen } from "#server/stream/tail.ts";

const SESSION = "s1" as Id<"sandboxSessions">;

/** A database whose answers each test decides. */
const world = vi.hoisted(() => ({
  onHead: (_head: { seq: number }): void => undefined,
  followed: 0,
  read: async (_after: number): Promise<number[]> => [],
  reads: 0,
}));
vi.mock("#server/convex/live.ts", () => ({
  follow: (_fn: unknown, _args: unknown, onValue: (head: { seq: number }) => void) => {
    world.onHead = onValue;
    world.followed += 1;
    return () => void (world.followed -= 1);
  },
}));
vi.mock("#server/convex/client.ts", () => ({
  serviceData: () => ({
    query: async (_fn: unknown, { after }: { after: number }) => {
      world.reads += 1;
      const events = (await world.read(after)).map((seq) => ({
        seq,
        ts: 0,
        type: "run.started",
        source: "studio.api",
        payload: "{}",
        organizationId: "o",
        sessionId: "s1",
      }));
      return { events };
    },
  }),
}));

const away = () => {
  throw new TransportError("reset", "broken");
};

function listening() {
  const seen: number[] = [];
  const lost = vi.fn();
  const end = listen(SESSION, { events: (events) => seen.push(...events.map(({ seq }) => seq)), lost });
  return { seen, lost, end };
}

beforeEach(() => {
  vi.useFakeTimers();
  Object.assign(world, { reads: 0, read: async (after: number) => [after + 1] });
});
afterEach(() => void vi.useRealTimers());

test("each listener is told what comes, and what could not be read comes later", async () => {
  const [one, two] = [listening(), listening()];
  expect(world.followed).toBe(1);
  world.onHead({ seq: 4 });
  world.read = away;
  world.onHead({ seq: 6 });
  await vi.advanceTimersByTimeAsync(5_000);
  expect(one.seen).toEqual([]);
  world.read = async (after) => [after + 1];
  await vi.advanceTimersByTimeAsync(5_000);
  expect([one.seen, two.seen]).toEqual([
    [5, 6],
    [5, 6],
  ]);
  one.end();
  two.end();
  expect(world.followed).toBe(0);
  expect(one.lost).not.toHaveBeenCalled();
});

test.each([
  ["a log that is out of reach for half a minute", away, 10],
  ["a log that Studio has no right to", () => Promise.reject(new Error("forbidden")), 1],
])("%s ends the streams of those who listen, and reads no more", async (_, read, atLeast) => {
  const { seen, lost, end } = listening();
  world.onHead({ seq: 4 });
  world.read = read;
  world.onHead({ seq: 5 });
  await vi.advanceTimersByTimeAsync(60_000);
  expect(lost).toHaveBeenCalledTimes(1);
  expect(world.reads).toBeGreaterThanOrEqual(atLeast);
  expect(world.reads).toBeLessThan(40);
  end();
  const { reads } = world;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(world.reads).toBe(reads);
  expect(seen).toEqual([]);
});

test("once nobody listens any longer, a log that is out of reach is not read again", async () => {
  const { lost, end } = listening();
  world.onHead({ seq: 4 });
  world.read = away;
  world.onHead({ seq: 5 });
  await vi.advanceTimersByTimeAsync(1_000);
  end();
  const { reads } = world;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(world.reads).toBeLessThanOrEqual(reads + 1);
  expect(lost).not.toHaveBeenCalled();
});

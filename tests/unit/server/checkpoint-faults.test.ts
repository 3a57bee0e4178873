import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { api } from "#convex/_generated/api.js";
import type { Data } from "#server/convex/client.ts";
import { database, member, readySession } from "../../convex/support.ts";
import { checkpointRound, type Ground } from "../../faults/checkpoint-round.ts";
import { makeBase } from "../../faults/checkpoint-world.ts";

/** A few rounds of what `npm run test:checkpoints` plays by the hundred, the same each time. */
const ROUNDS = Number(process.env["STUDIO_FAULT_ROUNDS"] ?? 2);
const SEED = Number(process.env["STUDIO_FAULT_SEED"] ?? 1);

let made: Awaited<ReturnType<typeof makeBase>>;
beforeAll(async () => {
  made = await makeBase();
});
afterAll(() => {
  vi.useRealTimers();
  made.remove();
});
beforeEach(() => {
  vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
});

test.each(Array.from({ length: ROUNDS }, (_, round) => SEED + round))(
  "whatever breaks while work is saved, brought back or rewound, none is lost: round %i",
  { timeout: 300_000 },
  async (seed) => {
    const db = database();
    const ada = await member(db, "ada");
    const { sessionId, generation } = await readySession(db, ada);
    await db.service.mutation(api.sessionLeases.release, { sessionId, generation });
    const order: Ground["order"] = async (to) =>
      await ada.as.mutation(api.sessionRewinds.start, {
        sessionId,
        what: "files",
        overwrite: ["/"],
        keep: [],
        ...to,
      });
    const data = db.service as unknown as Data;
    const advance = (ms: number) => vi.setSystemTime(Date.now() + ms);
    const { wrong, faults } = await checkpointRound({ ...made, data, sessionId, advance, order }, seed);
    expect(wrong, faults.join(", ")).toEqual([]);
  },
);

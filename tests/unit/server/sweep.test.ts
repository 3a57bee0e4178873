import { expect, test } from "vitest";
import { inTurns, Sweep } from "#server/engine/sweep.ts";
import { fakeData } from "#tests/fake-data.ts";

test("CODE-9: work is done in turns between organizations", () => {
  const many = Array.from({ length: 5 }, (_, i) => ({ organizationId: "large", id: `l${i}` }));
  const few = [
    { organizationId: "small", id: "s0" },
    { organizationId: "small", id: "s1" },
    { organizationId: "tiny", id: "t0" },
  ];
  expect(inTurns([...many, ...few]).map(({ id }) => id)).toEqual([
    "l0",
    "s0",
    "t0",
    "l1",
    "s1",
    "l2",
    "l3",
    "l4",
  ]);
});

/** A database with one thing of each kind that is due, and who holds the sweep's lease there. */
function due(answers: Parameters<typeof fakeData>[0] = {}) {
  const page = (item: object) => () => ({ items: [{ organizationId: "o", ...item }], next: null });
  let holder: unknown;
  return fakeData({
    "due:late": page({ sessionId: "late", deadlineAt: 1, isIdle: false }),
    "due:lapsed": page({ sessionId: "lapsed" }),
    "due:holds": page({ requestId: "held" }),
    "due:networks": page({ policyId: "policy" }),
    "due:cleanup": page({ sessionId: "over", sandboxId: "box" }),
    "due:setups": page({ scriptId: "script" }),
    "due:green": page({ pursuitId: "pursuit" }),
    "due:webhooks": page({ webhookId: "webhook" }),
    "due:notifications": page({ deliveryId: "delivery" }),
    "due:checkouts": page({ checkoutId: "checkout" }),
    "due:mcp": page({ serverId: "server" }),
    "due:saves": page({ sessionId: "worked-in", cause: "turn" }),
    "due:stored": page({ checkpointId: "checkpoint", storedAs: "old.pack" }),
    "due:snapshots": page({ buildId: "build", snapshotId: "old" }),
    "due:topUps": page({ planId: "plan" }),
    "due:meters": page({ sandboxId: "metered" }),
    "sweepLease:claim": (args) => (holder ??= args["holder"]) === args["holder"],
    "sweepLease:release": (args) => void (holder === args["holder"] && (holder = undefined)),
    ...answers,
  });
}

function sweepOf(holder: string, database: ReturnType<typeof due>) {
  const did: string[] = [];
  const work = {
    mayStop: (sessionId: string) => {
      did.push(`saved ${sessionId} first`);
      return false;
    },
    save: (sessionId: string, cause: string) => void did.push(`saved ${sessionId} for ${cause}`),
    removeStored: async (checkpointId: string, storedAs: string) =>
      void did.push(`removed ${storedAs} of ${checkpointId}`),
    expired: (sessionId: string) => void did.push(`expired ${sessionId}`),
    takeOver: async (sessionId: string) => void did.push(`took over ${sessionId}`),
    applyPolicy: async (policyId: string) => void did.push(`applied ${policyId}`),
    cleanUp: async (sessionId: string, sandboxId: string | null) =>
      void did.push(`ended ${sandboxId} of ${sessionId}`),
    bringToGreen: (pursuitId: string) => void did.push(`looked at ${pursuitId}`),
    settleCheckout: async (id: string) => await Promise.resolve(did.push(`looked at ${id}`)),
    deliver: async (webhookId: string) => void (await Promise.resolve(did.push(`told ${webhookId}`))),
    tell: ({ deliveryId, organizationId }: { deliveryId: string; organizationId: string }) =>
      void did.push(`told ${deliveryId} of ${organizationId}`),
    lookAgain: (serverId: string) => void did.push(`looked at ${serverId}`),
    buildSetup: (scriptId: string) => void did.push(`built ${scriptId}`),
    topUp: async (planId: string) => void did.push(`topped up ${planId}`),
    countSandbox: async (sandboxId: string) => void did.push(`counted ${sandboxId}`),
    removeSnapshot: async (buildId: string, snapshotId: string | null) =>
      void did.push(`removed ${snapshotId} of ${buildId}`),
  };
  const sweep = new Sweep(holder, work, () => database.data);
  return { did, sweep, round: async () => await sweep.round(new AbortController().signal) };
}

const EACH = ["took over lapsed"];
const REST = [
  "applied policy",
  "built script",
  "looked at pursuit",
  "saved worked-in for turn",
  "removed old.pack of checkpoint",
  "told webhook",
  "told delivery of o",
  "looked at checkout",
  "topped up plan",
  "looked at server",
  "ended box of over",
  "removed old of build",
  "counted metered",
];
const ALL = [...EACH, "expired late", ...REST];

test("two servers that sweep side by side: both take sessions over, one does the rest, once", async () => {
  const database = due();
  const [one, two] = [sweepOf("one", database), sweepOf("two", database)];
  expect(await Promise.all([one.round(), two.round()])).toEqual([true, false]);
  expect([one.did, two.did]).toEqual([ALL, EACH]);
  expect(database.names().filter((name) => name === "usage:release")).toHaveLength(1);
  await one.sweep.release();
  expect(await two.round()).toBe(true);
  expect(two.did).toEqual([...EACH, ...ALL]);
});

test("it says how much was due, of all kinds only where it does the rest", async () => {
  const database = due({
    "due:lapsed": () => ({
      items: ["a", "b"].map((sessionId) => ({ organizationId: "o", sessionId })),
      next: null,
    }),
  });
  const [one, two] = [sweepOf("one", database), sweepOf("two", database)];
  await one.round();
  await two.round();
  expect(one.sweep.due().size).toBe(ALL.length + 1);
  expect(one.sweep.due().get("deliver webhooks")).toBe(1);
  expect([...two.sweep.due()]).toEqual([["take over", 2]]);
  // Who does it no longer says nothing of what others look at.
  await one.sweep.release();
  await two.round();
  await one.round();
  expect([...one.sweep.due()]).toEqual([["take over", 2]]);
  expect(two.sweep.due().size).toBe(ALL.length + 1);
});

test("where nobody knows who holds it, sessions are taken over all the same", async () => {
  const away = () => {
    throw new Error("the database is away");
  };
  const { did, round } = sweepOf("one", due({ "sweepLease:claim": away }));
  expect(await round()).toBe(false);
  expect(did).toEqual(EACH);
});

test("what cannot be read keeps nothing else from being done", async () => {
  const broken = () => {
    throw new Error("no such index");
  };
  const { did, round } = sweepOf("one", due({ "due:lapsed": broken, "due:late": broken }));
  expect(await round()).toBe(true);
  expect(did).toEqual(REST);
});

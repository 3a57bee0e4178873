import { beforeEach, vi } from "vitest";
import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import { hashOf } from "./support.ts";
import { db } from "./world.ts";

/** The builds of set-up scripts, as a server does them. */

export const TEMPLATE = "studio@1";

/** How many builds were claimed: each has a name by it. */
export let names = 0;

/** An hour on, on a clock that the test sets, before each test of the file that calls it. */
export function setClock(): void {
  beforeEach(() => {
    vi.useFakeTimers({ now: Date.now() + 3_600_000, toFake: ["Date"] });
    return () => void vi.useRealTimers();
  });
}

/** What is to be built at a time. */
export const due = async (now = Date.now()) => (await db.service.query(api.due.setups, { now })).items;

/** Claims the build that is due first. */
export async function claim() {
  const [item] = await due();
  if (!item) return null;
  names += 1;
  return await db.service.mutation(api.setupBuilds.claim, {
    scriptId: item.scriptId,
    snapshotId: `snapshot-${names}`,
    template: TEMPLATE,
    key: { hash: hashOf(`key-${names}`), last4: "abcd" },
    gitKey: { hash: hashOf(`git-${names}`), last4: "abcd" },
  });
}

/** The build that was claimed last is done. */
export const ready = async (buildId: Id<"setupBuilds">, more: object = {}) =>
  await db.service.mutation(api.setupBuilds.finish, {
    buildId,
    result: { status: "ready", snapshotId: `snapshot-${names}`, lockfiles: [], ...more },
  });

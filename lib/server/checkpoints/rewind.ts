import type { Sandbox } from "e2b";
import type { FunctionReturnType } from "convex/server";
import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import { REWIND_LIMITS, type RewindPart, rewindsConversation, rewindsFiles } from "#domain/rewind.ts";
import { type Data, serviceData } from "../convex/client.ts";
import type { Keyring } from "../keys/envelope.ts";
import { keyring } from "../keys/own-key.ts";
import type { CheckpointStore } from "./checkpoint-store.ts";
import { rewindInside, type RewoundInside } from "./program.ts";
import { chainOf, Spoiled, writePack } from "./restore.ts";
import { checkpointStore } from "./store.ts";

type Stored = FunctionReturnType<typeof api.checkpoints.stored>[number];
type CheckpointId = Id<"checkpoints">;

const REWIND_MS = 90_000;
/**
 * What Studio itself keeps in a workspace: the keys of its tools, what the agent is told to be, and what was pulled of the
 * project, which a push from the page changes.
 */
export const OWN = [".env", "opencode.json", ".struere/state.json"];

/** The checkpoint that is to be gone back to is no longer kept. */
export class CheckpointGone extends Error {}

export interface RewindGiven {
  what: RewindPart;
  /** Null where the conversation starts over: the files stay. */
  checkpointId: CheckpointId | null;
  baseId: CheckpointId | null;
  /** What holds the present state; null for a look at what would change. */
  safetyId: CheckpointId | null;
  overwrite: string[];
  keep: string[];
  /** The one file that is restored now. */
  only?: string;
}

interface Parts {
  data?: Data;
  store?: CheckpointStore;
  ring?: Keyring;
}

/**
 * Brings what is in a live sandbox to a checkpoint, or looks at what that would change. Where the sandbox no longer has
 * all of it, it is sent there first. Idempotent.
 * @throws CheckpointGone, Spoiled and CannotOpen where what is stored can't be read, and what the sandbox's client throws
 */
export async function rewindFiles(
  sandbox: Sandbox,
  sessionId: Id<"sandboxSessions">,
  given: RewindGiven,
  { data = serviceData(), store = checkpointStore(), ring = keyring() }: Parts = {},
): Promise<RewoundInside> {
  const all = await data.query(api.checkpoints.stored, { sessionId });
  const find = (id: CheckpointId | null): Stored | null => {
    if (id === null) return null;
    const found = all.find(({ checkpointId }) => checkpointId === id);
    if (!found) throw new CheckpointGone();
    return found;
  };
  const [target, base, safety] = [find(given.checkpointId), find(given.baseId), find(given.safetyId)];
  if (!target)
    return { counts: { added: 0, changed: 0, deleted: 0 }, listed: [], open: [], openCount: 0, kept: [] };
  const options = {
    target: target.commit,
    base: base?.commit ?? null,
    safety: safety?.commit ?? null,
    files: rewindsFiles(given.what),
    conversation: rewindsConversation(given.what),
    overwrite: given.overwrite,
    keep: given.keep,
    own: OWN,
    only: given.only ?? null,
    maxListed: REWIND_LIMITS.maxListed,
    maxNamed: REWIND_LIMITS.maxNamed,
  };
  const done = await rewindInside(sandbox, { ...options, packs: [] }, REWIND_MS);
  if (!("missing" in done)) return done;
  const needed = [target, base, safety].flatMap((one) => (one ? chainOf(all, one) : []));
  const packs: string[] = [];
  for (const one of new Set(needed.toSorted((a, b) => a.chain - b.chain || a.place - b.place))) {
    const file = `/tmp/studio-rewind-${one.checkpointId}.pack`;
    await writePack(sandbox, file, { store, ring }, one);
    packs.push(file);
  }
  try {
    const again = await rewindInside(sandbox, { ...options, packs }, REWIND_MS);
    if ("missing" in again) throw new Spoiled(target, "something of it is missing");
    return again;
  } finally {
    await sandbox.commands.run("rm -f /tmp/studio-rewind-*.pack");
  }
}

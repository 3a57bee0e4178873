import { createHash } from "node:crypto";
import type { Sandbox } from "e2b";
import type { FunctionReturnType } from "convex/server";
import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import { type Data, serviceData } from "../convex/client.ts";
import { log, messageOf } from "../log.ts";
import type { Keyring } from "../keys/envelope.ts";
import { keyring } from "../keys/own-key.ts";
import { type CheckpointStore, NotStored } from "./checkpoint-store.ts";
import { openPackKey } from "./pack-keys.ts";
import { ProgramFailed, restoreInside } from "./program.ts";
import { Tampered, unsealing } from "./sealed-pack.ts";
import { checkpointStore } from "./store.ts";

type Stored = FunctionReturnType<typeof api.checkpoints.stored>[number];

const RESTORE_MS = 90_000;

/** What is stored of a checkpoint is not what it was. */
export class Spoiled extends Error {
  readonly checkpoint: Stored;

  constructor(checkpoint: Stored, cause: string) {
    super(`A checkpoint is spoiled: ${cause}`);
    this.checkpoint = checkpoint;
  }
}

/** What a checkpoint is made of, from the whole one of its chain on. */
export const chainOf = (all: readonly Stored[], wanted: Stored): Stored[] =>
  all
    .filter(({ chain, place }) => chain === wanted.chain && place <= wanted.place)
    .toSorted((a, b) => a.place - b.place);

/**
 * A stored pack's bytes in clear as they come, compared at their end with what was verified.
 * @param onBroken is told where they are others, or can't be opened; then they break off
 * @throws Spoiled where they are not stored | CannotOpen where the operator's keys do not open them
 */
export async function packOf(
  { store, ring }: Pick<Required<Parts>, "store" | "ring">,
  checkpoint: Stored,
  onBroken: (error: Error) => void,
): Promise<ReadableStream<Uint8Array>> {
  const { key, organizationId, storedAs } = checkpoint;
  const broken = (error: Error): Error => {
    const told = error instanceof Tampered ? new Spoiled(checkpoint, error.message) : error;
    onBroken(told);
    return told;
  };
  const place = { organizationId, storedAs };
  const opener = key && unsealing(openPackKey(ring, organizationId, key), place, broken);
  const hash = createHash("sha256");
  let bytes = 0;
  const body = await store.get(storedAs).catch((error: unknown) => {
    throw error instanceof NotStored ? new Spoiled(checkpoint, "it is not stored") : error;
  });
  const clear = opener ? body.pipeThrough(opener) : body;
  return clear.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform: (piece, controller) => {
        hash.update(piece);
        bytes += piece.length;
        controller.enqueue(piece);
      },
      flush: (controller) => {
        if (bytes === checkpoint.bytes && hash.digest("hex") === checkpoint.sha256) return;
        controller.error(broken(new Spoiled(checkpoint, "its hash is another")));
      },
    }),
  );
}

/** Whether one comes after another, so that what is wrong with that is wrong with it. */
const leansOn = (one: Stored, on: Stored): boolean => one.chain === on.chain && one.place >= on.place;

interface Parts {
  data?: Data;
  store?: CheckpointStore;
  ring?: Keyring;
}

/**
 * Brings a fresh sandbox, in which no agent runs, to a session's latest checkpoint, and compares what then is there with
 * what was saved. One that is spoiled is passed over for the one before.
 * @returns the checkpoint; null where nothing of the session was saved
 * @throws Spoiled where none can be brought back | CannotOpen where the operator's keys do not open one, and what the
 * sandbox's client throws
 */
export async function restoreSession(
  sandbox: Sandbox,
  sessionId: Id<"sandboxSessions">,
  { data = serviceData(), store = checkpointStore(), ring = keyring() }: Parts = {},
): Promise<Id<"checkpoints"> | null> {
  const all = await data.query(api.checkpoints.stored, { sessionId });
  let left = all;
  let last: Spoiled | undefined;
  const there = new Map<string, string>();
  for (let next = left[0]; next; next = left[0]) {
    try {
      await restoreOne(sandbox, { store, ring }, chainOf(all, next), there);
      return next.checkpointId;
    } catch (error) {
      if (!(error instanceof Spoiled)) throw error;
      last = error;
      const spoiled = error.checkpoint;
      log("error", "a checkpoint is spoiled; the one before is tried", {
        sessionId,
        error: messageOf(error),
      });
      left = left.filter((one) => !leansOn(one, spoiled));
    }
  }
  if (last) throw last;
  return null;
}

async function restoreOne(
  sandbox: Sandbox,
  parts: Pick<Required<Parts>, "store" | "ring">,
  chain: Stored[],
  there: Map<string, string>,
): Promise<void> {
  const wanted = chain.at(-1)!;
  for (const one of chain) {
    if (there.has(one.checkpointId)) continue;
    const file = `/tmp/studio-restore-${one.checkpointId}.pack`;
    await writePack(sandbox, file, parts, one);
    there.set(one.checkpointId, file);
  }
  const packs = chain.map(({ checkpointId }) => there.get(checkpointId)!);
  const restored = await restoreInside(sandbox, { packs, commit: wanted.commit }, RESTORE_MS).catch(
    (error: unknown) => {
      throw error instanceof ProgramFailed ? new Spoiled(wanted, error.message) : error;
    },
  );
  if (restored.tree !== wanted.tree) throw new Spoiled(wanted, "its files are others");
  await sandbox.commands.run("rm -f /tmp/studio-restore-*.pack");
}

/** Writes a stored pack into a sandbox. @throws Spoiled where it is not what it was, and what the sandbox's client throws */
export async function writePack(
  sandbox: Sandbox,
  file: string,
  parts: Pick<Required<Parts>, "store" | "ring">,
  one: Stored,
): Promise<void> {
  let broken: Error | undefined;
  const body = await packOf(parts, one, (error) => {
    broken = error;
  });
  try {
    await sandbox.files.write(file, body);
  } catch (error) {
    // The client says in its own way that its body broke off.
    throw broken ?? error;
  }
}

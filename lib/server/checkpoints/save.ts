import { createHash, randomUUID } from "node:crypto";
import type { Sandbox } from "e2b";
import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import { CHECKPOINT_LIMITS, CHECKPOINT_TIMES, type CheckpointCause } from "#domain/checkpoints.ts";
import { DEADLINES } from "#domain/lifecycle.ts";
import { TooLarge } from "#net/body.ts";
import { type Data, serviceData } from "../convex/client.ts";
import { persistently } from "../convex/retry.ts";
import { isDiskFull } from "../http/disk-full.ts";
import type { Keyring } from "../keys/envelope.ts";
import { keyring } from "../keys/own-key.ts";
import { log, messageOf } from "../log.ts";
import { isGone, openSandbox } from "../sandbox/sandbox.ts";
import type { CheckpointStore } from "./checkpoint-store.ts";
import { packKeyForSaving } from "./pack-keys.ts";
import { saveInside } from "./program.ts";
import { type PackPlace, sealedBytes, sealing, Tampered, unsealing } from "./sealed-pack.ts";
import { checkpointStore } from "./store.ts";

/** Within the time after which another server may begin one. */
const SAVE_MS = 0.9 * CHECKPOINT_TIMES.claimMs;
const PATIENCE_MS = 30_000;

/**
 * What became of a save: `busy` where another server is at it, `taken` where that one has read what a turn's end is to
 * hold, `none` where there was nothing to be saved.
 */
export type SaveResult = "saved" | "unchanged" | "busy" | "taken" | "none" | "failed";

/** What arrived is not what was sent. */
class NotWhole extends Error {}

/** The SHA-256 and the length of what is stored in a place, read back and opened. */
async function sumOf(
  store: CheckpointStore,
  key: Buffer,
  place: PackPlace,
): Promise<{ sha256: string; bytes: number }> {
  const hash = createHash("sha256");
  let bytes = 0;
  const opened = (await store.get(place.storedAs)).pipeThrough(unsealing(key, place));
  for await (const piece of opened) {
    hash.update(piece);
    bytes += piece.length;
  }
  return { sha256: hash.digest("hex"), bytes };
}

/** Why it could not be saved, for the person whose work it is. */
function sentenceOf(error: unknown): string {
  if (isGone(error)) return "The sandbox no longer exists.";
  if (error instanceof TooLarge)
    return `More than ${CHECKPOINT_LIMITS.maxPackBytes / 1e6} MB have changed, which is more than is saved at once.`;
  if (error instanceof NotWhole || error instanceof Tampered) return "What arrived wasn't what was sent.";
  if (isDiskFull(error))
    return "There's no room left where the work is saved. The operator needs to make some.";
  return messageOf(error).slice(0, 300);
}

/** Ends waiting, not the work: what that still does belongs to a try that is over. */
async function within<T>(timeoutMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`It took longer than ${timeoutMs / 1_000} s.`)), timeoutMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

interface Parts {
  /** The rewind that it completes. */
  ofRewind?: { rewindId: Id<"sessionRewinds">; generation: number } | undefined;
  /** Is told when all of it was read in the sandbox, and what a turn changes is no longer in it. */
  onTaken?: () => void;
  data?: Data;
  store?: CheckpointStore;
  ring?: Keyring;
  open?: (sandboxId: string, timeoutMs: number) => Promise<Sandbox>;
}

/**
 * Takes a checkpoint of a live session: what is new travels out of its sandbox, is stored, read back and compared, and
 * counts only then. One that fails is noted in the session's log, and tried again by the sweep.
 * @param parts what it works with; tests put their own in place
 * @throws what Convex throws where it stays out of reach
 */
export async function saveSession(
  sessionId: Id<"sandboxSessions">,
  cause: CheckpointCause,
  {
    ofRewind,
    onTaken,
    data = serviceData(),
    store = checkpointStore(),
    ring = keyring(),
    open = openSandbox,
  }: Parts = {},
): Promise<SaveResult> {
  const storedAs = `${sessionId}/${randomUUID()}.pack`;
  const begun = await data.mutation(api.checkpoints.begin, {
    sessionId,
    cause,
    storedAs,
    saysAlive: true,
    ...(ofRewind && { ofRewind }),
  });
  if (begun.state === "full") return "failed";
  if (begun.state !== "begun") return begun.state;
  const { checkpointId, previous, organizationId } = begun;
  const place = { organizationId, storedAs };
  const ofTry = { checkpointId, storedAs };
  const tell = async <T>(what: () => Promise<T>): Promise<T> =>
    await persistently("checkpoint", PATIENCE_MS, what);
  const alive = setInterval(() => {
    data.mutation(api.checkpoints.alive, ofTry).catch((error: unknown) => {
      log("warn", "a save could not say that it goes on", { sessionId, error: messageOf(error) });
    });
  }, CHECKPOINT_TIMES.aliveMs);
  try {
    const work = async (): Promise<SaveResult> => {
      const sandbox = await open(begun.sandboxId, begun.idleTimeoutMs + DEADLINES.sandboxGraceMs);
      const pack = `/tmp/studio-checkpoint-${checkpointId}.pack`;
      const options = {
        pack,
        skip: begun.skip,
        ...(previous !== null && { previous }),
        ...(begun.withoutAgent && { withoutAgent: true }),
      };
      const inside = await saveInside(sandbox, options, SAVE_MS);
      if (inside.unchanged) {
        await tell(async () => await data.mutation(api.checkpoints.unchanged, ofTry));
        return "unchanged";
      }
      if (cause === "turn" || cause === "start") {
        await data.mutation(api.checkpoints.taken, ofTry);
        onTaken?.();
      }
      const { id: keyId, key } = await packKeyForSaving(data, ring, organizationId, begun.key);
      const sent = await sandbox.files.read(pack, { format: "stream" });
      const sealed = sent.pipeThrough(sealing(key, place));
      await store.put(storedAs, sealed, sealedBytes(CHECKPOINT_LIMITS.maxPackBytes));
      await sandbox.files.remove(pack);
      const arrived = await sumOf(store, key, place);
      if (arrived.sha256 !== inside.sha256 || arrived.bytes !== inside.bytes) throw new NotWhole();
      const { unchanged: _unchanged, whole, ...facts } = inside;
      const wanted = await tell(
        async () =>
          await data.mutation(api.checkpoints.finish, {
            ...ofTry,
            ...facts,
            keyId,
            previous: whole ? null : previous,
          }),
      );
      if (!wanted) await store.remove(storedAs);
      return wanted ? "saved" : "none";
    };
    return await within(SAVE_MS, work());
  } catch (error) {
    log("warn", "a session could not be saved", { sessionId, error: messageOf(error) });
    // Where this fails, too, the row that was begun reminds the sweep of it.
    await tell(async () => await data.mutation(api.checkpoints.fail, { ...ofTry, error: sentenceOf(error) }));
    return "failed";
  } finally {
    clearInterval(alive);
  }
}

/**
 * Removes what is stored of a checkpoint that nobody returns to, and then forgets it. What another session has too stays.
 */
export async function removeStored(
  checkpointId: Id<"checkpoints">,
  storedAs: string,
  { data = serviceData(), store = checkpointStore() }: Parts = {},
): Promise<void> {
  if (!(await data.mutation(api.checkpoints.release, { checkpointId }))) return;
  await store.remove(storedAs);
  await data.mutation(api.checkpoints.removed, { checkpointId });
}

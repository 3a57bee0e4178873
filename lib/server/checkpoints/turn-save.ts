import { setTimeout as sleep } from "node:timers/promises";
import type { Id } from "#convex/_generated/dataModel.js";
import { TimedOut, until } from "#net/retry.ts";
import { saveSession, type SaveResult } from "./save.ts";
import { log, messageOf } from "../log.ts";

/** How long a message waits for the end of the turn before it, or for what was there before the first, to be saved. */
const WAIT_MS = 8_000;
const LOOK_MS = 100;

/** How long a look at what a rewind would change waits until what the last turn has left is stored. */
const STORED_WAIT_MS = 20_000;

type Save = (...args: Parameters<typeof saveSession>) => Promise<SaveResult>;

/**
 * Saves a turn's end, or waits for who else is at it, until what comes of it is enough. Throws nothing.
 * @returns false where that took too long
 */
async function saveTurn(
  sessionId: Id<"sandboxSessions">,
  {
    save,
    isEnough,
    timeoutMs,
    onTaken,
  }: {
    save: Save;
    isEnough: (result: SaveResult) => boolean;
    timeoutMs: number;
    onTaken?: () => void;
  },
): Promise<boolean> {
  const once = async () => isEnough(await save(sessionId, "turn", onTaken ? { onTaken } : {}));
  return await until("the turn's checkpoint", once, { timeoutMs, everyMs: LOOK_MS }).catch(
    (error: unknown) => {
      if (error instanceof TimedOut) return false;
      log("warn", "a turn was not saved before what follows", { sessionId, error: messageOf(error) });
      return true;
    },
  );
}

/**
 * Saves how a turn has ended, or how the session began, before the next turn changes it, so that the session can go back
 * there. That is waited for until it was read in the sandbox, for a few seconds at most; where it can't be saved, the next
 * turn begins all the same. Throws nothing.
 */
export async function saveTurnFirst(
  sessionId: Id<"sandboxSessions">,
  save: Save = saveSession,
): Promise<void> {
  const taken = Promise.withResolvers<void>();
  const work = saveTurn(sessionId, {
    save,
    isEnough: (result) => result !== "busy",
    timeoutMs: WAIT_MS,
    onTaken: taken.resolve,
  });
  await Promise.race([work, taken.promise, sleep(WAIT_MS, undefined, { ref: false })]);
}

/**
 * Saves how a turn has ended, and waits until that is stored and can be compared with: only then is it known what people
 * have changed since. Throws nothing; where it can't be saved, that stays unknown.
 * @returns false where that takes longer than a person waits
 */
export async function storeTurn(
  sessionId: Id<"sandboxSessions">,
  save: Save = saveSession,
  timeoutMs = STORED_WAIT_MS,
): Promise<boolean> {
  const isEnough = (result: SaveResult) => result !== "busy" && result !== "taken";
  const work = saveTurn(sessionId, { save, isEnough, timeoutMs });
  return await Promise.race([work, sleep(timeoutMs, false, { ref: false })]);
}

import { setTimeout as sleep } from "node:timers/promises";
import type { Id } from "#convex/_generated/dataModel.js";
import { TimedOut, until } from "#net/retry.ts";
import { saveSession } from "./save.ts";
import { log, messageOf } from "../log.ts";

/** How long a message waits for the end of the turn before it, or for what was there before the first, to be saved. */
const WAIT_MS = 8_000;
const LOOK_MS = 100;

/**
 * Saves how a turn has ended, or how the session began, before the next turn changes it, so that the session can go back
 * there. That is waited for until it was read in the sandbox, for a few seconds at most; where it can't be saved, the next
 * turn begins all the same. Throws nothing.
 */
export async function saveTurnFirst(
  sessionId: Id<"sandboxSessions">,
  save: typeof saveSession = saveSession,
): Promise<void> {
  const taken = Promise.withResolvers<void>();
  const once = async () => (await save(sessionId, "turn", { onTaken: taken.resolve })) !== "busy";
  const work = until("the turn's checkpoint", once, {
    timeoutMs: WAIT_MS,
    everyMs: LOOK_MS,
  }).catch((error: unknown) => {
    if (!(error instanceof TimedOut))
      log("warn", "a turn was not saved before the next", { sessionId, error: messageOf(error) });
  });
  await Promise.race([work, taken.promise, sleep(WAIT_MS, undefined, { ref: false })]);
}

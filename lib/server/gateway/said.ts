import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import { MAX_ANSWER_CHARS } from "#domain/llm-events.ts";
import type { Masker } from "#domain/mask.ts";
import { cached, cacheOf } from "../cache.ts";
import { serviceData } from "../convex/client.ts";
import { log, messageOf } from "../log.ts";
import { maskerFor } from "../keys/session-secrets.ts";

/** Few: one with the most that a session can have takes some tens of MB. */
const MAX_MASKERS = 20;
const MASKER_MS = 30_000;

async function maskerOf(sessionId: Id<"sandboxSessions">): Promise<Masker> {
  const maskers = cacheOf<Promise<Masker>>("gateway-maskers", { max: MAX_MASKERS, ttlMs: MASKER_MS });
  return await cached(maskers, sessionId, async () => {
    const { session } = await serviceData().query(api.sandboxSessions.forServer, { sessionId });
    return await maskerFor(session);
  });
}

/**
 * An answer's words as the session's log takes them: the beginning, without the secrets that its sandbox knows; none
 * where these can't be looked up.
 */
export async function loggedWords(
  sessionId: Id<"sandboxSessions">,
  text: string,
): Promise<{ content: string; truncated: boolean }> {
  if (text === "") return { content: "", truncated: false };
  const isCut = text.length > MAX_ANSWER_CHARS;
  try {
    const masker = await maskerOf(sessionId);
    // Where it was cut, its end may be the beginning of a secret.
    const content = isCut ? masker.growing(text).shown : masker.mask(text);
    return {
      content: content.slice(0, MAX_ANSWER_CHARS),
      truncated: isCut || content.length > MAX_ANSWER_CHARS,
    };
  } catch (error) {
    log("warn", "an answer's words are not logged", { error: messageOf(error) });
    return { content: "", truncated: true };
  }
}

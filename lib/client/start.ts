import type { SentBody } from "#contracts/routes.ts";
import { asApiError, createSession, sendMessage } from "./api.ts";
import { keepDraft, messageDraft } from "./draft.ts";
import { staying } from "./leave.ts";

/**
 * Starts a session with its first message, and goes there. A message that cannot be sent is kept for its page.
 * @param text undefined for none
 * @returns a promise that never settles: what started it stays pending until the page is gone
 */
export async function startWith(
  asked: SentBody<"POST /api/studio/sessions">,
  text: string | undefined,
  go: (path: string) => void,
): Promise<never> {
  const { sessionId } = await createSession(asked);
  try {
    if (text !== undefined) await sendMessage(sessionId, text);
  } catch (error) {
    keepDraft(messageDraft(sessionId), { text: text ?? "", problem: asApiError(error).message });
  }
  go(`/studio/${sessionId}`);
  return await staying();
}

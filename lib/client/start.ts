import type { SentBody } from "#contracts/routes.ts";
import { asApiError, createSession, sendMessage } from "./api.ts";
import { joinTexts, keepDraft, messageDraft } from "./draft.ts";
import { staying } from "./leave.ts";

/**
 * Starts a session with its first message, and goes there. A message that cannot be sent is kept for its page.
 * @param message `text`: undefined for none; `rest`: what stands in the new session's field behind it, asked for at the
 * end; `problem`: what is to be said of that
 * @returns a promise that never settles: what started it stays pending until the page is gone
 */
export async function startWith(
  asked: SentBody<"POST /api/studio/sessions">,
  message: { text?: string | undefined; rest: () => string; problem?: string | undefined },
  go: (path: string) => void,
): Promise<never> {
  const { sessionId } = await createSession(asked);
  const { text } = message;
  let unsent = "";
  let { problem } = message;
  try {
    if (text !== undefined) await sendMessage(sessionId, text);
  } catch (error) {
    unsent = text ?? "";
    problem = asApiError(error).message;
  }
  const left = joinTexts(unsent, message.rest());
  if (left !== "")
    keepDraft(messageDraft(sessionId), { text: left, ...(problem !== undefined && { problem }) });
  go(`/studio/${sessionId}`);
  return await staying();
}

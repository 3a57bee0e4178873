/** A message that was not sent, and why; kept in this tab until it is. */
export interface Draft {
  text: string;
  problem: string;
}

const keyOf = (sessionId: string) => `studio-draft:${sessionId}`;

/** Keeps a message for the page of its session. */
export function keepDraft(sessionId: string, draft: Draft): void {
  try {
    sessionStorage.setItem(keyOf(sessionId), JSON.stringify(draft));
  } catch (error) {
    console.warn("The message cannot be kept", error);
  }
}

/** The message that was kept. */
export function readDraft(sessionId: string): Draft | undefined {
  try {
    const text = sessionStorage.getItem(keyOf(sessionId));
    return text === null ? undefined : (JSON.parse(text) as Draft);
  } catch {
    return undefined;
  }
}

/** Forgets a message that was kept: it has been sent. */
export function dropDraft(sessionId: string): void {
  try {
    sessionStorage.removeItem(keyOf(sessionId));
  } catch (error) {
    console.warn("The message cannot be forgotten", error);
  }
}

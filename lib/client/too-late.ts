import { asApiError } from "./api.ts";
import { forgetAnswer } from "./armed.ts";
import { showToast } from "./toast.ts";

/**
 * Sends an answer to a card. Where somebody else was faster, the card is gone with their answer: who decided what is
 * said in a corner.
 * @throws ApiError
 */
export async function sendAnswer(send: () => Promise<unknown>): Promise<void> {
  try {
    await send();
  } catch (error) {
    forgetAnswer();
    const { code, message } = asApiError(error);
    if (code === "already_decided") showToast(`${message} Your answer came too late.`);
    throw error;
  }
}

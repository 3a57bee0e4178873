import { api } from "#convex/_generated/api.js";
import type { Principal } from "#domain/principal.ts";
import { dataFor } from "../convex/client.ts";
import { startProvisioning, wakeSession } from "../engine/wake.ts";

/** Answers what the agent asks of a person, once; null dismisses it. */
export async function answerQuestion(
  caller: Principal,
  within: { runId: string } | { sessionId: string },
  key: string,
  answers: string[][] | null,
): Promise<void> {
  const { sessionId, provisioning } = await dataFor(caller).mutation(api.questions.answer, {
    within,
    key,
    answers,
  });
  // One that was parked goes on with the answer.
  if (provisioning) startProvisioning(sessionId);
  else wakeSession(sessionId);
}

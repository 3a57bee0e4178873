import { answerBody } from "../../../../../../../lib/contracts/sessions.ts";
import { route } from "../../../../../../../lib/server/http/route.ts";
import { answerQuestion } from "../../../../../../../lib/server/sessions/answer-question.ts";

export const POST = route({
  body: answerBody,
  handle: async ({ caller, params, body }) => {
    const answers = "answers" in body ? body.answers : null;
    await answerQuestion(caller, { runId: params.runId ?? "" }, params.questionKey ?? "", answers);
    return { ok: true };
  },
});

import { studioAnswerBody } from "../../../../../../lib/contracts/sessions.ts";
import { route } from "../../../../../../lib/server/http/route.ts";
import { answerQuestion } from "../../../../../../lib/server/sessions/answer-question.ts";

export const POST = route({
  body: studioAnswerBody,
  handle: async ({ caller, params, body }) => {
    const answers = "answers" in body ? body.answers : null;
    await answerQuestion(caller, { sessionId: params.id ?? "" }, body.questionId, answers);
    return { ok: true };
  },
});

import { route } from "#server/http/route.ts";
import { answerQuestion } from "#server/sessions/answer-question.ts";

export const POST = route("POST /api/studio/sessions/{id}/question", async ({ caller, params, body }) => {
  const answers = "answers" in body ? body.answers : null;
  await answerQuestion(caller, { sessionId: params.id }, body.questionId, answers);
  return { ok: true };
});

import { route } from "#server/http/route.ts";
import { answerQuestion } from "#server/sessions/answer-question.ts";

export const POST = route(
  "POST /api/v1/runs/{run_id}/questions/{question_key}",
  async ({ caller, params, body }) => {
    const answers = "answers" in body ? body.answers : null;
    await answerQuestion(caller, { runId: params.run_id }, params.question_key, answers);
    return { ok: true };
  },
);

import { operatorRoute } from "#server/http/route.ts";
import { stopForOperator } from "#server/sessions/stop-session.ts";

export const POST = operatorRoute(
  "POST /api/operator/sessions/{id}/end",
  async ({ operator, params: { id }, body: { reason } }) => await stopForOperator(operator, id, reason),
);

import { route } from "#server/http/route.ts";
import { deleteSession, getV1Session } from "#server/sessions/v1.ts";

export const GET = route(
  "GET /api/v1/sessions/{id}",
  async ({ caller, params }) => await getV1Session(caller, params.id),
);

export const DELETE = route(
  "DELETE /api/v1/sessions/{id}",
  async ({ caller, params }) => await deleteSession(caller, params.id),
);

import { route } from "#server/http/route.ts";
import { undoChange } from "#server/project/definitions.ts";

export const POST = route(
  "POST /api/v1/project/{environment}/changes/{revision}/undo",
  async ({ caller, params: { environment, revision } }) =>
    await undoChange(caller, environment, Number(revision)),
);

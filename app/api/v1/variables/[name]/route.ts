import { route } from "#server/http/route.ts";
import { removeVariable, saveVariable } from "#server/keys/variables.ts";

export const PUT = route("PUT /api/v1/variables/{name}", async ({ caller, params, body }) => ({
  variable: await saveVariable(caller, params.name, body),
}));

export const DELETE = route("DELETE /api/v1/variables/{name}", async ({ caller, params, query }) => {
  await removeVariable(caller, params.name, query);
});

import { route } from "#server/http/route.ts";
import { removeRegistry, saveRegistry } from "#server/registries/registries.ts";

export const PUT = route("PUT /api/v1/registries/{registry}", async ({ caller, params, body }) => ({
  registry: await saveRegistry(caller, params.registry, body),
}));

export const DELETE = route("DELETE /api/v1/registries/{registry}", async ({ caller, params }) => {
  await removeRegistry(caller, params.registry);
});

import { route } from "#server/http/route.ts";
import { testRegistry } from "#server/registries/registries.ts";

export const POST = route("POST /api/v1/registries/{registry}/test", async ({ caller, params }) => ({
  registry: await testRegistry(caller, params.registry),
}));

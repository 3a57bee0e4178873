import { route } from "#server/http/route.ts";
import { listRegistries } from "#server/registries/registries.ts";

export const GET = route("GET /api/v1/registries", async ({ caller }) => ({
  registries: await listRegistries(caller),
}));

import { createAgent, listAgents } from "#server/agents/agents.ts";
import { route } from "#server/http/route.ts";

export const GET = route("GET /api/v1/agents", async ({ caller, query }) => await listAgents(caller, query));

export const POST = route("POST /api/v1/agents", async ({ caller, body }) => await createAgent(caller, body));

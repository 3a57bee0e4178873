import { operatorRoute } from "#server/http/route.ts";
import { overview } from "#server/operator/console.ts";

export const GET = operatorRoute("GET /api/operator/overview", overview);

import { publicRoute } from "#server/http/route.ts";
import { apiDocument } from "#server/http/api-document.ts";

export const dynamic = "force-dynamic";

export const GET = publicRoute("GET /api/openapi.json", async () => ({ ...apiDocument() }));

import { publicRoute } from "#server/http/route.ts";
import { status } from "#server/status/status.ts";

/** How everything stands that Studio depends on; open to all, so that a monitor can ask. */
export const GET = publicRoute("GET /api/v1/status", status);

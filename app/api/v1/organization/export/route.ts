import { exportOrganization } from "../../../../../lib/server/account/export-organization.ts";
import { route } from "../../../../../lib/server/http/route.ts";

export const GET = route(
  "GET /api/v1/organization/export",
  async ({ caller }) => await exportOrganization(caller),
);

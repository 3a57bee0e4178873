import { exportOrganization } from "#server/account/export-organization.ts";
import { route } from "#server/http/route.ts";

export const GET = route(
  "GET /api/v1/organization/export",
  async ({ caller }) => await exportOrganization(caller),
);

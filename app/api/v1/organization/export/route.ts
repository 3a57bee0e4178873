import { exportOrganization } from "../../../../../lib/server/account/export-organization.ts";
import { route } from "../../../../../lib/server/http/route.ts";

export const GET = route({ handle: async ({ caller }) => await exportOrganization(caller) });

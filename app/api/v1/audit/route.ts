import { auditCsv, auditLog } from "#server/audit/audit-log.ts";
import { route } from "#server/http/route.ts";

export const GET = route("GET /api/v1/audit", async ({ caller, query, request }) =>
  query.format === "csv" ? await auditCsv(caller, query, request.url) : await auditLog(caller, query),
);

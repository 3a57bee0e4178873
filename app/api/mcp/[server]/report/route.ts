import { mcpReport } from "#server/mcp/report.ts";

export const dynamic = "force-dynamic";

export const POST = mcpReport;

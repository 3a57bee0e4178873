import { mcpEndpoint } from "#server/mcp/endpoint.ts";

export const dynamic = "force-dynamic";

export const POST = mcpEndpoint;

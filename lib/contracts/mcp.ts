import { z } from "zod";
import { LIMITS } from "#domain/limits.ts";
import { MCP_LIMITS, MCP_STATUSES, MCP_TRANSPORTS } from "#domain/mcp.ts";
import { boundedText } from "./limits.ts";

const values = z
  .record(z.string().min(1).max(200), z.string().max(8_000))
  .refine(
    (record) => Object.keys(record).length <= MCP_LIMITS.values,
    `has at most ${MCP_LIMITS.values} entries`,
  );

const fields = {
  name: boundedText(LIMITS.mcpName, { trim: true }).describe(
    "What stands before the colon in `server:tool`: small letters, digits and `-`.",
  ),
  transport: z
    .enum(MCP_TRANSPORTS)
    .describe(
      "`stdio`: a program that runs inside each session's sandbox. The others are reached through Studio, and their secrets never come into a sandbox; `sse` is the protocol's older form.",
    ),
  command: boundedText(LIMITS.mcpCommand, { trim: true }).describe("Of `stdio`: the program, such as `npx`."),
  args: z.array(z.string().max(2_000)).max(MCP_LIMITS.args),
  url: z.string().trim().min(1).max(2_000).describe("Of `sse` and `streamable-http`."),
  env: values.describe(
    "Of `stdio`: variables of its process, stored encrypted. A value sent as it is listed (masked) stays what it was.",
  ),
  headers: values.describe("Of the others: sent with each request, stored encrypted, as `env`."),
};

/** `POST /api/v1/mcp/servers` and `/connect` */
export const createMcpServerBody = z.strictObject({
  name: fields.name,
  transport: fields.transport,
  command: fields.command.optional(),
  args: fields.args.optional(),
  url: fields.url.optional(),
  env: fields.env.optional(),
  headers: fields.headers.optional(),
});

/** `PATCH /api/v1/mcp/servers/{id}`: what is left out stays. */
export const updateMcpServerBody = z
  .strictObject({
    ...fields,
    enabled: z
      .boolean()
      .describe("Whether sessions get it. To turn it on approves the tools that it was last found to offer."),
    tools_digest: boundedText(LIMITS.mcpDigest).describe(
      "With `enabled`: the tools that you have seen. Where it offers others by now, nothing changes; without it, tools that differ from those approved before are not approved.",
    ),
  })
  .partial()
  .refine((body) => Object.keys(body).length > 0, "Say what should change.");

const toolJson = z.object({
  name: z.string(),
  title: z.string().optional(),
  description: z.string().optional(),
  input_schema: z.record(z.string(), z.unknown()),
  read_only: z.boolean().optional(),
  destructive: z.boolean().optional(),
});

/** An MCP server as `/api/v1` has it. */
export const mcpServerJson = z.object({
  id: z.string(),
  name: z.string(),
  transport: z.enum(MCP_TRANSPORTS),
  command: z.string().optional(),
  args: z.array(z.string()).optional(),
  url: z.string().optional(),
  env: z.record(z.string(), z.string()),
  headers: z.record(z.string(), z.string()),
  enabled: z.boolean(),
  last_status: z.enum(MCP_STATUSES),
  last_error: z.string().optional(),
  server_info: z.string().optional(),
  latency_ms: z.number().optional(),
  sign_in: z
    .enum(["active", "lost"])
    .nullable()
    .describe("Of a remote server: whether an admin has signed in to it; `lost` where that has ended."),
  tested_at: z.string().nullable(),
  tools_count: z.number().int(),
  tools_digest: z.string().nullable().describe("Of the tools that it was last found to offer."),
  has_changed: z
    .boolean()
    .describe("Whether it offers other tools than were approved: agents don't get those that differ."),
  created_at: z.string(),
  updated_at: z.string(),
});
export type McpServerJson = z.infer<typeof mcpServerJson>;

export const mcpServersResponse = z.object({ servers: z.array(mcpServerJson) });

export const mcpServerToolsResponse = z.object({
  server: mcpServerJson,
  approved: z.array(toolJson).nullable(),
  found: z.array(toolJson).nullable(),
  changes: z
    .object({
      added: z.array(z.string()),
      removed: z.array(z.string()),
      changed: z.array(z.object({ name: z.string(), parts: z.array(z.string()) })),
    })
    .nullable()
    .describe("What differs between the two; null where nothing does, or one is missing."),
});
export type McpServerTools = z.infer<typeof mcpServerToolsResponse>;

/** `GET /api/v1/mcp/servers/{id}/calls` */
export const mcpCallsResponse = z.object({
  days: z.array(
    z.object({
      day: z.string(),
      calls: z.number().int(),
      errors: z.number().int(),
      total_ms: z.number(),
      max_ms: z.number(),
      result_bytes: z
        .number()
        .int()
        .describe("What agents were given: models read, and are paid for, that much."),
    }),
  ),
  failures: z.array(z.object({ at: z.string(), tool: z.string(), message: z.string() })),
});

export const mcpTestResponse = z.object({
  success: z.boolean(),
  tools: z.array(z.string()),
  error: z.string().optional(),
  tool_details: z.array(toolJson),
  latency_ms: z.number().optional(),
  server_info: z.string().optional(),
  tools_digest: z.string().optional(),
});
export type McpTest = z.infer<typeof mcpTestResponse>;

/** `POST /api/v1/mcp/servers/{id}/sign-in` */
export const mcpSignInResponse = z.object({
  authorization_url: z
    .string()
    .describe("Where the person's browser goes; it comes back to Settings, MCP servers."),
});
/** `POST /api/v1/mcp/sign-ins`: what the browser came back with. */
export const mcpSignedInBody = z.strictObject({
  state: boundedText(LIMITS.mcpState),
  code: z.string().min(1).max(8_000).optional().describe("Without it the sign-in was refused there."),
  iss: z.string().max(2_000).optional(),
});

/** `POST /api/v1/mcp/disconnect` */
export const mcpNameBody = z.strictObject({ name: fields.name });
export const mcpConnectResponse = z.object({
  status: z.enum(["connected", "error"]),
  tools: z.array(z.string()),
  error: z.string().optional(),
});
export const mcpDisconnectResponse = z.object({ status: z.literal("disconnected") });
/** `GET /api/v1/mcp/tools` */
export const mcpToolsQuery = z.object({ cursor: boundedText(LIMITS.mcpName).optional() });
export const mcpToolsResponse = z.object({
  tools: z.array(z.object({ server: z.string(), name: z.string(), description: z.string() })),
  next_cursor: z.string().nullable(),
});

import { z } from "zod";
import { api } from "#convex/_generated/api.js";
import { MCP_LIMITS } from "#domain/mcp.ts";
import { readRequest } from "#net/body.ts";
import { serviceData } from "../convex/client.ts";
import { maskerOf } from "../keys/variables.ts";
import { log, messageOf } from "../log.ts";
import { heldBy, refusal } from "./held.ts";

const MAX_BYTES = 10_000;
/** A sandbox's words: no more is kept of them than a sentence. */
const said = z.union([
  z.object({ status: z.literal("connected"), tools: z.number().int().min(0).max(MCP_LIMITS.tools) }),
  z.object({ status: z.literal("error"), error: z.string().max(500) }),
]);

/** Whether a server that runs in a session's sandbox has started, as its guard there says: it is logged. */
export async function mcpReport(request: Request): Promise<Response> {
  const held = await heldBy(request, /^\/api\/mcp\/([^/]+)\/report$/);
  if (held instanceof Response) return held;
  const text = await readRequest(request, MAX_BYTES).catch(() => null);
  let read: z.infer<typeof said> | undefined;
  try {
    read = said.parse(JSON.parse(text?.toString("utf8") ?? ""));
  } catch {
    return refusal(400, "json_invalid");
  }
  try {
    await serviceData().mutation(api.sessionMcp.reported, {
      sessionId: held.sessionId,
      name: held.name,
      connected: read.status === "connected",
      tools: read.status === "connected" ? read.tools : 0,
      reason: read.status === "error" ? (await maskerOf(held.sessionId)).mask(read.error) : "",
    });
  } catch (error) {
    log("warn", "an MCP server's state was not noted", { error: messageOf(error) });
    return refusal(503, "gateway_database");
  }
  return new Response(null, { status: 204 });
}

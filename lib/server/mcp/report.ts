import { z } from "zod";
import { api } from "#convex/_generated/api.js";
import { MCP_FAILURES, MCP_LIMITS } from "#domain/mcp.ts";
import { readRequest } from "#net/body.ts";
import { cacheOf } from "../cache.ts";
import { serviceData } from "../convex/client.ts";
import { maskerOf } from "../keys/variables.ts";
import { log, messageOf } from "../log.ts";
import { countCalls, noteWait } from "./calls.ts";
import { heldBy, type HeldServer, refusal } from "./held.ts";

const MAX_BYTES = 10_000;
const MAX_SAID = 5_000;
const count = (max: number) => z.number().int().min(0).max(max);
/** A sandbox's words: no more is kept of them than a sentence. */
const said = z.union([
  z.object({ status: z.literal("connected"), tools: z.number().int().min(0).max(MCP_LIMITS.tools) }),
  z.object({ status: z.literal("error"), error: z.string().max(500) }),
  z.object({ status: z.literal("waiting"), waiting: z.boolean() }),
  z.object({
    status: z.literal("calls"),
    calls: count(1_000),
    errors: count(1_000),
    total_ms: count(1_000 * MCP_LIMITS.callMs),
    max_ms: count(2 * MCP_LIMITS.callMs),
    result_bytes: count(1_000 * MCP_LIMITS.resultBytes),
    failures: z
      .array(
        z.object({
          tool: z.string().max(MCP_LIMITS.toolNameChars),
          message: z.string().max(MCP_LIMITS.failureChars),
        }),
      )
      .max(MCP_FAILURES),
  }),
]);
type Said = z.infer<typeof said>;
/** A sandbox says what its servers do less often than this; one that says more is not heard. */
const OFTEN_MS = 500;

async function note({ sessionId, serverId, name }: HeldServer, read: Said): Promise<void> {
  if (read.status === "waiting") return await noteWait(sessionId, name, read.waiting);
  const masker = await maskerOf(sessionId);
  if (read.status === "calls") {
    const { calls, total_ms: totalMs, max_ms: maxMs, result_bytes: resultBytes } = read;
    const errors = Math.min(read.errors, calls);
    const failures = read.failures.map(({ tool, message }) => ({
      at: Date.now(),
      tool: masker.mask(tool),
      message: masker.mask(message),
    }));
    countCalls(serverId, { calls, errors, totalMs, maxMs, resultBytes, failures });
    return;
  }
  await serviceData().mutation(api.sessionMcp.reported, {
    sessionId,
    name,
    connected: read.status === "connected",
    tools: read.status === "connected" ? read.tools : 0,
    reason: read.status === "error" ? masker.mask(read.error) : "",
  });
}

/** What the guard of a server that runs in a session's sandbox says of it: whether it started, waits, and its calls. */
export async function mcpReport(request: Request): Promise<Response> {
  const held = await heldBy(request, /^\/api\/mcp\/([^/]+)\/report$/);
  if (held instanceof Response) return held;
  // Of the others Studio itself counts: a sandbox has nothing to say of them.
  if (held.transport !== "stdio") return refusal(404, "mcp_not_found");
  const text = await readRequest(request, MAX_BYTES).catch(() => null);
  let read: Said | undefined;
  try {
    read = said.parse(JSON.parse(text?.toString("utf8") ?? ""));
  } catch {
    return refusal(400, "json_invalid");
  }
  try {
    const often = cacheOf<"said">("mcp-reports", { max: MAX_SAID, ttlMs: OFTEN_MS });
    const key = `${held.sessionId}|${held.name}|${read.status === "waiting" ? String(read.waiting) : read.status}`;
    if (often.has(key)) return refusal(429, "mcp_busy");
    often.set(key, "said");
    await note(held, read);
  } catch (error) {
    log("warn", "an MCP server's state was not noted", { error: messageOf(error) });
    return refusal(503, "gateway_database");
  }
  return new Response(null, { status: 204 });
}

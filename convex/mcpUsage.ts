import { v } from "convex/values";
import { MCP_DAYS, MCP_FAILURES, MCP_LIMITS } from "#domain/mcp.ts";
import { dayOf } from "#domain/usage-report.ts";
import { orgQuery, serviceMutation } from "./functions.ts";
import { mcpCalls, mcpFailure, mcpServerOf } from "./model/mcp.ts";

/** Days that are forgotten with one that begins. */
const FORGOTTEN = 10;

/**
 * Adds calls of a server's tools to their day. What a sandbox says of its own servers is among them: it is counted, and
 * nothing is decided by it.
 */
export const note = serviceMutation({
  args: { serverId: v.id("mcpServers"), ...mcpCalls, failures: v.array(mcpFailure) },
  returns: v.null(),
  handler: async (ctx, { serverId, failures, ...more }) => {
    const server = await ctx.db.get(serverId);
    if (!server) return;
    const day = dayOf(Date.now());
    const known = await ctx.db
      .query("mcpDaily")
      .withIndex("by_server_day", (q) => q.eq("serverId", serverId).eq("day", day))
      .unique();
    const last = [...(known?.failures ?? []), ...failures]
      .slice(-MCP_FAILURES)
      .map(({ at, tool, message }) => ({
        at,
        tool: tool.slice(0, MCP_LIMITS.toolNameChars),
        message: message.slice(0, MCP_LIMITS.failureChars),
      }));
    if (known) {
      await ctx.db.patch(known._id, {
        calls: known.calls + more.calls,
        errors: known.errors + more.errors,
        totalMs: known.totalMs + more.totalMs,
        maxMs: Math.max(known.maxMs, more.maxMs),
        resultBytes: known.resultBytes + more.resultBytes,
        failures: last,
      });
      return;
    }
    const { organizationId } = server;
    await ctx.db.insert("mcpDaily", { organizationId, serverId, day, ...more, failures: last });
    const old = await ctx.db
      .query("mcpDaily")
      .withIndex("by_server_day", (q) =>
        q.eq("serverId", serverId).lt("day", dayOf(Date.now() - MCP_DAYS * 86_400_000)),
      )
      .take(FORGOTTEN);
    for (const { _id } of old) await ctx.db.delete(_id);
  },
});

/** A server's calls of the last days, newest first, with the last that failed. @throws mcp_not_found */
export const ofServer = orgQuery({
  min: "viewer",
  scope: "settings:read",
  args: { serverId: v.string() },
  returns: v.object({
    days: v.array(v.object({ day: v.string(), ...mcpCalls })),
    failures: v.array(mcpFailure),
  }),
  handler: async (ctx, { serverId }) => {
    const { _id } = await mcpServerOf(ctx, ctx.caller.organizationId, serverId);
    const rows = await ctx.db
      .query("mcpDaily")
      .withIndex("by_server_day", (q) =>
        q.eq("serverId", _id).gt("day", dayOf(Date.now() - MCP_DAYS * 86_400_000)),
      )
      .order("desc")
      .take(MCP_DAYS);
    return {
      days: rows.map(({ day, calls, errors, totalMs, maxMs, resultBytes }) => ({
        day,
        calls,
        errors,
        totalMs,
        maxMs,
        resultBytes,
      })),
      failures: rows.flatMap(({ failures }) => failures.toReversed()).slice(0, MCP_FAILURES),
    };
  },
});

import { v } from "convex/values";
import { partChanges } from "#domain/mcp.ts";
import { orgQuery } from "./functions.ts";
import { mcpListOf, pastMcpList } from "./model/mcp.ts";
import { partsOf, sessionServersOf } from "./model/session-mcp.ts";
import { sessionOf } from "./model/sessions.ts";

/** Tools whose texts are told at once. */
const MAX_TOLD = 50;

/** The tools of a list as a person reads them, by their names. */
function textsIn(tools: string): Map<string, string> {
  const list = JSON.parse(tools) as { name: string }[];
  return new Map(list.map(({ name, ...rest }) => [name, JSON.stringify(rest, null, 2)]));
}

/**
 * What agents were told of those of a server's tools that were approved otherwise since a session got them, and what they
 * are told now; null where nothing differs, or what the session got isn't kept any more.
 * @throws not_found
 */
export const ofServer = orgQuery({
  min: "viewer",
  scope: "sessions:read",
  args: { sessionId: v.string(), serverName: v.string() },
  returns: v.nullable(
    v.array(v.object({ name: v.string(), before: v.nullable(v.string()), after: v.nullable(v.string()) })),
  ),
  handler: async (ctx, { sessionId, serverName }) => {
    const { _id } = await sessionOf(ctx, ctx.caller, sessionId);
    const its = (await sessionServersOf(ctx, _id)).find(({ name }) => name === serverName);
    const row = its && (await ctx.db.get(its.serverId));
    if (!its || !row?.enabled || row.approvedDigest === its.digest) return null;
    const [past, now] = [
      await pastMcpList(ctx, row._id, its.digest),
      await mcpListOf(ctx, row._id, "approved"),
    ];
    if (!past || !now) return null;
    const [before, after] = [textsIn(past.tools), textsIn(now.tools)];
    const { added, removed, changed } = partChanges(partsOf(its), row.approvedParts ?? []);
    return [...changed, ...added, ...removed].slice(0, MAX_TOLD).map((name) => ({
      name,
      before: added.includes(name) ? null : (before.get(name) ?? null),
      after: after.get(name) ?? null,
    }));
  },
});

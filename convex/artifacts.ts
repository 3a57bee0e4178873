import { v } from "convex/values";
import { orgQuery, refuse } from "./functions.ts";
import { sessionOf } from "./model/sessions.ts";

/** A text that was too long for its event. @throws not_found */
export const get = orgQuery({
  min: "viewer",
  scope: "sessions:read",
  args: { sessionId: v.string(), artifactId: v.string() },
  returns: v.object({
    id: v.id("artifacts"),
    kind: v.union(v.literal("output"), v.literal("diff")),
    text: v.string(),
    createdAt: v.number(),
  }),
  handler: async (ctx, { sessionId, artifactId }) => {
    const session = await sessionOf(ctx, ctx.caller, sessionId);
    const id = ctx.db.normalizeId("artifacts", artifactId);
    const row = id && (await ctx.db.get(id));
    if (row?.sessionId !== session._id) throw refuse("artifact_not_found");
    return { id: row._id, kind: row.kind, text: row.text, createdAt: Math.floor(row._creationTime) };
  },
});

import { orgQuery } from "./functions.ts";
import { environment } from "./schema.ts";

const MAX = 40;

/** What the project is made of, by name: at most forty definitions of an environment, oldest first. */
export const names = orgQuery({
  min: "viewer",
  scope: "project:read",
  args: { environment },
  handler: async (ctx, { environment }) => {
    const rows = await ctx.db
      .query("projectDefinitions")
      .withIndex("by_slug", (q) =>
        q.eq("organizationId", ctx.caller.organizationId).eq("environment", environment),
      )
      .take(MAX);
    return rows.map((row) => {
      const { name } = JSON.parse(row.definition) as { name?: unknown };
      return { kind: row.kind, slug: row.slug, name: typeof name === "string" ? name : row.slug };
    });
  },
});

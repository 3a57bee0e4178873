import { v } from "convex/values";
import { orgQuery } from "./functions.ts";
import { takeUpTo } from "./model/paging.ts";
import { definitionKind, environment } from "./model/values.ts";

const MAX = 40;

/** The name in a definition; undefined where it cannot be read: one bad row must not take the others along. */
function nameIn(definition: string): string | undefined {
  try {
    const { name } = JSON.parse(definition) as { name?: unknown };
    return typeof name === "string" ? name : undefined;
  } catch {
    return undefined;
  }
}

/** What the project is made of, by name: at most forty definitions of an environment, oldest first. */
export const names = orgQuery({
  min: "viewer",
  scope: "project:read",
  args: { environment },
  returns: v.array(v.object({ kind: definitionKind, slug: v.string(), name: v.string() })),
  handler: async (ctx, { environment }) => {
    const rows = await takeUpTo(
      ctx.db
        .query("projectDefinitions")
        .withIndex("by_slug", (q) =>
          q.eq("organizationId", ctx.caller.organizationId).eq("environment", environment),
        ),
      { rows: MAX },
    );
    return rows.map((row) => ({ kind: row.kind, slug: row.slug, name: nameIn(row.definition) ?? row.slug }));
  },
});

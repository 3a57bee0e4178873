import { v } from "convex/values";
import { DEFINITION_KINDS, type DefinitionKind } from "#domain/definitions.ts";
import type { Doc } from "./_generated/dataModel";
import { orgQuery } from "./functions.ts";
import { PAGE_BYTES, takeUpTo } from "./model/paging.ts";
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
    const rows: Doc<"projectDefinitions">[] = [];
    // Files have no name but their path, and nothing to suggest.
    for (const { kind } of DEFINITION_KINDS)
      rows.push(
        ...(await takeUpTo(
          ctx.db
            .query("projectDefinitions")
            .withIndex("by_slug", (q) =>
              q
                .eq("organizationId", ctx.caller.organizationId)
                .eq("environment", environment)
                .eq("kind", kind),
            ),
          { rows: MAX - rows.length, bytes: PAGE_BYTES / DEFINITION_KINDS.length },
        )),
      );
    return rows.map((row) => ({
      kind: row.kind as DefinitionKind["kind"],
      slug: row.slug,
      name: nameIn(row.definition) ?? row.slug,
    }));
  },
});

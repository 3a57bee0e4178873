import { paginationOptsValidator, paginationResultValidator } from "convex/server";
import { v } from "convex/values";
import { PROJECT_SLUG_LIMIT, projectAgentOf } from "#domain/project-agent.ts";
import { orgQuery } from "./functions.ts";
import { takeUpTo } from "./model/paging.ts";
import { refuse } from "./model/refusal.ts";
import { environment } from "./model/values.ts";
import type { Id } from "./_generated/dataModel";
import type { QueryCtx } from "./_generated/server";

/** Definitions of a kind whose names a prompt can have. */
const MAX_NAMED = 200;

/** The agents of an environment's project, by slug; one whose definition can't be read is left out. */
export const list = orgQuery({
  min: "viewer",
  scope: "project:read",
  args: { environment, paginationOpts: paginationOptsValidator },
  returns: paginationResultValidator(
    v.object({ slug: v.string(), name: v.string(), description: v.string(), model: v.string() }),
  ),
  handler: async (ctx, { environment: where, paginationOpts }) => {
    const { page, ...rest } = await ctx.db
      .query("projectDefinitions")
      .withIndex("by_slug", (q) =>
        q.eq("organizationId", ctx.caller.organizationId).eq("environment", where).eq("kind", "agent"),
      )
      .paginate(paginationOpts);
    return {
      ...rest,
      page: page.flatMap(({ definition }) => {
        const agent = projectAgentOf(definition);
        if (!agent) return [];
        const { slug, name, description, provider, model } = agent;
        return [{ slug, name, description, model: `${provider}/${model}` }];
      }),
    };
  },
});

async function slugsOf(
  ctx: QueryCtx,
  organizationId: Id<"organizations">,
  where: "development" | "production",
  kind: "entityType" | "role",
): Promise<string[]> {
  const rows = await takeUpTo(
    ctx.db
      .query("projectDefinitions")
      .withIndex("by_slug", (q) =>
        q.eq("organizationId", organizationId).eq("environment", where).eq("kind", kind),
      ),
    { rows: MAX_NAMED },
  );
  return rows.map(({ slug }) => slug);
}

/** A project's agent as JSON text, with what its prompt can name of the project. @throws not_found */
export const get = orgQuery({
  min: "viewer",
  scope: "project:read",
  bounds: { slug: PROJECT_SLUG_LIMIT },
  args: { environment, slug: v.string() },
  returns: v.object({
    definition: v.string(),
    entityTypes: v.array(v.string()),
    roles: v.array(v.string()),
  }),
  handler: async (ctx, { environment: where, slug }) => {
    const { organizationId } = ctx.caller;
    const row = await ctx.db
      .query("projectDefinitions")
      .withIndex("by_slug", (q) =>
        q.eq("organizationId", organizationId).eq("environment", where).eq("kind", "agent").eq("slug", slug),
      )
      .unique();
    if (!row) throw refuse("project_agent_not_found", { slug });
    return {
      definition: row.definition,
      entityTypes: await slugsOf(ctx, organizationId, where, "entityType"),
      roles: await slugsOf(ctx, organizationId, where, "role"),
    };
  },
});

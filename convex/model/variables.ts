import { type Environment, ENVIRONMENTS } from "#domain/catalog.ts";
import { MAX_VARIABLES, type VariablePlace, variablesFor } from "#domain/variables.ts";
import type { Id } from "../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../_generated/server";

/** The variables of one place. */
export async function variablesIn(
  ctx: QueryCtx | MutationCtx,
  organizationId: Id<"organizations">,
  at: VariablePlace,
) {
  return await ctx.db
    .query("variables")
    .withIndex("by_place", (q) => q.eq("organizationId", organizationId).eq("environment", at))
    .take(MAX_VARIABLES);
}

/** Names of all of an organization's variables. */
export async function variableNames(
  ctx: QueryCtx | MutationCtx,
  organizationId: Id<"organizations">,
): Promise<string[]> {
  const places = [null, ...ENVIRONMENTS].map(async (at) => await variablesIn(ctx, organizationId, at));
  return (await Promise.all(places)).flat().map(({ name }) => name);
}

/** The variables of an environment, sealed: its own, and those of all. */
export async function variablesOf(
  ctx: QueryCtx | MutationCtx,
  organizationId: Id<"organizations">,
  environment: Environment,
) {
  const rows = await Promise.all(
    [null, environment].map(async (at) => await variablesIn(ctx, organizationId, at)),
  );
  return variablesFor(rows.flat(), environment).map((row) => ({
    name: row.name,
    environment: row.environment,
    description: row.description,
    reach: row.reach,
    ciphertext: row.ciphertext,
    version: row.version,
  }));
}

import { CATALOG, findModel } from "#domain/catalog.ts";
import type { Id } from "../_generated/dataModel";
import type { MutationCtx } from "../_generated/server";
import { refuse } from "./refusal.ts";

/**
 * Looks whether a model is one of the catalog's, or of an endpoint of the organization's own.
 * @throws unknown_provider | unknown_model
 */
export async function checkModel(
  ctx: MutationCtx,
  organizationId: Id<"organizations">,
  { provider, model }: { provider: string; model: string },
): Promise<void> {
  if (findModel(provider, model)) return;
  const endpoint = await ctx.db
    .query("providerKeys")
    .withIndex("by_provider", (q) => q.eq("organizationId", organizationId).eq("provider", provider))
    .unique();
  if (endpoint?.models?.some(({ id }) => id === model)) return;
  const known = endpoint?.models !== undefined || CATALOG.some(({ id }) => id === provider);
  throw known
    ? refuse("model_unknown", { provider, model, choices: [] })
    : refuse("provider_unknown", { provider, choices: [] });
}

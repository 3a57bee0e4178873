import { v } from "convex/values";
import {
  MAX_REGISTRIES,
  MAX_SCOPE_CHARS,
  REGISTRY_KINDS,
  REGISTRY_SCOPE,
  type RegistryKind,
} from "#domain/registries.ts";
import type { Doc, Id } from "../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../_generated/server";
import { refuse } from "./refusal.ts";
import { providerStatus } from "./values.ts";
import { literals } from "./zod-validator.ts";

/** A registry as an organization saves it, without its credential. */
export const registryFields = {
  slug: v.string(),
  kind: literals(REGISTRY_KINDS),
  url: v.string(),
  /** Empty where the token alone signs in. */
  username: v.string(),
  /** Of npm: what comes from it; none for all packages. */
  scopes: v.array(v.string()),
  status: providerStatus,
  statusDetail: v.optional(v.string()),
  verifiedAt: v.optional(v.number()),
};

/** An organization's registries, by their slugs: few. */
export async function registriesOf(
  ctx: QueryCtx | MutationCtx,
  organizationId: Id<"organizations">,
): Promise<Doc<"registries">[]> {
  return await ctx.db
    .query("registries")
    .withIndex("by_slug", (q) => q.eq("organizationId", organizationId))
    .take(MAX_REGISTRIES);
}

/** One of them. */
export async function registryOf(
  ctx: QueryCtx | MutationCtx,
  organizationId: Id<"organizations">,
  slug: string,
): Promise<Doc<"registries"> | null> {
  return await ctx.db
    .query("registries")
    .withIndex("by_slug", (q) => q.eq("organizationId", organizationId).eq("slug", slug))
    .unique();
}

/**
 * Sees to it that each package comes from one place: a package manager would take what it finds first.
 * @throws invalid_request
 */
export function checkPlaces(
  { slug, kind, scopes }: { slug: string; kind: RegistryKind; scopes: readonly string[] },
  known: readonly Doc<"registries">[],
): void {
  const wrong = scopes.find((scope) => scope.length > MAX_SCOPE_CHARS || !REGISTRY_SCOPE.test(scope));
  if (wrong !== undefined) throw refuse("registry_scope_malformed", { scope: wrong.slice(0, 100) });
  if (kind === "pypi" && scopes.length > 0) throw refuse("registry_scopes_of_npm");
  for (const other of known) {
    if (other.slug === slug || other.kind !== kind) continue;
    if (kind === "pypi") throw refuse("registry_index_taken", { registry: other.slug });
    if (scopes.length === 0 && other.scopes.length === 0)
      throw refuse("registry_default_taken", { registry: other.slug });
    const scope = scopes.find((one) => other.scopes.includes(one));
    if (scope !== undefined) throw refuse("registry_scope_taken", { scope, registry: other.slug });
  }
}

/** What an export has of each. */
export const REGISTRY_EXPORTED = [
  "slug",
  "kind",
  "url",
  "username",
  "scopes",
  "last4",
  "status",
  "statusDetail",
  "verifiedAt",
  "updatedAt",
] as const;

import { roleAtLeast, type Role } from "#domain/roles.ts";
import type { Doc } from "../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../_generated/server";
import { keyHolds } from "../functions.ts";
import { refuse } from "./refusal.ts";

/** What a key opens of a project, and for whom. */
interface SyncAccess {
  key: Doc<"apiKeys">;
  organization: Doc<"organizations">;
  /** Undefined for a sandbox's own key. */
  role?: Role;
}

/**
 * What the key behind a hash opens. A person's key ends with their membership; a sandbox's own is revoked with its
 * session, and only reads.
 * @returns null where the key is not valid, or not for projects at all
 */
export async function syncAccess(ctx: QueryCtx | MutationCtx, keyHash: string): Promise<SyncAccess | null> {
  const key = await ctx.db
    .query("apiKeys")
    .withIndex("by_hash", (q) => q.eq("hash", keyHash))
    .unique();
  if (!key || key.revokedAt !== undefined) return null;
  const organization = await ctx.db.get(key.organizationId);
  if (!organization || organization.deletedAt !== undefined) return null;
  if (key.kind === "sync")
    return key.expiresAt === undefined || key.expiresAt > Date.now() ? { key, organization } : null;
  if (key.kind !== "user" || !key.scopes.includes("project:read")) return null;
  const member = await ctx.db
    .query("members")
    .withIndex("by_organization_user", (q) =>
      q.eq("organizationId", key.organizationId).eq("userId", key.userId),
    )
    .unique();
  const user = await ctx.db.get(key.userId);
  if (!member || !user || user.deletedAt !== undefined || !keyHolds(key, member)) return null;
  return { key, organization, role: member.role };
}

/** The least role that may change an environment. */
const writerOf = (environment: Doc<"apiKeys">["environment"]): Role =>
  environment === "production" ? "admin" : "member";

/**
 * The same for a change.
 * @throws unauthenticated; forbidden for a sandbox's key, one without the scope, or a member whose role is too low
 */
export async function writeAccess(
  ctx: QueryCtx | MutationCtx,
  keyHash: string,
): Promise<Required<SyncAccess>> {
  const access = await syncAccess(ctx, keyHash);
  if (!access) throw refuse("api_key_invalid");
  const { key, organization, role } = access;
  if (role === undefined) throw refuse("project_sandbox_reads");
  if (!key.scopes.includes("project:write")) throw refuse("scope_missing", { scope: "project:write" });
  const needed = writerOf(key.environment);
  if (!roleAtLeast(role, needed)) throw refuse("role_too_low", { needed, role });
  return { key, organization, role };
}

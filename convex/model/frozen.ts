import type { Doc, Id } from "../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../_generated/server";
import { refuse } from "./refusal.ts";
import type { SessionWriter } from "./session-writer.ts";

/** Why an organization is frozen; null where it is not. What asks this in a transaction is undone by a freeze beside it. */
export async function frozenReason(
  ctx: QueryCtx | MutationCtx,
  organizationId: Id<"organizations">,
): Promise<string | null> {
  const organization: Doc<"organizations"> | null = await ctx.db.get(organizationId);
  return organization?.frozenAt === undefined ? null : (organization.frozenReason ?? "");
}

/** @throws organization_frozen */
export async function refuseFrozen(
  ctx: QueryCtx | MutationCtx,
  organizationId: Id<"organizations">,
): Promise<void> {
  const reason = await frozenReason(ctx, organizationId);
  if (reason !== null) throw refuse("organization_frozen", { reason });
}

/** Lets a session go on that was to stop, where its organization was thawed. @returns whether it still has to stop */
export async function stillFrozen(writer: SessionWriter): Promise<boolean> {
  if (writer.session.isFrozen !== true) return false;
  if ((await frozenReason(writer.ctx, writer.session.organizationId)) !== null) return true;
  writer.patch({ isFrozen: undefined });
  return false;
}

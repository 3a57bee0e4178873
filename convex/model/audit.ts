import type { MutationCtx } from "../_generated/server";
import type { Caller } from "../functions.ts";

/** Notes who did what to which thing. The target is a name, never a secret. */
export async function audit(ctx: MutationCtx, caller: Caller, action: string, target: string): Promise<void> {
  await ctx.db.insert("auditEntries", {
    organizationId: caller.organizationId,
    userId: caller.user._id,
    actor: caller.key ? `${caller.user.name} by the key ${caller.key.name}` : caller.user.name,
    action,
    target,
  });
}

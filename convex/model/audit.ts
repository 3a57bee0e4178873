import {
  areaOf,
  type AuditAction,
  type AuditActorKind,
  type AuditOrigin,
  auditValue,
  cutLabel,
} from "#domain/audit.ts";
import { maskSecrets } from "#domain/mask.ts";
import type { Id } from "../_generated/dataModel";
import type { MutationCtx } from "../_generated/server";

/** Who acts. `label` says more where there is no row to name: which operator's command, which driver. Never a person's name. */
export interface AuditActor {
  kind: AuditActorKind;
  userId?: Id<"users">;
  keyId?: Id<"apiKeys">;
  label?: string;
}

export interface AuditEntry {
  organizationId: Id<"organizations">;
  actor: AuditActor;
  action: AuditAction;
  /** What was acted on: a thing's name or id, or a person, whose name is looked up when shown. Never a secret. */
  target?: string | { userId: Id<"users"> };
  /** What was there before, and what is there now: bounded, masked, and never a secret. */
  before?: unknown;
  after?: unknown;
  from?: AuditOrigin;
}

/** Writes down who did what to which thing. In the same transaction as the act: both happen, or neither. */
export async function audit(ctx: MutationCtx, entry: AuditEntry): Promise<void> {
  const { organizationId, actor, action, target, before, after, from } = entry;
  // A key's row may go; its last characters are what a person knows it by.
  const key = actor.keyId && (await ctx.db.get(actor.keyId));
  await ctx.db.insert("auditEntries", {
    organizationId,
    action,
    area: areaOf(action),
    actorKind: actor.kind,
    ...(actor.userId && { userId: actor.userId }),
    ...(actor.keyId && { keyId: actor.keyId }),
    ...(key && { keyLast4: key.last4 }),
    ...(actor.label !== undefined && { label: cutLabel(maskSecrets(actor.label)) }),
    ...(typeof target === "string" && { target: cutLabel(maskSecrets(target)) }),
    ...(typeof target === "object" && { targetUserId: target.userId }),
    ...(before !== undefined && { before: maskSecrets(auditValue(before)) }),
    ...(after !== undefined && { after: maskSecrets(auditValue(after)) }),
    ...(from && {
      via: from.via,
      ...(from.address !== undefined && { address: cutLabel(from.address, 100) }),
    }),
  });
}

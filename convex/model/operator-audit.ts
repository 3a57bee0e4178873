import type { AuditAction } from "#domain/audit.ts";
import { cutLabel } from "#domain/audit.ts";
import { maskSecrets } from "#domain/mask.ts";
import { MAX_OPERATOR_REASON_CHARS, type Operator, type OperatorAction } from "#domain/operator.ts";
import type { Doc, Id } from "../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../_generated/server";
import { audit } from "./audit.ts";
import { refuse } from "./refusal.ts";

/** What an operator has done to an organization. */
export interface OperatorAct {
  action: OperatorAction;
  organization: Doc<"organizations">;
  reason: string;
  target?: string;
  amountMicroUsd?: number;
  /** How the organization's own log calls it. */
  told: AuditAction;
}

/** The organization is not told which person of its operator's it was. */
const LABELS: Record<Operator["via"], string> = { page: "operator console", cli: "operator's command" };

/** Writes an act into the operator's audit and into the organization's: in the same transaction as the act. */
export async function actOf(ctx: MutationCtx, operator: Operator, act: OperatorAct): Promise<void> {
  const { organization, action, reason, target, amountMicroUsd, told } = act;
  await ctx.db.insert("operatorAudit", {
    by: cutLabel(operator.by),
    via: operator.via,
    ...(operator.address !== undefined && { address: cutLabel(operator.address, 100) }),
    action,
    organization: organization._id,
    slug: organization.slug,
    ...(target !== undefined && { target }),
    reason: maskSecrets(reason),
    ...(amountMicroUsd !== undefined && { amountMicroUsd }),
  });
  await audit(ctx, {
    organizationId: organization._id,
    actor: { kind: "operator", label: LABELS[operator.via] },
    action: told,
    ...(target !== undefined && { target }),
    after: { reason, ...(amountMicroUsd !== undefined && { amountMicroUsd }) },
    ...(operator.via === "cli" && { from: { via: "cli" } }),
  });
}

/** A reason as it is kept. @throws invalid_request where there is none, or too much of it */
export function reasonOf(given: string): string {
  const reason = given.trim();
  if (reason === "" || reason.length > MAX_OPERATOR_REASON_CHARS)
    throw refuse("operator_reason", { maxChars: MAX_OPERATOR_REASON_CHARS });
  return reason;
}

/**
 * The organization that an operator names.
 * @param named its slug, or its id
 * @throws not_found | invalid_request where several have that slug
 */
export async function organizationNamed(
  ctx: QueryCtx | MutationCtx,
  named: string,
): Promise<Doc<"organizations">> {
  const id: Id<"organizations"> | null = ctx.db.normalizeId("organizations", named);
  const found = id
    ? [await ctx.db.get(id)]
    : await ctx.db
        .query("organizations")
        .withIndex("by_slug", (q) => q.eq("slug", named))
        .take(2);
  if (found.length > 1) throw refuse("organization_ambiguous", { name: named });
  const [organization] = found;
  if (!organization || organization.deletedAt !== undefined)
    throw refuse("organization_unknown", { name: named });
  return organization;
}

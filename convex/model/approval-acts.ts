import type { ApprovalRequest } from "#domain/approval-rules.ts";
import { ACT_KINDS, type ActKind } from "#domain/act-kinds.ts";
import { kindsOf } from "#domain/rules/kinds.ts";
import type { Doc } from "../_generated/dataModel";
import type { QueryCtx } from "../_generated/server";

/** What rules judge of a question that was stored; null where that was too long to be kept. */
export const askedBy = ({ call }: Doc<"approvals">): ApprovalRequest | null =>
  call === undefined ? null : (JSON.parse(call) as ApprovalRequest);

/** Of what kinds a question is. Of one that was too long to be kept before that was noted, it may be any. */
export function actsOf(approval: Doc<"approvals">): readonly ActKind[] {
  const asked = approval.acts ? null : askedBy(approval);
  return approval.acts ?? (asked ? kindsOf(asked) : ACT_KINDS);
}

/** What gives a question of before its kinds and its asker were noted both of them; nothing where it has them. */
export async function withActs(
  ctx: QueryCtx,
  approval: Doc<"approvals">,
): Promise<Partial<Doc<"approvals">>> {
  if (approval.acts) return {};
  const run = await ctx.db.get(approval.runId);
  return { acts: [...actsOf(approval)], ...(run && { askedById: run.userId }) };
}

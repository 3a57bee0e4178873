import { coversBeforehand, type Need, needOf, obstacleFor } from "#domain/approvers.ts";
import type { ActKind } from "#domain/act-kinds.ts";
import type { Role } from "#domain/roles.ts";
import type { Doc, Id } from "../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../_generated/server";
import type { Caller } from "../functions.ts";
import { actsOf } from "./approval-acts.ts";
import { refuse } from "./refusal.ts";
import { settingsOf } from "./settings.ts";

type Ctx = QueryCtx | MutationCtx;
type Place = Pick<Doc<"sandboxSessions">, "organizationId" | "environment">;

/** What it takes now to approve an act of some kinds in a session. */
export const needFor = async (ctx: Ctx, session: Place, acts: readonly ActKind[]): Promise<Need> =>
  needOf((await settingsOf(ctx, session.organizationId)).approvers, session.environment, acts);

/** A member as one who gave leave; null for one who is none any more. */
async function giverOf(
  { db }: Ctx,
  organizationId: Id<"organizations">,
  userId: Id<"users">,
): Promise<{ role: Role; userId: string } | null> {
  const member = await db
    .query("members")
    .withIndex("by_organization_user", (q) => q.eq("organizationId", organizationId).eq("userId", userId))
    .unique();
  return member && { role: member.role, userId };
}

/** What is asked about, and by whose run: leave that was given before is measured by it. */
export interface Asking {
  need: Need;
  askedById: string | null;
}

/** Whether leave that a person gave before covers what is asked. */
export const personCovers = async (
  ctx: Ctx,
  organizationId: Id<"organizations">,
  personId: Id<"users">,
  { need, askedById }: Asking,
): Promise<boolean> => coversBeforehand(need, await giverOf(ctx, organizationId, personId), askedById);

/** Whether a session that approves by itself may approve this. What an agent may do by itself is an admin's to say. */
export async function sessionCovers(
  ctx: Ctx,
  session: Doc<"sandboxSessions">,
  { need, askedById }: Asking,
): Promise<boolean> {
  const { organizationId, autoApproveById, agentId, userId } = session;
  if (autoApproveById === undefined && agentId)
    return coversBeforehand(need, { role: "admin", userId: "" }, askedById);
  return await personCovers(ctx, organizationId, autoApproveById ?? userId, { need, askedById });
}

/**
 * The rules that count for what is asked: one that allows in a session alone is leave of the person who wrote it last, and
 * counts while that person might approve it themselves.
 */
export async function rulesThatCover(
  ctx: Ctx,
  organizationId: Id<"organizations">,
  rules: readonly Doc<"approvalRules">[],
  { need, askedById }: Asking,
): Promise<Doc<"approvalRules">[]> {
  const givers = new Map<Id<"users">, Awaited<ReturnType<typeof giverOf>>>();
  const covering: Doc<"approvalRules">[] = [];
  for (const rule of rules) {
    const isLeave = rule.scope === "session" && rule.action === "auto_approve" && rule.enabled;
    const writerId = rule.changedById ?? rule.createdById;
    if (isLeave && !givers.has(writerId)) givers.set(writerId, await giverOf(ctx, organizationId, writerId));
    if (!isLeave || coversBeforehand(need, givers.get(writerId) ?? null, askedById)) covering.push(rule);
  }
  return covering;
}

const MINUTE_MS = 60_000;

/** @throws forbidden where the organization has others approve what is asked */
export async function refuseApprover(
  ctx: Ctx,
  caller: Caller,
  session: Place,
  approval: Doc<"approvals">,
): Promise<void> {
  const need = await needFor(ctx, session, actsOf(approval));
  const person = { role: caller.role, userId: caller.user._id };
  const asked = { askedById: approval.askedById ?? null, requestedAt: approval._creationTime };
  const now = Date.now();
  const obstacle = obstacleFor(need, person, asked, now);
  if (obstacle?.by === "role") throw refuse("approver_role", { environment: session.environment });
  if (obstacle?.by === "self")
    throw refuse("approver_self", {
      minutes: obstacle.untilMs === null ? null : Math.ceil((obstacle.untilMs - now) / MINUTE_MS),
    });
}

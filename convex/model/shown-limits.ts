import type { PaginationOptions, PaginationResult } from "convex/server";
import { v } from "convex/values";
import { type LimitSubject, monthEnd } from "#domain/monthly-limits.ts";
import { monthOf } from "#domain/usage-report.ts";
import type { Doc, Id } from "../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../_generated/server";
import type { Caller } from "../functions.ts";
import { agentOf } from "./agents.ts";
import { type Subject, spendingOf } from "./monthly-limits.ts";
import { refuse } from "./refusal.ts";
import { limitSubject } from "./values.ts";

/** A limit with how its month stands; integer micro-USD. */
export const shownLimit = v.object({
  subject: limitSubject,
  subjectId: v.string(),
  /** Of the organization, person, agent or key; null where that is gone. */
  name: v.nullable(v.string()),
  limitMicroUsd: v.number(),
  spentMicroUsd: v.number(),
  /** What calls under way hold of it. */
  heldMicroUsd: v.number(),
  /** The highest step, in percent, that people were told of this month; 0 for none. */
  toldStep: v.number(),
  /** `2026-11`, in UTC. */
  month: v.string(),
  /** When the month is over; epoch milliseconds. */
  resetsAt: v.number(),
});

async function nameOf(
  ctx: QueryCtx,
  { organizationId, subject, subjectId }: Subject,
): Promise<string | null> {
  if (subject === "organization") return (await ctx.db.get(organizationId))?.name ?? null;
  if (subject === "member") {
    const userId = ctx.db.normalizeId("users", subjectId);
    return (userId && (await ctx.db.get(userId))?.name) ?? null;
  }
  if (subject === "agent") {
    const agentId = ctx.db.normalizeId("agents", subjectId);
    const agent = agentId && (await ctx.db.get(agentId));
    return agent && agent.archivedAt === undefined ? agent.name : null;
  }
  const keyId = ctx.db.normalizeId("apiKeys", subjectId);
  const key = keyId && (await ctx.db.get(keyId));
  return key && key.revokedAt === undefined ? `${key.name} …${key.last4}` : null;
}

/** A limit as those who may read it see it. */
export async function toShownLimit(
  ctx: QueryCtx | MutationCtx,
  limit: Doc<"monthlyLimits">,
  now: number,
): Promise<typeof shownLimit.type> {
  const month = monthOf(now);
  const row = await spendingOf(ctx, limit, month);
  const { subject, subjectId, limitMicroUsd } = limit;
  return {
    subject,
    subjectId,
    name: await nameOf(ctx, limit),
    limitMicroUsd,
    spentMicroUsd: row?.spentMicroUsd ?? 0,
    heldMicroUsd: row?.heldMicroUsd ?? 0,
    toldStep: row?.toldStep ?? 0,
    month,
    resetsAt: monthEnd(month),
  };
}

/** A page of those who can have a limit, by name as it is shown. */
export async function pageOfSubjects(
  ctx: QueryCtx,
  organizationId: Id<"organizations">,
  subject: Exclude<LimitSubject, "organization">,
  options: PaginationOptions,
): Promise<PaginationResult<{ subjectId: string; name: string }>> {
  const found = await idsOf(ctx, organizationId, subject, options);
  const page = [];
  for (const subjectId of found.page) {
    const name = await nameOf(ctx, { organizationId, subject, subjectId });
    if (name !== null) page.push({ subjectId, name });
  }
  return { ...found, page };
}

async function idsOf(
  { db }: QueryCtx,
  organizationId: Id<"organizations">,
  subject: Exclude<LimitSubject, "organization">,
  options: PaginationOptions,
): Promise<PaginationResult<string>> {
  if (subject === "member") {
    const found = await db
      .query("members")
      .withIndex("by_organization_user", (q) => q.eq("organizationId", organizationId))
      .paginate(options);
    return { ...found, page: found.page.map(({ userId }) => userId) };
  }
  if (subject === "agent") {
    const found = await db
      .query("agents")
      .withIndex("by_organization_archived_updated", (q) =>
        q.eq("organizationId", organizationId).eq("archivedAt", undefined),
      )
      .order("desc")
      .paginate(options);
    return { ...found, page: found.page.map(({ _id }) => _id) };
  }
  const found = await db
    .query("apiKeys")
    .withIndex("by_organization_kind", (q) => q.eq("organizationId", organizationId).eq("kind", "user"))
    .order("desc")
    .paginate(options);
  return { ...found, page: found.page.map(({ _id }) => _id) };
}

/** Whether a limit is the caller's own concern: that of all, their own, or that of their key. */
async function concerns(ctx: QueryCtx, caller: Caller, of: Subject): Promise<boolean> {
  if (of.subject === "organization") return true;
  if (of.subject === "member") return of.subjectId === caller.user._id;
  const keyId = of.subject === "api_key" ? ctx.db.normalizeId("apiKeys", of.subjectId) : null;
  return keyId !== null && (await ctx.db.get(keyId))?.userId === caller.user._id;
}

/** Whether the caller may read a limit: an admin each; a member their own, and those of agents, whose usage they see. */
export async function mayRead(ctx: QueryCtx, caller: Caller, of: Subject): Promise<boolean> {
  return caller.role === "admin" || of.subject === "agent" || (await concerns(ctx, caller, of));
}

/**
 * A subject of the caller's organization, by an id as it came from outside.
 * @param rawId of the organization it can be left out
 * @throws not_found
 */
export async function subjectOf(
  ctx: QueryCtx | MutationCtx,
  { organizationId }: Caller,
  subject: LimitSubject,
  rawId: string | undefined,
): Promise<Subject> {
  const of = (subjectId: string): Subject => ({ organizationId, subject, subjectId });
  if (subject === "organization") {
    if (rawId !== undefined && rawId !== organizationId) throw refuse("limit_subject_not_found");
    return of(organizationId);
  }
  if (rawId === undefined) throw refuse("limit_subject_missing", { subject });
  if (subject === "agent") return of((await agentOf(ctx, organizationId, rawId))._id);
  if (subject === "api_key") {
    const keyId = ctx.db.normalizeId("apiKeys", rawId);
    const key = keyId && (await ctx.db.get(keyId));
    if (!key || key.organizationId !== organizationId || key.kind !== "user" || key.revokedAt !== undefined)
      throw refuse("api_key_not_found");
    return of(key._id);
  }
  const userId = ctx.db.normalizeId("users", rawId);
  const member =
    userId &&
    (await ctx.db
      .query("members")
      .withIndex("by_organization_user", (q) => q.eq("organizationId", organizationId).eq("userId", userId))
      .unique());
  if (!member) throw refuse("limit_subject_not_found");
  return of(member.userId);
}

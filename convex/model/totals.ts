import type { Doc, Id } from "../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../_generated/server";

/** What a session has used, as its readers see it, and what is held for its calls under way. */
export type Totals = Omit<Doc<"sessionTotals">, "_id" | "_creationTime" | "organizationId" | "sessionId">;

export const NO_TOTALS: Totals = {
  totalInputTokens: 0,
  totalCachedTokens: 0,
  totalOutputTokens: 0,
  totalCostMicroUsd: 0,
  totalCreditsConsumed: 0,
  heldMicroUsd: 0,
};
const FIELDS = Object.keys(NO_TOTALS) as (keyof Totals)[];

/** The row of a session's totals; null where the session is from before it had one. */
export async function totalsRow(
  ctx: QueryCtx | MutationCtx,
  sessionId: Id<"sandboxSessions">,
): Promise<Doc<"sessionTotals"> | null> {
  return await ctx.db
    .query("sessionTotals")
    .withIndex("by_session", (q) => q.eq("sessionId", sessionId))
    .unique();
}

/** A row's totals alone; of a session from before `sessionTotals` as well. */
export function totalsIn(row: Partial<Totals>): Totals {
  const known = FIELDS.map((field) => [field, row[field] ?? 0] as const);
  return { ...NO_TOTALS, ...Object.fromEntries(known) };
}

/** What a session has used so far. */
export async function totalsOf(
  ctx: QueryCtx | MutationCtx,
  session: Doc<"sandboxSessions">,
): Promise<Totals> {
  return totalsIn((await totalsRow(ctx, session._id)) ?? session);
}

/** What takes the totals out of a session's own row; nothing where it has none. */
export function withoutTotals(session: Doc<"sandboxSessions">): Partial<Doc<"sandboxSessions">> {
  return Object.fromEntries(
    FIELDS.filter((field) => session[field] !== undefined).map((f) => [f, undefined]),
  );
}

/** Moves the totals of a session from before `sessionTotals` into a row of their own. Idempotent. */
export async function moveTotals(
  ctx: MutationCtx,
  session: Doc<"sandboxSessions">,
): Promise<Partial<Doc<"sandboxSessions">>> {
  if (!(await totalsRow(ctx, session._id)))
    await ctx.db.insert("sessionTotals", {
      organizationId: session.organizationId,
      sessionId: session._id,
      ...totalsIn(session),
    });
  return withoutTotals(session);
}

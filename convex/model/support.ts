import { cutLabel } from "#domain/audit.ts";
import { SUPPORT_LOOK_MS } from "#domain/support.ts";
import type { Doc, Id } from "../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../_generated/server";
import { organizationNamed } from "./operator-audit.ts";
import { takeUpTo } from "./paging.ts";
import { refuse } from "./refusal.ts";

/** Looks that one step removes. */
const STEP_ROWS = 200;

/** The consent that holds now; null where none does. From its `until` on it no longer holds. */
export async function grantOf(
  ctx: QueryCtx | MutationCtx,
  organizationId: Id<"organizations">,
): Promise<Doc<"supportGrants"> | null> {
  const latest = await ctx.db
    .query("supportGrants")
    .withIndex("by_organization", (q) => q.eq("organizationId", organizationId))
    .order("desc")
    .first();
  return latest && latest.endedAt === undefined && Date.now() < latest.until ? latest : null;
}

/** A grant, and what is read under it: a session, or null for the list of them. */
export interface Looked {
  grant: Doc<"supportGrants">;
  session: Doc<"sandboxSessions"> | null;
}

/**
 * An organization that consents to be read now.
 * @param named its slug, or its id
 * @throws not_found | forbidden without consent, whatever else the operator names
 */
export async function consented(
  ctx: QueryCtx | MutationCtx,
  named: string,
): Promise<{ organization: Doc<"organizations">; grant: Doc<"supportGrants"> }> {
  const organization = await organizationNamed(ctx, named);
  const grant = await grantOf(ctx, organization._id);
  if (!grant) throw refuse("support_access_missing");
  return { organization, grant };
}

/** The same operator's last look at the same under the same grant. */
export async function lookOf(
  ctx: QueryCtx | MutationCtx,
  by: string,
  { grant, session }: Looked,
): Promise<Doc<"supportLooks"> | null> {
  return await ctx.db
    .query("supportLooks")
    .withIndex("by_grant", (q) =>
      q.eq("grantId", grant._id).eq("by", cutLabel(by)).eq("sessionId", session?._id),
    )
    .unique();
}

/** Notes a look, which covers further reads for an hour. The caller writes it into both audits. */
export async function noteLook(ctx: MutationCtx, by: string, looked: Looked): Promise<void> {
  const { grant, session } = looked;
  const until = Date.now() + SUPPORT_LOOK_MS;
  const before = await lookOf(ctx, by, looked);
  if (before) await ctx.db.patch(before._id, { until });
  else
    await ctx.db.insert("supportLooks", {
      organizationId: grant.organizationId,
      grantId: grant._id,
      by: cutLabel(by),
      ...(session && { sessionId: session._id }),
      until,
    });
}

/** @throws forbidden where the look is not in the audits yet, or no longer covers a read */
export async function requireLook(ctx: QueryCtx, by: string, looked: Looked): Promise<void> {
  const last = await lookOf(ctx, by, looked);
  if (!last || last.until <= Date.now()) throw refuse("support_access_unnoted");
}

/** Removes a step's worth of a grant's looks. @returns whether there may be more */
export async function forgetLooks(ctx: MutationCtx, grantId: Id<"supportGrants">): Promise<boolean> {
  const rows = await takeUpTo(
    ctx.db.query("supportLooks").withIndex("by_grant", (q) => q.eq("grantId", grantId)),
    { rows: STEP_ROWS },
  );
  for (const { _id } of rows) await ctx.db.delete(_id);
  return rows.length >= STEP_ROWS;
}

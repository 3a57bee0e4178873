import { isLive } from "#domain/lifecycle.ts";
import type { Doc, Id } from "../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../_generated/server";
import { audit } from "./audit.ts";
import { forgetSaved } from "./checkpoints.ts";
import { takeUpTo } from "./paging.ts";
import { forgetTexts } from "./search-texts.ts";
import { settingsOf } from "./settings.ts";

const DAY_MS = 24 * 3600_000;
/** Sessions that are looked at to find one that has ended: more than an organization can have live. */
export const LOOKED_AT = 250;
const STEP = { rows: 200, bytes: 2 * 1024 * 1024 };

type Session = Doc<"sandboxSessions">;
type Row = Doc<
  | "sessionEvents"
  | "importedEvents"
  | "artifacts"
  | "approvals"
  | "questions"
  | "approvalGrants"
  | "approvalRules"
  | "sessionCommands"
  | "sessionRewinds"
  | "skillOffers"
  | "runWebhooks"
  | "notifications"
  | "notificationDeliveries"
  | "sessionDefinitions"
  | "sessionProjects"
  | "runs"
>;

type LogPart =
  | "runs"
  | "events"
  | "imported_events"
  | "artifacts"
  | "approvals"
  | "questions"
  | "grants"
  | "rules"
  | "commands"
  | "rewinds"
  | "skill_offers"
  | "webhooks"
  | "notifications"
  | "deliveries"
  | "definitions"
  | "project";

/** What belongs to a session's log: what was said and done. Its row, its totals and its usage are the books, and stay. */
const LOG: Record<LogPart, (ctx: MutationCtx, id: Id<"sandboxSessions">) => AsyncIterable<Row>> = {
  runs: ({ db }, id) => db.query("runs").withIndex("by_session_status", (q) => q.eq("sessionId", id)),
  events: ({ db }, id) => db.query("sessionEvents").withIndex("by_session_seq", (q) => q.eq("sessionId", id)),
  imported_events: ({ db }, id) =>
    db.query("importedEvents").withIndex("by_session_seq", (q) => q.eq("sessionId", id)),
  artifacts: ({ db }, id) => db.query("artifacts").withIndex("by_session", (q) => q.eq("sessionId", id)),
  approvals: ({ db }, id) => db.query("approvals").withIndex("by_session", (q) => q.eq("sessionId", id)),
  questions: ({ db }, id) => db.query("questions").withIndex("by_session_key", (q) => q.eq("sessionId", id)),
  grants: ({ db }, id) =>
    db.query("approvalGrants").withIndex("by_session_subject", (q) => q.eq("sessionId", id)),
  rules: ({ db }, id) => db.query("approvalRules").withIndex("by_session", (q) => q.eq("sessionId", id)),
  commands: ({ db }, id) =>
    db.query("sessionCommands").withIndex("by_session_status", (q) => q.eq("sessionId", id)),
  skill_offers: ({ db }, id) => db.query("skillOffers").withIndex("by_session", (q) => q.eq("sessionId", id)),
  webhooks: ({ db }, id) => db.query("runWebhooks").withIndex("by_session", (q) => q.eq("sessionId", id)),
  notifications: ({ db }, id) =>
    db.query("notifications").withIndex("by_session", (q) => q.eq("sessionId", id)),
  deliveries: ({ db }, id) =>
    db.query("notificationDeliveries").withIndex("by_session", (q) => q.eq("sessionId", id)),
  rewinds: ({ db }, id) => db.query("sessionRewinds").withIndex("by_session", (q) => q.eq("sessionId", id)),
  definitions: ({ db }, id) =>
    db.query("sessionDefinitions").withIndex("by_hash", (q) => q.eq("sessionId", id)),
  project: ({ db }, id) => db.query("sessionProjects").withIndex("by_session", (q) => q.eq("sessionId", id)),
};

/**
 * Removes a step's worth of a session's log.
 * @returns what it was, and how many; null where nothing is left
 */
export async function removeFromLog(
  ctx: MutationCtx,
  sessionId: Id<"sandboxSessions">,
): Promise<{ what: LogPart; rows: number } | null> {
  for (const what of Object.keys(LOG) as LogPart[]) {
    const rows = await takeUpTo(LOG[what](ctx, sessionId), STEP);
    for (const row of rows) await ctx.db.delete(row._id);
    if (rows.length > 0) return { what, rows: rows.length };
  }
  return null;
}

/** Sessions without activity since a moment whose logs are still there, live ones too, the longest ago first. */
export const dueForRetention = (
  ctx: QueryCtx | MutationCtx,
  organizationId: Id<"organizations">,
  before: number,
) =>
  ctx.db
    .query("sandboxSessions")
    .withIndex("by_retention", (q) =>
      q.eq("organizationId", organizationId).eq("logRemovedAt", undefined).lt("lastActivityAt", before),
    );

/** The ended session whose log is due for the longest time; null where none is. */
async function nextDue(
  ctx: MutationCtx,
  organizationId: Id<"organizations">,
  before: number,
): Promise<Session | null> {
  const rows = await takeUpTo(dueForRetention(ctx, organizationId, before), { rows: LOOKED_AT });
  return rows.find(({ status }) => !isLive(status)) ?? null;
}

/**
 * Removes a step's worth of what an organization does not want to keep; once a session's log is gone, the audit log
 * says so.
 * @returns whether there may be more
 */
export async function retentionStep(
  ctx: MutationCtx,
  organizationId: Id<"organizations">,
  now: number,
): Promise<boolean> {
  const { session_log_retention_days: days } = await settingsOf(ctx, organizationId);
  if (days === null) return false;
  const before = now - days * DAY_MS;
  // Texts that only repeats of such sessions would need.
  const texts = await takeUpTo(
    ctx.db
      .query("keptSkillTexts")
      .withIndex("by_organization", (q) => q.eq("organizationId", organizationId).lt("at", before)),
    STEP,
  );
  for (const { _id } of texts) await ctx.db.delete(_id);
  if (texts.length > 0) return true;
  const session = await nextDue(ctx, organizationId, before);
  if (!session) return false;
  if ((await removeFromLog(ctx, session._id)) !== null) return true;
  await forgetTexts(ctx, session._id);
  await forgetSaved(ctx, session._id);
  await ctx.db.patch(session._id, { logRemovedAt: now });
  await audit(ctx, {
    organizationId,
    actor: { kind: "system", label: "retention" },
    action: "session.log_removed",
    target: session._id,
    after: { retentionDays: days, lastActivityAt: new Date(session.lastActivityAt).toISOString() },
  });
  return true;
}

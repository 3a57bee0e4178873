import { LIVE_STATUSES } from "#domain/lifecycle.ts";
import type { ListedSession, Session, SessionTotals } from "#domain/session.ts";
import { statusLabelOf } from "#domain/waits.ts";
import type { Doc, Id } from "../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../_generated/server";
import { type Caller, refuse } from "../functions.ts";
import { Names } from "./people.ts";
import { totalsOf } from "./totals.ts";

/**
 * The session behind an id as it came from outside, if it is the caller's organization's.
 * @throws not_found where it is not, or is none: a foreign row reads as missing.
 */
export async function sessionOf(
  ctx: QueryCtx | MutationCtx,
  caller: Pick<Caller, "organizationId">,
  rawId: string,
): Promise<Doc<"sandboxSessions">> {
  const id = ctx.db.normalizeId("sandboxSessions", rawId);
  const session = id && (await ctx.db.get(id));
  if (!session || session.organizationId !== caller.organizationId || session.deletedAt !== undefined)
    throw refuse("session_not_found");
  return session;
}

/** The run behind an id, under the same rule. */
export async function runOf(
  ctx: QueryCtx | MutationCtx,
  caller: Caller,
  rawId: string,
): Promise<Doc<"runs">> {
  const id = ctx.db.normalizeId("runs", rawId);
  const run = id && (await ctx.db.get(id));
  if (!run || run.organizationId !== caller.organizationId) throw refuse("run_not_found");
  if ((await ctx.db.get(run.sessionId))?.deletedAt !== undefined) throw refuse("run_not_found");
  return run;
}

/**
 * Members drive their own sessions, admins all of them; production is for admins. One that was imported is driven by
 * nobody.
 * @throws forbidden | session_imported
 */
export function mayDrive(caller: Caller, session: Doc<"sandboxSessions">): void {
  mayKeep(caller, session);
  refuseImported(session);
}

/** @throws session_imported */
export function refuseImported(session: Doc<"sandboxSessions">): void {
  if (session.importedAt !== undefined) throw refuse("session_imported");
}

/** The same for what is done with a session as a whole: to put it away, or to delete it. @throws forbidden */
export function mayKeep(caller: Caller, session: Doc<"sandboxSessions">): void {
  if (caller.role !== "admin" && session.userId !== caller.user._id) throw refuse("starter_or_admin_only");
  mayUse(caller, session.environment);
}

/** @throws forbidden where the environment is not the caller's to use */
export function mayUse(caller: Caller, environment: "development" | "production"): void {
  if (caller.key && caller.key.environment !== environment)
    throw refuse("api_key_environment", { has: caller.key.environment, wanted: environment });
  if (environment === "production" && caller.role !== "admin") throw refuse("production_admins_only");
}

/** @throws session_limit where the organization has as many live sessions as it allows itself */
export async function refuseTooMany(
  ctx: MutationCtx,
  organizationId: Id<"organizations">,
  limit: number,
): Promise<void> {
  let live = 0;
  for (const status of LIVE_STATUSES) {
    const rows = await ctx.db
      .query("sandboxSessions")
      .withIndex("by_organization_status", (q) => q.eq("organizationId", organizationId).eq("status", status))
      .take(limit);
    live += rows.length;
  }
  if (live >= limit) throw refuse("session_limit", { limit });
}

/** The stream row that belongs to a session. */
export async function streamOf(
  ctx: QueryCtx | MutationCtx,
  sessionId: Id<"sandboxSessions">,
): Promise<Doc<"sessionStreams">> {
  const stream = await ctx.db
    .query("sessionStreams")
    .withIndex("by_session", (q) => q.eq("sessionId", sessionId))
    .unique();
  if (!stream) throw refuse("session_not_found");
  return stream;
}

/** What a session has used, as readers outside see it. */
export async function toTotals(
  ctx: QueryCtx | MutationCtx,
  row: Doc<"sandboxSessions">,
): Promise<SessionTotals> {
  const { heldMicroUsd: _held, ...totals } = await totalsOf(ctx, row);
  return totals;
}

/** A row as readers outside see it. */
export async function toSession(
  ctx: QueryCtx | MutationCtx,
  row: Doc<"sandboxSessions">,
  names: Names = new Names(ctx),
): Promise<Session> {
  return { ...(await toListed(ctx, row, names)), ...(await toTotals(ctx, row)) };
}

/** The same without the totals: a live query that reads no more is not run again by a model call. */
export async function toListed(
  ctx: QueryCtx | MutationCtx,
  row: Doc<"sandboxSessions">,
  names: Names,
): Promise<ListedSession> {
  return {
    id: row._id,
    organizationId: row.organizationId,
    environment: row.environment,
    userId: row.userId,
    userName: await names.of(row.userId),
    title: row.title,
    status: row.status,
    waitingFor: row.waitingFor,
    waitDetail: row.waitDetail ?? null,
    queuePlace: row.queuePlace ?? null,
    nextStep: statusLabelOf(row).next,
    errorMessage: row.errorMessage ?? null,
    sandboxProvider: row.sandboxProvider,
    sandboxId: row.sandboxId ?? null,
    agentType: row.agentType,
    agentId: row.agentId ?? null,
    agentName: row.agentName ?? null,
    agentSessionId: row.agentSessionId ?? null,
    provider: row.provider,
    model: row.model,
    requestedModel: row.requestedModel ?? null,
    keySource: row.keySource,
    rawKey: row.rawKey ?? false,
    autoApprove: row.autoApprove ?? false,
    budgetCapMicroUsd: row.budgetCapMicroUsd ?? null,
    idleTimeoutMs: row.idleTimeoutMs,
    lastActivityAt: row.lastActivityAt,
    createdAt: Math.floor(row._creationTime),
    stoppedAt: row.stoppedAt ?? null,
    checkpointId: row.checkpointId ?? null,
    savedAt: row.savedAt ?? null,
    savedBytes: row.savedBytes ?? null,
    resumedSeq: row.resumedSeq ?? null,
    parentSessionId: row.parentSessionId ?? null,
    parentTitle: row.parentTitle ?? null,
    branchFromSeq: row.branchFromSeq ?? null,
    archivedAt: row.archivedAt ?? null,
    importedAt: row.importedAt ?? null,
  };
}

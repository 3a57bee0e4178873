import { type GreenEnd, GREEN_ENDS, GREEN_PHASES } from "#domain/green.ts";
import { MAX_SESSION_REPOSITORIES } from "#domain/git.ts";
import { MAX_HANDED_KEYS } from "#domain/findings.ts";
import { PERSON } from "#domain/event-people.ts";
import { roleAtLeast } from "#domain/roles.ts";
import { ConvexError, v } from "convex/values";
import type { Doc, Id } from "../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../_generated/server";
import { type Caller, keyHolds } from "../functions.ts";
import { audit } from "./audit.ts";
import { repositoriesOf } from "./git.ts";
import type { SessionWriter } from "./session-writer.ts";
import { mayDrive } from "./sessions.ts";
import { literals } from "./zod-validator.ts";

type Pursuit = Doc<"greenPursuits">;

const SOURCE = "studio.green";
const MAX_DETAIL_CHARS = 500;

/** A pursuit as people see it. */
export const shownGreen = v.object({
  maxAttempts: v.number(),
  maxCostMicroUsd: v.number(),
  attempts: v.number(),
  costMicroUsd: v.number(),
  phase: literals(GREEN_PHASES),
  reason: v.nullable(literals(GREEN_ENDS)),
  detail: v.nullable(v.string()),
  startedAt: v.number(),
  endedAt: v.nullable(v.number()),
});

export const toGreen = (row: Pursuit): typeof shownGreen.type => ({
  maxAttempts: row.maxAttempts,
  maxCostMicroUsd: row.maxCostMicroUsd,
  attempts: row.attempts,
  costMicroUsd: row.costMicroUsd,
  phase: row.phase,
  reason: row.reason,
  detail: row.detail ?? null,
  startedAt: row.startedAt,
  endedAt: row.endedAt ?? null,
});

/** A session's pursuits, those that have ended too: one of each of its repositories at most. */
export const allGreenOf = async (
  ctx: QueryCtx | MutationCtx,
  sessionId: Id<"sandboxSessions">,
): Promise<Pursuit[]> =>
  await ctx.db
    .query("greenPursuits")
    .withIndex("by_session", (q) => q.eq("sessionId", sessionId))
    .take(MAX_SESSION_REPOSITORIES);

/** Those that are under way. */
export const greenOf = async (
  ctx: QueryCtx | MutationCtx,
  sessionId: Id<"sandboxSessions">,
): Promise<Pursuit[]> => (await allGreenOf(ctx, sessionId)).filter(({ reason }) => reason === null);

/** The pull request that a pursuit is about, as the audit log names it. */
export const greenTarget = ({ repository, pullRequest }: Doc<"sessionRepositories">): string =>
  `${repository}#${pullRequest?.number ?? ""}`;

export const repositoryOfGreen = async (
  ctx: QueryCtx | MutationCtx,
  { sessionId, folder }: Pick<Pursuit, "sessionId" | "folder">,
): Promise<Doc<"sessionRepositories"> | undefined> =>
  (await repositoriesOf(ctx, sessionId)).find((one) => one.folder === folder);

/**
 * Ends a pursuit, and says why in the session's log and in the audit log. One that has ended stays as it is.
 * @param detail `personId`: the person who has ended it, whose act its function reports
 */
export async function endGreen(
  writer: SessionWriter,
  pursuit: Pursuit,
  reason: GreenEnd,
  { detail, personId }: { detail?: string; personId?: Id<"users"> } = {},
): Promise<void> {
  const { ctx, now } = writer;
  if (pursuit.reason !== null) return;
  const said = detail?.slice(0, MAX_DETAIL_CHARS);
  await ctx.db.patch(pursuit._id, {
    reason,
    endedAt: now,
    dueAt: 0,
    ...(said !== undefined && { detail: said }),
  });
  const row = await repositoryOfGreen(ctx, pursuit);
  await writer.append(
    {
      type: "git.green",
      source: SOURCE,
      payload: {
        act: "ended",
        repository: row?.repository ?? pursuit.folder,
        changed_by: personId ? PERSON : "Studio",
        reason,
        attempt: pursuit.attempts,
        ...(said !== undefined && { detail: said }),
      },
    },
    { personId },
  );
  if (!personId)
    await audit(ctx, {
      organizationId: pursuit.organizationId,
      actor: { kind: "system", label: "to green" },
      action: "green.ended",
      target: row ? greenTarget(row) : pursuit.folder,
      after: { reason, attempts: pursuit.attempts, cost_micro_usd: pursuit.costMicroUsd },
    });
}

/** An attempt's run has ended: what it has cost counts, and a server looks at what came of it. */
export async function runOver(writer: SessionWriter, run: Doc<"runs">): Promise<void> {
  const pursuit = run.pursuitId && (await writer.ctx.db.get(run.pursuitId));
  if (!pursuit || pursuit.runId !== run._id) return;
  await writer.ctx.db.patch(pursuit._id, {
    costMicroUsd: pursuit.costMicroUsd + run.totalCostMicroUsd,
    ...(pursuit.reason === null && { dueAt: writer.now }),
  });
}

/** The attempt's run may not spend more: the pursuit is over. */
export async function greenCostReached(writer: SessionWriter): Promise<void> {
  const { activeRunId } = writer.session;
  const run = activeRunId && (await writer.ctx.db.get(activeRunId));
  const pursuit = run?.pursuitId && (await writer.ctx.db.get(run.pursuitId));
  if (pursuit) await endGreen(writer, pursuit, "cost");
}

/** In whose name a pursuit works, as long as they may: their membership, their role, and the key that they used. */
export async function personBehind(
  ctx: MutationCtx,
  pursuit: Pursuit,
  session: Doc<"sandboxSessions">,
): Promise<Caller | null> {
  const { organizationId, userId } = pursuit;
  const [user, organization, member, key] = await Promise.all([
    ctx.db.get(userId),
    ctx.db.get(organizationId),
    ctx.db
      .query("members")
      .withIndex("by_organization_user", (q) => q.eq("organizationId", organizationId).eq("userId", userId))
      .unique(),
    pursuit.keyId === undefined ? null : ctx.db.get(pursuit.keyId),
  ]);
  if (!user || user.deletedAt !== undefined || organization?.deletedAt !== undefined) return null;
  if (!member || !roleAtLeast(member.role, "member")) return null;
  if (
    pursuit.keyId !== undefined &&
    (!key || !keyHolds(key, member) || !key.scopes.includes("sessions:write"))
  )
    return null;
  const caller: Caller = { organizationId, user, role: member.role, key };
  try {
    mayDrive(caller, session);
  } catch (error) {
    if (error instanceof ConvexError) return null;
    throw error;
  }
  return caller;
}

/** A pursuit that a server has claimed, if that claim is still the last one. */
export async function claimedGreen(
  ctx: MutationCtx,
  { pursuitId, claim }: { pursuitId: Id<"greenPursuits">; claim: number },
): Promise<Pursuit | null> {
  const pursuit = await ctx.db.get(pursuitId);
  return pursuit?.reason === null && pursuit.claim === claim ? pursuit : null;
}

/** Notes which comments the agent has been given: the last of them. */
export async function noteHanded(
  ctx: MutationCtx,
  row: Doc<"sessionRepositories">,
  keys: readonly string[],
): Promise<void> {
  if (keys.length === 0) return;
  const before = (row.handed ?? []).filter((key) => !keys.includes(key));
  await ctx.db.patch(row._id, { handed: [...before, ...keys].slice(-MAX_HANDED_KEYS) });
}

/** Has a server look soon at a pull request that is brought to green, since its host says that something has changed. */
export async function pokeGreen(
  ctx: MutationCtx,
  { sessionId, folder }: Pick<Pursuit, "sessionId" | "folder">,
): Promise<void> {
  const pursuit = (await greenOf(ctx, sessionId)).find((one) => one.folder === folder);
  const now = Date.now();
  // One that a server has claimed looks again by itself soon enough.
  if (pursuit?.phase === "looking" && pursuit.dueAt > now) await ctx.db.patch(pursuit._id, { dueAt: now });
}

import {
  againAfterMs,
  CHECKPOINT_LIMITS,
  CHECKPOINT_TIMES,
  type CheckpointCause,
  claimEndsAt,
} from "#domain/checkpoints.ts";
import { isLive } from "#domain/lifecycle.ts";
import type { Doc, Id } from "../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../_generated/server";
import type { SessionWriter } from "./session-writer.ts";

type Session = Pick<Doc<"sandboxSessions">, "_id" | "organizationId">;
type Checkpoint = Doc<"checkpoints">;

/** More than two chains have. */
const MAX_VERIFIED = 3 * CHECKPOINT_LIMITS.chain;

/** When a session is to be saved next; null where it never was. */
export async function saveOf(
  ctx: QueryCtx | MutationCtx,
  sessionId: Id<"sandboxSessions">,
): Promise<Doc<"sessionSaves"> | null> {
  return await ctx.db
    .query("sessionSaves")
    .withIndex("by_session", (q) => q.eq("sessionId", sessionId))
    .unique();
}

async function patchSave(
  ctx: MutationCtx,
  { _id: sessionId, organizationId }: Session,
  fields: Pick<Doc<"sessionSaves">, "dueAt"> & Partial<Doc<"sessionSaves">>,
): Promise<void> {
  const row = await saveOf(ctx, sessionId);
  if (row) await ctx.db.patch(row._id, fields);
  else
    await ctx.db.insert("sessionSaves", { organizationId, sessionId, cause: "work", failures: 0, ...fields });
}

/** Has a session saved, at that moment at the latest. */
export async function demandSave(
  ctx: MutationCtx,
  session: Session,
  cause: CheckpointCause,
  dueAt = Date.now(),
): Promise<void> {
  const row = await saveOf(ctx, session._id);
  if (!row || row.dueAt === 0 || row.dueAt > dueAt) await patchSave(ctx, session, { dueAt, cause });
}

const arrivingOf = async (ctx: MutationCtx, sessionId: Id<"sandboxSessions">) =>
  await ctx.db
    .query("checkpoints")
    .withIndex("by_session_status", (q) => q.eq("sessionId", sessionId).eq("status", "arriving"))
    .take(10);

/** Somebody works in the sandbox by hand: that is saved within two minutes. */
export async function demandSaveOfWork(ctx: MutationCtx, session: Doc<"sandboxSessions">): Promise<void> {
  const row = await saveOf(ctx, session._id);
  const now = Date.now();
  // One that is being taken may have read the files before: it is not what that one was begun for.
  const isDue =
    row !== null &&
    row.dueAt !== 0 &&
    !(await arrivingOf(ctx, session._id)).some((arriving) => row.dueAt === claimEndsAt(arriving));
  await patchSave(ctx, session, {
    workedAt: now,
    ...(isDue ? { dueAt: row.dueAt } : { dueAt: now + CHECKPOINT_TIMES.workMs + 1, cause: "work" as const }),
  });
}

/** The verified checkpoints of a session, the latest first. */
export async function verifiedOf(
  ctx: QueryCtx | MutationCtx,
  sessionId: Id<"sandboxSessions">,
): Promise<Checkpoint[]> {
  return await ctx.db
    .query("checkpoints")
    .withIndex("by_session_chain", (q) => q.eq("sessionId", sessionId).eq("status", "verified"))
    .order("desc")
    .take(MAX_VERIFIED);
}

/** Lets go of checkpoints: none of them is returned to from now on, and a sweep removes what is stored. */
export async function letGoOf(ctx: MutationCtx, checkpoints: readonly Checkpoint[]): Promise<void> {
  for (const { _id } of checkpoints) await ctx.db.patch(_id, { status: "removing" });
}

/** Lets go of all that is saved of a session. */
export async function forgetSaved(ctx: MutationCtx, sessionId: Id<"sandboxSessions">): Promise<void> {
  await letGoOf(ctx, [...(await arrivingOf(ctx, sessionId)), ...(await verifiedOf(ctx, sessionId))]);
  await ctx.db.patch(sessionId, { checkpointId: undefined, savedAt: undefined, savedBytes: undefined });
  const save = await saveOf(ctx, sessionId);
  if (save) await ctx.db.delete(save._id);
}

async function usageOf(ctx: QueryCtx | MutationCtx, organizationId: Id<"organizations">) {
  return await ctx.db
    .query("checkpointUsage")
    .withIndex("by_organization", (q) => q.eq("organizationId", organizationId))
    .unique();
}

/** What an organization's checkpoints take up, in bytes. */
export const storedBytesOf = async (
  ctx: QueryCtx | MutationCtx,
  organizationId: Id<"organizations">,
): Promise<number> => (await usageOf(ctx, organizationId))?.bytes ?? 0;

/** Notes that an organization's checkpoints take up more, or less. */
export async function addToUsage(
  ctx: MutationCtx,
  organizationId: Id<"organizations">,
  bytes: number,
): Promise<void> {
  const usage = await usageOf(ctx, organizationId);
  if (usage) await ctx.db.patch(usage._id, { bytes: Math.max(0, usage.bytes + bytes) });
  else if (bytes > 0) await ctx.db.insert("checkpointUsage", { organizationId, bytes });
}

/** The checkpoint of the session that another server takes now. What one has left that is gone is let go of. */
export async function goingOf(writer: SessionWriter): Promise<Checkpoint | undefined> {
  const arriving = await arrivingOf(writer.ctx, writer.session._id);
  await letGoOf(
    writer.ctx,
    arriving.filter((row) => claimEndsAt(row) <= writer.now),
  );
  return arriving.find((row) => claimEndsAt(row) > writer.now);
}

/** Whether a checkpoint is still this try's to end. */
export const isOpen = (row: Checkpoint | null, storedAs: string): row is Checkpoint =>
  row?.status === "arriving" && row.storedAs === storedAs;

/** A checkpoint is done, with what it was begun for; what became due since is still due. */
export async function saveDone(writer: SessionWriter, row: Checkpoint): Promise<void> {
  const save = await saveOf(writer.ctx, row.sessionId);
  const isSame = save?.dueAt === claimEndsAt(row);
  await patchSave(writer.ctx, writer.session, {
    dueAt: isSame ? 0 : (save?.dueAt ?? 0),
    failures: 0,
    error: undefined,
  });
}

/** A checkpoint could not be taken: it is tried again while the session lives. The first failure of several is logged. */
export async function saveFailed(writer: SessionWriter, error: string): Promise<void> {
  const save = await saveOf(writer.ctx, writer.session._id);
  const failures = (save?.failures ?? 0) + 1;
  const retryAt = isLive(writer.session.status) ? writer.now + againAfterMs(failures) : null;
  await patchSave(writer.ctx, writer.session, { dueAt: retryAt ?? 0, failures, error });
  if (failures === 1 || retryAt === null)
    await writer.append({
      type: "checkpoint.failed",
      source: "studio.checkpoints",
      payload: { error, retry_at: retryAt },
    });
}

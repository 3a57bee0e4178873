import type { Doc, Id } from "../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../_generated/server";
import type { Caller } from "../functions.ts";
import { refuse } from "./refusal.ts";

/** The name under which a run of the caller's was made. */
async function requestOf(
  ctx: QueryCtx | MutationCtx,
  { organizationId, user }: Caller,
  requestKey: string,
): Promise<Doc<"runRequests"> | null> {
  return await ctx.db
    .query("runRequests")
    .withIndex("by_person_key", (q) =>
      q.eq("organizationId", organizationId).eq("userId", user._id).eq("key", requestKey),
    )
    .unique();
}

/** What a run is asked for with, under a name. */
interface Asked {
  requestKey: string;
  message: string;
  agentId?: string | undefined;
  /** SHA-256 of the whole request; without it, message and agent tell one from another. */
  digest?: string | undefined;
}

/** The run that was made under a name before; null for none, or for one that is gone. @throws request_key_reused where something else was asked for */
export async function madeBefore(
  ctx: QueryCtx | MutationCtx,
  caller: Caller,
  { requestKey, message, agentId, digest }: Asked,
): Promise<Doc<"runs"> | null> {
  const known = await requestOf(ctx, caller, requestKey);
  const run = known && (await ctx.db.get(known.runId));
  if (!run) return null;
  const isSame =
    known.digest === undefined ? run.input === message && run.agentId === agentId : known.digest === digest;
  if (!isSame) throw refuse("request_key_reused");
  return run;
}

/** Keeps the name of a request with the run that it has made, for a day. */
export async function noteRequest(
  ctx: MutationCtx,
  caller: Caller,
  {
    requestKey: key,
    digest,
    sessionId,
    runId,
  }: {
    requestKey: string;
    digest?: string | undefined;
    sessionId: Id<"sandboxSessions">;
    runId: Id<"runs">;
  },
): Promise<void> {
  // Of a run that was deleted with its session.
  const gone = await requestOf(ctx, caller, key);
  if (gone) await ctx.db.delete(gone._id);
  const { organizationId, user } = caller;
  const row = { organizationId, sessionId, userId: user._id, key, runId };
  await ctx.db.insert("runRequests", { ...row, ...(digest !== undefined && { digest }) });
}

import { v } from "convex/values";
import { LIMITS, WEBHOOK_LIMIT } from "#domain/limits.ts";
import type { Doc } from "./_generated/dataModel";
import type { MutationCtx, QueryCtx } from "./_generated/server";
import { actorMutation, actorQuery, type Caller, refuse } from "./functions.ts";
import { beginAsked, beginning, beginningBounds } from "./model/begin-session.ts";
import { dataKey, fitsDataKey, putDataKey } from "./model/data-keys.ts";
import { acceptMessage } from "./model/runs.ts";

const asked = { message: v.string(), agentId: v.optional(v.string()), requestKey: v.string() };
const webhook = v.object({
  url: v.string(),
  /** The secret that its deliveries are signed with, sealed under this name. */
  ciphertext: v.string(),
  sealedFor: v.string(),
  /** Where the organization had no data key yet. */
  dataKey: v.optional(dataKey),
});
const made = v.object({ runId: v.id("runs"), sessionId: v.id("sandboxSessions") });

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

/** The run that was made under a name before; null for none, or for one that is gone. @throws request_key_reused where something else was asked for */
async function madeBefore(
  ctx: QueryCtx | MutationCtx,
  caller: Caller,
  { requestKey, message, agentId }: { requestKey: string; message: string; agentId?: string | undefined },
): Promise<Doc<"runs"> | null> {
  const known = await requestOf(ctx, caller, requestKey);
  const run = known && (await ctx.db.get(known.runId));
  if (!run) return null;
  if (run.input !== message || run.agentId !== (agentId ?? undefined)) throw refuse("request_key_reused");
  return run;
}

/** The run that the caller has had made under this name; null where there is none yet. */
export const known = actorQuery({
  min: "member",
  scope: "sessions:write",
  bounds: { message: LIMITS.message, requestKey: LIMITS.requestKey },
  args: asked,
  returns: v.nullable(made),
  handler: async (ctx, args) => {
    const run = await madeBefore(ctx, ctx.caller, args);
    return run && { runId: run._id, sessionId: run.sessionId };
  },
});

/**
 * Makes a session and its first run, both or neither. Asked again under the same name it makes none, and returns the run
 * that it made.
 * @throws what the session's beginning is refused with; request_key_reused
 */
export const start = actorMutation({
  min: "member",
  scope: "sessions:write",
  audit: "session-log",
  bounds: {
    ...beginningBounds,
    message: LIMITS.message,
    requestKey: LIMITS.requestKey,
    traceparent: LIMITS.traceparent,
    webhook: WEBHOOK_LIMIT,
  },
  args: {
    ...beginning,
    message: v.string(),
    /** Who is told of its end. */
    webhook: v.optional(webhook),
    requestKey: v.optional(v.string()),
    traceparent: v.optional(v.string()),
  },
  returns: made,
  handler: async (ctx, { message, requestKey, traceparent, webhook: told, ...args }) => {
    const { caller } = ctx;
    const { agentId } = args;
    const before =
      requestKey === undefined ? null : await madeBefore(ctx, caller, { requestKey, message, agentId });
    if (before) return { runId: before._id, sessionId: before.sessionId };
    const writer = await beginAsked(ctx, caller, args);
    const runId = await acceptMessage(writer, caller, message, { traceparent });
    await writer.save();
    const { organizationId, _id: sessionId } = writer.session;
    if (told) {
      const { dataKey: brought, ...rest } = told;
      if (!(await fitsDataKey(ctx, organizationId, brought))) throw refuse("webhook_race");
      if (brought) await putDataKey(ctx, organizationId, brought);
      const waiting = { status: "waiting" as const, attempts: 0, dueAt: 0 };
      await ctx.db.insert("runWebhooks", { organizationId, sessionId, runId, ...rest, ...waiting });
    }
    if (requestKey !== undefined) {
      // Of a run that was deleted with its session.
      const gone = await requestOf(ctx, caller, requestKey);
      if (gone) await ctx.db.delete(gone._id);
      const userId = caller.user._id;
      await ctx.db.insert("runRequests", { organizationId, sessionId, userId, key: requestKey, runId });
    }
    return { runId, sessionId };
  },
});

import { v } from "convex/values";
import { LIMITS, WEBHOOK_LIMIT } from "#domain/limits.ts";
import { actorMutation, actorQuery, refuse } from "./functions.ts";
import { beginAsked, beginning, beginningBounds } from "./model/begin-session.ts";
import { dataKey, fitsDataKey, putDataKey } from "./model/data-keys.ts";
import { madeBefore, noteRequest } from "./model/run-requests.ts";
import { bringRules, runRule, runRulesLimit } from "./model/run-rules.ts";
import { acceptMessage } from "./model/runs.ts";
import { runOf } from "./model/sessions.ts";

const asked = {
  message: v.string(),
  agentId: v.optional(v.string()),
  requestKey: v.string(),
  /** SHA-256 of the whole request: what is asked for under a name is told apart by it. */
  digest: v.optional(v.string()),
};
const webhook = v.object({
  url: v.string(),
  /** The secret that its deliveries are signed with, sealed under this name. */
  ciphertext: v.string(),
  sealedFor: v.string(),
  /** Where the organization had no data key yet. */
  dataKey: v.optional(dataKey),
});
const made = v.object({ runId: v.id("runs"), sessionId: v.id("sandboxSessions") });

/** The run that the caller has had made under this name; null where there is none yet. */
export const known = actorQuery({
  min: "member",
  scope: "sessions:write",
  bounds: { message: LIMITS.message, requestKey: LIMITS.requestKey, digest: LIMITS.hash },
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
    digest: LIMITS.hash,
    rules: runRulesLimit,
    traceparent: LIMITS.traceparent,
    webhook: WEBHOOK_LIMIT,
  },
  args: {
    ...beginning,
    message: v.string(),
    /** Who is told of its end. */
    webhook: v.optional(webhook),
    requestKey: v.optional(v.string()),
    digest: asked.digest,
    traceparent: v.optional(v.string()),
    /** What its agent may do without being asked about, beside the rules that there are. */
    rules: v.optional(v.array(runRule)),
    /** The run that it repeats: the rules of that one's session are its, too. */
    likeRunId: v.optional(v.string()),
  },
  returns: made,
  handler: async (
    ctx,
    { message, requestKey, digest, traceparent, webhook: told, rules: wanted = [], likeRunId, ...args },
  ) => {
    const { caller } = ctx;
    const { agentId } = args;
    const before =
      requestKey === undefined
        ? null
        : await madeBefore(ctx, caller, { requestKey, message, agentId, digest });
    if (before) return { runId: before._id, sessionId: before.sessionId };
    const like = likeRunId === undefined ? null : await runOf(ctx, caller, likeRunId);
    const writer = await beginAsked(ctx, caller, args);
    await bringRules(ctx, caller, writer.session._id, { wanted, likeSessionId: like?.sessionId });
    const runId = await acceptMessage(writer, caller, message, { traceparent, isUnattended: true });
    await writer.save();
    const { organizationId, _id: sessionId } = writer.session;
    if (told) {
      const { dataKey: brought, ...rest } = told;
      if (!(await fitsDataKey(ctx, organizationId, brought))) throw refuse("webhook_race");
      if (brought) await putDataKey(ctx, organizationId, brought);
      const waiting = { status: "waiting" as const, attempts: 0, dueAt: 0 };
      await ctx.db.insert("runWebhooks", { organizationId, sessionId, runId, ...rest, ...waiting });
    }
    if (requestKey !== undefined) await noteRequest(ctx, caller, { requestKey, digest, sessionId, runId });
    return { runId, sessionId };
  },
});

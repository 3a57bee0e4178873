import { v } from "convex/values";
import { LIMITS } from "#domain/limits.ts";
import { nextAttemptAt, WEBHOOK_CLAIM_MS } from "#domain/webhooks.ts";
import { maskSecrets } from "#domain/mask.ts";
import { actorQuery, orgQuery, serviceMutation } from "./functions.ts";
import { dataKey, dataKeyInUse, dataKeyOf } from "./model/data-keys.ts";
import { runOf } from "./model/sessions.ts";
import { webhookOf } from "./model/webhooks.ts";
import schema from "./schema.ts";

const MAX_ERROR_CHARS = 300;

/** An address without its path, and without what signs in to it. */
const hostOf = (url: string): string => url.replace(/^(https?:\/\/)(?:[^/?#]*@)?([^/?#]*).*$/is, "$1$2");

/** What a server seals a webhook's secret with; null where the organization needs a new data key. */
export const forMaking = actorQuery({
  min: "member",
  scope: "sessions:write",
  args: {},
  returns: v.object({ organizationId: v.id("organizations"), dataKey: v.nullable(dataKey) }),
  handler: async (ctx) => {
    const { organizationId } = ctx.caller;
    return { organizationId, dataKey: await dataKeyInUse(ctx, organizationId) };
  },
});

/**
 * How the end of a run was told, or is going to be; null where nobody is told. The whole address is for admins and for
 * who asked for the run.
 */
export const ofRun = orgQuery({
  min: "viewer",
  scope: "sessions:read",
  bounds: { runId: LIMITS.requestKey },
  args: { runId: v.string() },
  returns: v.nullable(
    schema
      .doc("runWebhooks")
      .pick("url", "status", "attempts", "dueAt", "lastStatus", "lastError", "deliveredAt"),
  ),
  handler: async (ctx, { runId }) => {
    const run = await runOf(ctx, ctx.caller, runId);
    const row = await webhookOf(ctx, run._id);
    if (!row) return null;
    const { role, user } = ctx.caller;
    // Many services take whoever knows an address.
    const isTheirs = role === "admin" || run.userId === user._id;
    const url = isTheirs ? row.url : `${hostOf(row.url)}/…`;
    const { status, attempts, dueAt, lastStatus, lastError, deliveredAt } = row;
    return {
      url,
      status,
      attempts,
      dueAt,
      ...(lastStatus !== undefined && { lastStatus }),
      ...(lastError !== undefined && { lastError }),
      ...(deliveredAt !== undefined && { deliveredAt }),
    };
  },
});

/** Takes an attempt that is due, so that no other server makes it; null where there is none. */
export const claim = serviceMutation({
  args: { webhookId: v.id("runWebhooks"), now: v.number() },
  returns: v.nullable(
    v.object({
      organizationId: v.id("organizations"),
      url: v.string(),
      ciphertext: v.string(),
      sealedFor: v.string(),
      dataKey: v.nullable(dataKey),
      attempt: v.number(),
      run: schema.doc("runs"),
    }),
  ),
  handler: async (ctx, { webhookId, now }) => {
    const row = await ctx.db.get(webhookId);
    if (row?.status !== "due" || row.dueAt > now) return null;
    const run = await ctx.db.get(row.runId);
    if (!run) {
      await ctx.db.delete(row._id);
      return null;
    }
    const attempt = row.attempts + 1;
    const claimed = { attempts: attempt, dueAt: now + WEBHOOK_CLAIM_MS };
    // A server that dies at each attempt must not make it for ever.
    if (nextAttemptAt(row.attempts, null, now) === null && row.attempts > 0) {
      await ctx.db.patch(row._id, { status: "failed" });
      return null;
    }
    await ctx.db.patch(row._id, claimed);
    const { organizationId, url, ciphertext, sealedFor } = row;
    return {
      organizationId,
      url,
      ciphertext,
      sealedFor,
      dataKey: await dataKeyOf(ctx, organizationId),
      attempt,
      run,
    };
  },
});

/** What came of an attempt. One that was made again meanwhile says nothing more. */
export const came = serviceMutation({
  args: {
    webhookId: v.id("runWebhooks"),
    attempt: v.number(),
    /** The response's; null where there was none. */
    status: v.nullable(v.number()),
    error: v.optional(v.string()),
    now: v.number(),
  },
  returns: v.null(),
  handler: async (ctx, { webhookId, attempt, status, error, now }) => {
    const row = await ctx.db.get(webhookId);
    if (row?.status !== "due") return null;
    const told = {
      lastStatus: status ?? undefined,
      lastError: error === undefined ? undefined : maskSecrets(error).slice(0, MAX_ERROR_CHARS),
    };
    if (status !== null && status >= 200 && status < 300) {
      await ctx.db.patch(row._id, { ...told, status: "delivered", deliveredAt: now });
      return null;
    }
    if (row.attempts !== attempt) return null;
    const next = nextAttemptAt(attempt, status, now);
    await ctx.db.patch(row._id, {
      ...told,
      ...(next === null ? { status: "failed" as const } : { dueAt: next }),
    });
    return null;
  },
});

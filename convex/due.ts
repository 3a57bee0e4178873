import { v } from "convex/values";
import { CHECKPOINT_CAUSES, CHECKPOINT_TIMES } from "#domain/checkpoints.ts";
import { OUTSIDE_CHANNELS } from "#domain/deliveries.ts";
import { DEADLINES } from "#domain/lifecycle.ts";
import { serviceQuery } from "./functions.ts";
import { dueDeliveries } from "./model/deliveries.ts";
import { after, duePage, inTurn, pageOf, ROWS, START } from "./model/due-page.ts";
import { takeUpTo } from "./model/paging.ts";
import { literals } from "./model/zod-validator.ts";

const ofSession = v.object({ sessionId: v.id("sandboxSessions"), organizationId: v.id("organizations") });

/** Sessions whose state is past its deadline, a page at a time, the latest first. */
export const late = serviceQuery({
  args: { now: v.number(), after },
  returns: duePage(
    v.object({
      ...ofSession.fields,
      deadlineAt: v.number(),
      isIdle: v.boolean(),
      /** It is to be parked, once its work is saved. */
      isParking: v.boolean(),
    }),
  ),
  handler: async (ctx, { now, after: { at, created } = START }) => {
    const rows = await inTurn(
      ctx.db
        .query("sandboxSessions")
        .withIndex("by_deadline", (q) => q.eq("deadlineAt", at).gt("_creationTime", created)),
      ctx.db
        .query("sandboxSessions")
        .withIndex("by_deadline", (q) => q.gt("deadlineAt", Math.max(0, at)).lte("deadlineAt", now)),
    );
    return pageOf(
      rows,
      (row) => row.deadlineAt,
      (row) => ({
        sessionId: row._id,
        organizationId: row.organizationId,
        deadlineAt: row.deadlineAt,
        isParking: row.sandboxId !== undefined && row.parking === true,
        isIdle: row.sandboxId !== undefined && (row.status === "ready" || row.status === "idle"),
      }),
    );
  },
});

/** Sessions whose lease has lapsed although a server must hold it, a page at a time. */
export const lapsed = serviceQuery({
  args: { now: v.number(), after },
  returns: duePage(ofSession),
  handler: async (ctx, { now, after: { at, created } = START }) => {
    const rows = await inTurn(
      ctx.db
        .query("sessionStreams")
        .withIndex("by_lease", (q) =>
          q.eq("needsPump", true).eq("leaseUntil", at).gt("_creationTime", created),
        ),
      ctx.db
        .query("sessionStreams")
        .withIndex("by_lease", (q) => q.eq("needsPump", true).gt("leaseUntil", at).lte("leaseUntil", now)),
      // Leases from before the clock was set back would hold for as long as it was.
      ctx.db
        .query("sessionStreams")
        .withIndex("by_lease", (q) =>
          q.eq("needsPump", true).gt("leaseUntil", Math.max(at, now + 2 * DEADLINES.leaseMs)),
        ),
    );
    return pageOf(
      rows,
      (row) => row.leaseUntil,
      (row) => ({ sessionId: row.sessionId, organizationId: row.organizationId }),
    );
  },
});

/** Sessions whose sandbox is still to be ended, a page at a time, oldest first. */
export const cleanup = serviceQuery({
  args: { after },
  returns: duePage(v.object({ ...ofSession.fields, sandboxId: v.nullable(v.string()) })),
  handler: async (ctx, { after: { created } = START }) => {
    const rows = await inTurn(
      ctx.db
        .query("sandboxSessions")
        .withIndex("by_cleanup", (q) => q.eq("cleanupPending", true).gt("_creationTime", created)),
    );
    return pageOf(
      rows,
      () => 0,
      (row) => ({
        sessionId: row._id,
        organizationId: row.organizationId,
        sandboxId: row.sandboxId ?? null,
      }),
    );
  },
});

/** Network policies that live sandboxes do not follow yet, a page at a time, oldest first. */
export const networks = serviceQuery({
  args: { after },
  returns: duePage(v.object({ policyId: v.id("networkPolicies"), organizationId: v.id("organizations") })),
  handler: async (ctx, { after: { created } = START }) => {
    const rows = await inTurn(
      ctx.db
        .query("networkPolicies")
        .withIndex("by_pending", (q) => q.eq("pending", true).gt("_creationTime", created)),
    );
    return pageOf(
      rows,
      () => 0,
      (row) => ({ policyId: row._id, organizationId: row.organizationId }),
    );
  },
});

/** Scripts whose snapshot is to be built, a page at a time. */
export const setups = serviceQuery({
  args: { now: v.number(), after },
  returns: duePage(v.object({ scriptId: v.id("setupScripts"), organizationId: v.id("organizations") })),
  handler: async (ctx, { now, after: { at, created } = START }) => {
    const rows = await inTurn(
      ctx.db.query("setupScripts").withIndex("by_due", (q) => q.eq("dueAt", at).gt("_creationTime", created)),
      ctx.db
        .query("setupScripts")
        .withIndex("by_due", (q) => q.gt("dueAt", Math.max(0, at)).lte("dueAt", now)),
    );
    return pageOf(
      rows,
      (row) => row.dueAt,
      (row) => ({ scriptId: row._id, organizationId: row.organizationId }),
    );
  },
});

/** Builds whose snapshot is still to be removed, a page at a time, oldest first. */
export const snapshots = serviceQuery({
  args: { after },
  returns: duePage(
    v.object({
      buildId: v.id("setupBuilds"),
      organizationId: v.id("organizations"),
      snapshotId: v.nullable(v.string()),
    }),
  ),
  handler: async (ctx, { after: { created } = START }) => {
    const rows = await inTurn(
      ctx.db
        .query("setupBuilds")
        .withIndex("by_cleanup", (q) => q.eq("cleanupPending", true).gt("_creationTime", created)),
    );
    return pageOf(
      rows,
      () => 0,
      (row) => ({
        buildId: row._id,
        organizationId: row.organizationId,
        snapshotId: row.snapshotId ?? null,
      }),
    );
  },
});

/** Holds that nobody has renewed, a page at a time: their server is gone, and so is their call. */
export const holds = serviceQuery({
  args: { now: v.number(), after },
  returns: duePage(v.object({ requestId: v.string(), organizationId: v.id("organizations") })),
  handler: async (ctx, { now, after: { at, created } = START }) => {
    const rows = await inTurn(
      ctx.db
        .query("creditHolds")
        .withIndex("by_status_expiry", (q) =>
          q.eq("status", "open").eq("expiresAt", at).gt("_creationTime", created),
        ),
      ctx.db
        .query("creditHolds")
        .withIndex("by_status_expiry", (q) =>
          q.eq("status", "open").gt("expiresAt", at).lte("expiresAt", now),
        ),
    );
    return pageOf(
      rows,
      (row) => row.expiresAt,
      (row) => ({ requestId: row.requestId, organizationId: row.organizationId }),
    );
  },
});

/** MCP servers that are on, and that Studio is to look at again, a page at a time. */
export const mcp = serviceQuery({
  args: { now: v.number(), after },
  returns: duePage(v.object({ serverId: v.id("mcpServers"), organizationId: v.id("organizations") })),
  handler: async (ctx, { now, after: { at, created } = START }) => {
    const rows = await inTurn(
      ctx.db.query("mcpServers").withIndex("by_due", (q) => q.eq("dueAt", at).gt("_creationTime", created)),
      ctx.db.query("mcpServers").withIndex("by_due", (q) => q.gt("dueAt", Math.max(0, at)).lte("dueAt", now)),
    );
    return pageOf(
      rows,
      ({ dueAt = 0 }) => dueAt,
      ({ _id, organizationId }) => ({ serverId: _id, organizationId }),
    );
  },
});

/** Webhooks of runs that have ended, a page at a time. */
export const webhooks = serviceQuery({
  args: { now: v.number(), after },
  returns: duePage(v.object({ webhookId: v.id("runWebhooks"), organizationId: v.id("organizations") })),
  handler: async (ctx, { now, after: { at, created } = START }) => {
    const same = await takeUpTo(
      ctx.db
        .query("runWebhooks")
        .withIndex("by_status_due", (q) =>
          q.eq("status", "due").eq("dueAt", at).gt("_creationTime", created),
        ),
      { rows: ROWS },
    );
    const later = await takeUpTo(
      ctx.db
        .query("runWebhooks")
        .withIndex("by_status_due", (q) => q.eq("status", "due").gt("dueAt", at).lte("dueAt", now)),
      { rows: ROWS - same.length },
    );
    return pageOf(
      [...same, ...later],
      (row) => row.dueAt,
      (row) => ({ webhookId: row._id, organizationId: row.organizationId }),
    );
  },
});

/**
 * What is to leave Studio of what people are told, a page at a time: a few of each organization and way, so that one
 * with thousands hides no other's. The walk goes on behind an organization.
 */
export const notifications = serviceQuery({
  args: { now: v.number(), after: v.optional(v.id("organizations")) },
  returns: v.object({
    items: v.array(
      v.object({
        deliveryId: v.id("notificationDeliveries"),
        organizationId: v.id("organizations"),
        channel: literals(OUTSIDE_CHANNELS),
      }),
    ),
    next: v.nullable(v.id("organizations")),
  }),
  handler: async (ctx, args) => {
    const { rows, next } = await dueDeliveries(ctx, args);
    const items = rows.map(({ _id, organizationId, channel }) => ({
      deliveryId: _id,
      organizationId,
      channel,
    }));
    return { items, next };
  },
});

/** Checkouts that may have been paid without a word of it, a page at a time. */
export const checkouts = serviceQuery({
  args: { now: v.number(), after },
  returns: duePage(v.object({ checkoutId: v.string(), organizationId: v.id("organizations") })),
  handler: async (ctx, { now, after: { at, created } = START }) => {
    const rows = await inTurn(
      ctx.db.query("checkouts").withIndex("by_look", (q) => q.eq("lookAt", at).gt("_creationTime", created)),
      ctx.db
        .query("checkouts")
        .withIndex("by_look", (q) => q.gt("lookAt", Math.max(0, at)).lte("lookAt", now)),
    );
    return pageOf(
      rows,
      (row) => row.lookAt ?? 0,
      ({ checkoutId, organizationId }) => ({ checkoutId, organizationId }),
    );
  },
});

/** Plans whose credits are to be topped up, a page at a time, the longest ago first. */
export const topUps = serviceQuery({
  args: { now: v.number(), after },
  returns: duePage(v.object({ planId: v.id("topUpPlans"), organizationId: v.id("organizations") })),
  handler: async (ctx, { now, after: { at, created } = START }) => {
    const rows = await inTurn(
      ctx.db.query("topUpPlans").withIndex("by_due", (q) => q.eq("dueAt", at).gt("_creationTime", created)),
      ctx.db.query("topUpPlans").withIndex("by_due", (q) => q.gt("dueAt", Math.max(0, at)).lte("dueAt", now)),
    );
    return pageOf(
      rows,
      (row) => row.dueAt ?? 0,
      (row) => ({ planId: row._id, organizationId: row.organizationId }),
    );
  },
});

/** Sandboxes whose time is to be counted, a page at a time, the longest ago first. */
export const meters = serviceQuery({
  args: { now: v.number(), after },
  returns: duePage(v.object({ sandboxId: v.string(), organizationId: v.id("organizations") })),
  handler: async (ctx, { now, after: { at, created } = START }) => {
    const rows = await inTurn(
      ctx.db
        .query("sandboxMeters")
        .withIndex("by_look", (q) => q.eq("lookAt", at).gt("_creationTime", created)),
      ctx.db
        .query("sandboxMeters")
        .withIndex("by_look", (q) => q.gt("lookAt", Math.max(0, at)).lte("lookAt", now)),
    );
    return pageOf(
      rows,
      (row) => row.lookAt ?? 0,
      ({ sandboxId, organizationId }) => ({ sandboxId, organizationId }),
    );
  },
});

/** Pull requests that are brought to green, a page at a time. */
export const green = serviceQuery({
  args: { now: v.number(), after },
  returns: duePage(v.object({ pursuitId: v.id("greenPursuits"), organizationId: v.id("organizations") })),
  handler: async (ctx, { now, after: { at, created } = START }) => {
    const rows = await inTurn(
      ctx.db
        .query("greenPursuits")
        .withIndex("by_due", (q) => q.eq("dueAt", at).gt("_creationTime", created)),
      ctx.db
        .query("greenPursuits")
        .withIndex("by_due", (q) => q.gt("dueAt", Math.max(0, at)).lte("dueAt", now)),
    );
    return pageOf(
      rows,
      (row) => row.dueAt,
      (row) => ({ pursuitId: row._id, organizationId: row.organizationId }),
    );
  },
});

/** Sessions that are to be saved, a page at a time. */
export const saves = serviceQuery({
  args: { now: v.number(), after },
  returns: duePage(v.object({ ...ofSession.fields, cause: literals(CHECKPOINT_CAUSES) })),
  handler: async (ctx, { now, after: { at, created } = START }) => {
    const rows = await inTurn(
      ctx.db.query("sessionSaves").withIndex("by_due", (q) => q.eq("dueAt", at).gt("_creationTime", created)),
      ctx.db
        .query("sessionSaves")
        .withIndex("by_due", (q) => q.gt("dueAt", Math.max(0, at)).lte("dueAt", now)),
    );
    return pageOf(
      rows,
      (row) => row.dueAt,
      ({ sessionId, organizationId, cause }) => ({ sessionId, organizationId, cause }),
    );
  },
});

/**
 * Checkpoints whose bytes are to be removed, a page at a time, and those that nobody ended: not before the server that began one
 * has long given up, since what is removed must not be stored after that.
 */
export const stored = serviceQuery({
  args: { now: v.number(), after },
  returns: duePage(
    v.object({
      checkpointId: v.id("checkpoints"),
      organizationId: v.id("organizations"),
      storedAs: v.string(),
    }),
  ),
  handler: async (ctx, { now, after: { at, created } = START }) => {
    const before = now - 3 * CHECKPOINT_TIMES.claimMs;
    const rows = await inTurn(
      ctx.db
        .query("checkpoints")
        .withIndex("by_status_started", (q) =>
          q.eq("status", "removing").eq("startedAt", at).gt("_creationTime", created),
        ),
      ctx.db
        .query("checkpoints")
        .withIndex("by_status_started", (q) =>
          q.eq("status", "removing").gt("startedAt", Math.max(0, at)).lte("startedAt", before),
        ),
    );
    // Those that their server never ended are few, and looked at once a walk.
    const left = await takeUpTo(
      ctx.db
        .query("checkpoints")
        .withIndex("by_status_started", (q) => q.eq("status", "arriving").lte("startedAt", before)),
      { rows: at < 0 ? ROWS - rows.length : 0 },
    );
    return pageOf(
      [...left, ...rows],
      (row) => row.startedAt,
      (row) => ({ checkpointId: row._id, organizationId: row.organizationId, storedAs: row.storedAs }),
    );
  },
});

import { v } from "convex/values";
import { internal } from "./_generated/api";
import { OPERATOR_LIMITS } from "#domain/operator.ts";
import { operatorMutation, orgQuery, refuse, systemMutation } from "./functions.ts";
import { freezeStep, stopFrozen } from "./model/freeze.ts";
import { frozenReason } from "./model/frozen.ts";
import { organizationNamed, reasonOf } from "./model/operator-audit.ts";
import { boundedPage } from "./model/paging.ts";
import { SessionWriter } from "./model/session-writer.ts";

/** Frozen organizations that one look takes. */
const ORGANIZATIONS_A_LOOK = 50;
const LOOK_AGAIN_MS = 2_000;

const named = { organization: v.string(), reason: v.string() };
const bounds = { reason: OPERATOR_LIMITS.reason };
const done = v.object({ name: v.string(), slug: v.string() });

/**
 * Freezes an organization: from this transaction on nothing of it begins and no model is called, and what is live is
 * saved and stopped. Nothing of it is lost.
 * @param organization its slug, or its id
 * @throws not_found | invalid_request | already_decided where it is frozen
 */
export const freeze = operatorMutation({
  bounds,
  args: named,
  returns: done,
  handler: async (ctx, { organization: name, reason: given }) => {
    const organization = await organizationNamed(ctx, name);
    const reason = reasonOf(given);
    if (organization.frozenAt !== undefined) throw refuse("organization_already_frozen");
    await ctx.db.patch(organization._id, { frozenAt: Date.now(), frozenReason: reason });
    await ctx.scheduler.runAfter(0, internal.freezes.step, { organizationId: organization._id });
    await ctx.act({ action: "freeze", organization, reason, told: "organization.frozen" });
    return { name: organization.name, slug: organization.slug };
  },
});

/**
 * Lets an organization go on. Sessions that were stopped are resumed as any other that has ended.
 * @param organization its slug, or its id
 * @throws not_found | invalid_request | already_decided where it is not frozen
 */
export const thaw = operatorMutation({
  bounds,
  args: named,
  returns: done,
  handler: async (ctx, { organization: name, reason: given }) => {
    const organization = await organizationNamed(ctx, name);
    const reason = reasonOf(given);
    if (organization.frozenAt === undefined) throw refuse("organization_not_frozen");
    await ctx.db.patch(organization._id, { frozenAt: undefined, frozenReason: undefined });
    await ctx.act({ action: "thaw", organization, reason, told: "organization.thawed" });
    return { name: organization.name, slug: organization.slug };
  },
});

/** Since when the organization is frozen, and why; null where it is not. */
export const told = orgQuery({
  min: "viewer",
  scope: "sessions:read",
  args: {},
  returns: v.nullable(v.object({ at: v.number(), reason: v.string() })),
  handler: async (ctx) => {
    const organization = await ctx.db.get(ctx.caller.organizationId);
    if (organization?.frozenAt === undefined) return null;
    return { at: organization.frozenAt, reason: organization.frozenReason ?? "" };
  },
});

/** Has some live sessions of a frozen organization stop, and looks again as long as there are others. */
export const step = systemMutation({
  args: { organizationId: v.id("organizations") },
  returns: v.null(),
  handler: async (ctx, { organizationId }) => {
    if ((await frozenReason(ctx, organizationId)) === null) return null;
    if (await freezeStep(ctx, organizationId))
      await ctx.scheduler.runAfter(LOOK_AGAIN_MS, internal.freezes.step, { organizationId });
    return null;
  },
});

/** Has one live session of a frozen organization stop. */
export const stopSession = systemMutation({
  args: { sessionId: v.id("sandboxSessions") },
  returns: v.null(),
  handler: async (ctx, { sessionId }) => {
    const session = await ctx.db.get(sessionId);
    if (!session) return null;
    const writer = await SessionWriter.open(ctx, session);
    await stopFrozen(writer);
    await writer.save();
    return null;
  },
});

/** Looks at the frozen organizations again: a stop that was lost is asked for once more. */
export const resume = systemMutation({
  args: { cursor: v.nullable(v.string()) },
  returns: v.null(),
  handler: async (ctx, { cursor }) => {
    const page = await boundedPage(
      ctx.db.query("organizations").withIndex("by_frozen", (q) => q.gt("frozenAt", 0)),
      { cursor, rows: ORGANIZATIONS_A_LOOK },
    );
    for (const { _id } of page.page)
      await ctx.scheduler.runAfter(0, internal.freezes.stopLive, { organizationId: _id });
    if (!page.isDone)
      await ctx.scheduler.runAfter(0, internal.freezes.resume, { cursor: page.continueCursor });
    return null;
  },
});

/** One look at what is live of a frozen organization. */
export const stopLive = systemMutation({
  args: { organizationId: v.id("organizations") },
  returns: v.null(),
  handler: async (ctx, { organizationId }) => {
    if ((await frozenReason(ctx, organizationId)) !== null) await freezeStep(ctx, organizationId);
    return null;
  },
});

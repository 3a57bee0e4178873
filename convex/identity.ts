import { v } from "convex/values";
import { internal } from "./_generated/api";
import type { Doc, Id } from "./_generated/dataModel";
import type { MutationCtx } from "./_generated/server";
import { refuse, serviceMutation, systemMutation } from "./functions.ts";
import { enter } from "./model/credits.ts";
import { eraseStep } from "./model/erase.ts";
import { endSession } from "./model/runs.ts";
import { SessionWriter } from "./model/session-writer.ts";
import { addStarterProject } from "./model/starter.ts";
import { role } from "./schema.ts";

const external = { externalId: v.string(), name: v.string() };

/**
 * Mirrors a verified person and their organization, by the identity driver's own ids.
 * Called on each verified sign-in; changes only what differs.
 */
export const mirror = serviceMutation({
  args: {
    driver: v.string(),
    user: v.object({ ...external, email: v.string() }),
    organization: v.object({ ...external, slug: v.string() }),
    role,
    /** When the driver asserted this, epoch milliseconds: a change that it told of later counts more. */
    assertedAt: v.number(),
    /** What a new organization starts with; 0 for nothing. */
    welcomeMicroUsd: v.number(),
  },
  returns: v.object({ userId: v.id("users"), organizationId: v.id("organizations") }),
  handler: async (ctx, { driver, user, organization, role: asserted, assertedAt, welcomeMicroUsd }) => {
    const knownUser = await ctx.db
      .query("users")
      .withIndex("by_external", (q) => q.eq("driver", driver).eq("externalId", user.externalId))
      .unique();
    const userId = knownUser?._id ?? (await ctx.db.insert("users", { driver, ...user }));
    if (knownUser && (knownUser.name !== user.name || knownUser.email !== user.email))
      await ctx.db.patch(userId, { name: user.name, email: user.email });

    const knownOrganization = await ctx.db
      .query("organizations")
      .withIndex("by_external", (q) => q.eq("driver", driver).eq("externalId", organization.externalId))
      .unique();
    const organizationId =
      knownOrganization?._id ?? (await ctx.db.insert("organizations", { driver, ...organization }));
    if (!knownOrganization) {
      await addStarterProject(ctx, organizationId);
      if (welcomeMicroUsd > 0)
        await enter(ctx, {
          organizationId,
          key: "grant:welcome",
          kind: "grant",
          deltaMicroUsd: welcomeMicroUsd,
          description: "Welcome credits",
        });
    } else if (knownOrganization.name !== organization.name || knownOrganization.slug !== organization.slug)
      await ctx.db.patch(organizationId, { name: organization.name, slug: organization.slug });

    const change = await changeOf(ctx, organizationId, userId);
    const role = change && change.at > assertedAt ? change.role : asserted;
    if (role === null) throw refuse("unauthenticated", "You are no longer a member of this organization.");
    const member = await ctx.db
      .query("members")
      .withIndex("by_organization_user", (q) => q.eq("organizationId", organizationId).eq("userId", userId))
      .unique();
    if (!member) await ctx.db.insert("members", { organizationId, userId, role });
    else if (member.role !== role) await ctx.db.patch(member._id, { role });
    return { userId, organizationId };
  },
});

const ids = { driver: v.string(), userId: v.string(), organizationId: v.string() };

async function changeOf(ctx: MutationCtx, organizationId: Id<"organizations">, userId: Id<"users">) {
  return await ctx.db
    .query("memberChanges")
    .withIndex("by_organization_user", (q) => q.eq("organizationId", organizationId).eq("userId", userId))
    .unique();
}

async function noteChange(
  ctx: MutationCtx,
  member: Doc<"members">,
  next: Doc<"members">["role"] | null,
): Promise<void> {
  const { organizationId, userId } = member;
  const known = await changeOf(ctx, organizationId, userId);
  const change = { role: next, at: Date.now() };
  if (known) await ctx.db.patch(known._id, change);
  else await ctx.db.insert("memberChanges", { organizationId, userId, ...change });
}

async function userOf(ctx: MutationCtx, driver: string, externalId: string) {
  return await ctx.db
    .query("users")
    .withIndex("by_external", (q) => q.eq("driver", driver).eq("externalId", externalId))
    .unique();
}

async function organizationOf(ctx: MutationCtx, driver: string, externalId: string) {
  return await ctx.db
    .query("organizations")
    .withIndex("by_external", (q) => q.eq("driver", driver).eq("externalId", externalId))
    .unique();
}

async function memberOf(ctx: MutationCtx, args: { driver: string; userId: string; organizationId: string }) {
  const user = await userOf(ctx, args.driver, args.userId);
  const organization = await organizationOf(ctx, args.driver, args.organizationId);
  if (!user || !organization) return null;
  return await ctx.db
    .query("members")
    .withIndex("by_organization_user", (q) => q.eq("organizationId", organization._id).eq("userId", user._id))
    .unique();
}

/** Stops the live sessions of an organization, or of one person in it. */
async function stopSessions(
  ctx: MutationCtx,
  organizationId: Id<"organizations">,
  message: string,
  userId?: Id<"users">,
): Promise<void> {
  for (const status of ["provisioning", "ready", "active", "idle"] as const) {
    const live = await ctx.db
      .query("sandboxSessions")
      .withIndex("by_organization_status", (q) => q.eq("organizationId", organizationId).eq("status", status))
      .take(200);
    for (const session of live.filter((row) => userId === undefined || row.userId === userId)) {
      const writer = await SessionWriter.open(ctx, session);
      await endSession(writer, "stopped", { reason: message, ending: { status: "cancelled", message } });
      await writer.save();
    }
  }
}

/** A member's role has changed at the identity driver. */
export const setRole = serviceMutation({
  args: { ...ids, role },
  returns: v.null(),
  handler: async (ctx, { role: next, ...args }) => {
    const member = await memberOf(ctx, args);
    if (!member) return null;
    await noteChange(ctx, member, next);
    if (member.role !== next) await ctx.db.patch(member._id, { role: next });
    return null;
  },
});

/** A member is one no longer: what they have running stops. Their keys end with the membership. */
export const removeMember = serviceMutation({
  args: ids,
  returns: v.null(),
  handler: async (ctx, args) => {
    const member = await memberOf(ctx, args);
    if (!member) return null;
    await noteChange(ctx, member, null);
    await ctx.db.delete(member._id);
    await stopSessions(ctx, member.organizationId, "The person left the organization.", member.userId);
    return null;
  },
});

/** A person's account is gone: they are a member nowhere, and what they did loses their name. */
export const removeUser = serviceMutation({
  args: { driver: v.string(), userId: v.string() },
  returns: v.null(),
  handler: async (ctx, { driver, userId }) => {
    const user = await userOf(ctx, driver, userId);
    if (!user) return null;
    const memberships = await ctx.db
      .query("members")
      .withIndex("by_user", (q) => q.eq("userId", user._id))
      .take(200);
    for (const member of memberships) {
      await noteChange(ctx, member, null);
      await ctx.db.delete(member._id);
      await stopSessions(ctx, member.organizationId, "The person's account was deleted.", user._id);
    }
    await ctx.db.patch(user._id, { name: "Deleted person", email: "", externalId: `deleted:${user._id}` });
    await ctx.scheduler.runAfter(0, internal.identity.anonymize, { userId: user._id });
    return null;
  },
});

/** Takes a deleted person's name out of their sessions, a page at a time. */
export const anonymize = systemMutation({
  args: { userId: v.id("users") },
  returns: v.null(),
  handler: async (ctx, { userId }) => {
    const rows = await ctx.db
      .query("sandboxSessions")
      .withIndex("by_user", (q) => q.eq("userId", userId))
      .filter((q) => q.neq(q.field("userName"), "Deleted person"))
      .take(100);
    for (const row of rows) await ctx.db.patch(row._id, { userName: "Deleted person" });
    if (rows.length > 0) await ctx.scheduler.runAfter(0, internal.identity.anonymize, { userId });
    return null;
  },
});

/** An organization is deleted: nobody is a member any more at once, and its rows go step by step. */
export const removeOrganization = serviceMutation({
  args: { driver: v.string(), organizationId: v.string() },
  returns: v.null(),
  handler: async (ctx, args) => {
    const organization = await organizationOf(ctx, args.driver, args.organizationId);
    if (!organization) return null;
    await stopSessions(ctx, organization._id, "The organization was deleted.");
    const members = await ctx.db
      .query("members")
      .withIndex("by_organization_user", (q) => q.eq("organizationId", organization._id))
      .take(1000);
    for (const member of members) await ctx.db.delete(member._id);
    await ctx.db.patch(organization._id, { externalId: `deleted:${organization._id}` });
    await ctx.scheduler.runAfter(ERASE_AFTER_MS, internal.identity.erase, {
      organizationId: organization._id,
    });
    return null;
  },
});

/** Time for the servers to end the sandboxes of a deleted organization. */
const ERASE_AFTER_MS = 10_000;

/** Removes a deleted organization's rows, a step at a time. */
export const erase = systemMutation({
  args: { organizationId: v.id("organizations") },
  returns: v.null(),
  handler: async (ctx, { organizationId }) => {
    if (await eraseStep(ctx, organizationId))
      await ctx.scheduler.runAfter(50, internal.identity.erase, { organizationId });
    return null;
  },
});

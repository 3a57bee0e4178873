import { type Infer, v } from "convex/values";
import type { Doc, Id } from "./_generated/dataModel";
import type { MutationCtx } from "./_generated/server";
import { DELETED_PERSON } from "#domain/members.ts";
import { refuse, serviceMutation } from "./functions.ts";
import { audit, type AuditEntry } from "./model/audit.ts";
import { enter } from "./model/credits.ts";
import { beginRemoval, wasRemoved } from "./model/removals.ts";
import { addStarterProject } from "./model/starter.ts";
import { role } from "./model/values.ts";

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
    if (
      (await wasRemoved(ctx, { driver, kind: "user", externalId: user.externalId })) ||
      (await wasRemoved(ctx, { driver, kind: "organization", externalId: organization.externalId }))
    )
      throw refuse("account_deleted");
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
      // Once for each person, in the first organization that they make.
      if (welcomeMicroUsd > 0 && knownUser?.welcomed !== true) {
        await ctx.db.patch(userId, { welcomed: true });
        await enter(ctx, {
          organizationId,
          key: "grant:welcome",
          kind: "grant",
          deltaMicroUsd: welcomeMicroUsd,
          description: "Welcome credits",
        });
      }
    } else if (knownOrganization.name !== organization.name || knownOrganization.slug !== organization.slug) {
      const { name, slug } = organization;
      await ctx.db.patch(organizationId, { name, slug });
      await audit(ctx, {
        organizationId,
        actor: { kind: "driver", label: driver },
        action: "organization.renamed",
        target: slug,
        before: { name: knownOrganization.name, slug: knownOrganization.slug },
        after: { name, slug },
      });
    }

    const change = await changeOf(ctx, organizationId, userId);
    const role = change && change.at > assertedAt ? change.role : asserted;
    if (role === null) throw refuse("not_a_member");
    const member = await ctx.db
      .query("members")
      .withIndex("by_organization_user", (q) => q.eq("organizationId", organizationId).eq("userId", userId))
      .unique();
    const seen = { organizationId, actor: { kind: "driver" as const, label: driver } };
    if (!member) {
      await ctx.db.insert("members", { organizationId, userId, role });
      await audit(ctx, {
        ...seen,
        action: knownOrganization ? "member.added" : "organization.created",
        target: knownOrganization ? { userId } : organization.slug,
        after: { role },
      });
    } else if (member.role !== role) {
      await ctx.db.patch(member._id, { role });
      await audit(ctx, {
        ...seen,
        action: "member.role_changed",
        target: { userId },
        before: { role: member.role },
        after: { role },
      });
    }
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

/** Notes a change. @returns false where a later one is known: then nothing is to be done */
async function noteChange(
  ctx: MutationCtx,
  member: Doc<"members">,
  next: Doc<"members">["role"] | null,
  at: number = Date.now(),
): Promise<boolean> {
  const { organizationId, userId } = member;
  const known = await changeOf(ctx, organizationId, userId);
  if (known && known.at > at) return false;
  if (known) await ctx.db.patch(known._id, { role: next, at });
  else await ctx.db.insert("memberChanges", { organizationId, userId, role: next, at });
  return true;
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

/** Who brought a change about, by the driver's own id, and from where. */
const by = v.optional(v.object({ userId: v.optional(v.string()), address: v.optional(v.string()) }));
type By = Infer<typeof by>;

/** Notes a change that the driver told of. */
async function note(
  ctx: MutationCtx,
  driver: string,
  acting: By,
  entry: Omit<AuditEntry, "actor" | "from">,
): Promise<void> {
  const user = acting?.userId === undefined ? null : await userOf(ctx, driver, acting.userId);
  await audit(ctx, {
    ...entry,
    actor: user ? { kind: "member", userId: user._id } : { kind: "driver", label: driver },
    ...(acting?.address !== undefined && { from: { via: "page", address: acting.address } }),
  });
}

/** When the driver's change was made, epoch milliseconds; without it, now. */
const assertedAt = v.optional(v.number());

/** A member's role has changed at the identity driver. One that a later change has overtaken is passed over. */
export const setRole = serviceMutation({
  args: { ...ids, role, assertedAt, by },
  returns: v.null(),
  handler: async (ctx, { role: next, assertedAt: at, by: acting, ...args }) => {
    const member = await memberOf(ctx, args);
    if (!member || !(await noteChange(ctx, member, next, at))) return null;
    if (member.role === next) return null;
    await ctx.db.patch(member._id, { role: next });
    await note(ctx, args.driver, acting, {
      organizationId: member.organizationId,
      action: "member.role_changed",
      target: { userId: member.userId },
      before: { role: member.role },
      after: { role: next },
    });
    return null;
  },
});

/**
 * A member is one no longer, from now on. Their keys end and what they have running stops in steps of their own, so
 * that this never has more to do than it can.
 */
export const removeMember = serviceMutation({
  args: { ...ids, assertedAt, by },
  returns: v.null(),
  handler: async (ctx, { assertedAt: at, by: acting, ...args }) => {
    const member = await memberOf(ctx, args);
    if (!member || !(await noteChange(ctx, member, null, at))) return null;
    await ctx.db.delete(member._id);
    await note(ctx, args.driver, acting, {
      organizationId: member.organizationId,
      action: "member.removed",
      target: { userId: member.userId },
      before: { role: member.role },
    });
    await beginRemoval(ctx, {
      kind: "member",
      driver: args.driver,
      externalId: "",
      organization: member.organizationId,
      user: member.userId,
      message: "The person left the organization.",
    });
    return null;
  },
});

/** A person's account is gone: from now on they are a member nowhere, and what they did loses their name. */
export const removeUser = serviceMutation({
  args: { driver: v.string(), userId: v.string(), by },
  returns: v.null(),
  handler: async (ctx, { driver, userId }) => {
    const user = await userOf(ctx, driver, userId);
    if (!user) return null;
    await ctx.db.patch(user._id, {
      name: DELETED_PERSON,
      email: "",
      externalId: `deleted:${user._id}`,
      deletedAt: Date.now(),
    });
    await beginRemoval(ctx, {
      kind: "user",
      driver,
      externalId: userId,
      user: user._id,
      message: "The person's account was deleted.",
      name: user.name,
    });
    return null;
  },
});

/** An organization is deleted: from now on nobody is a member of it, and its rows go step by step. */
export const removeOrganization = serviceMutation({
  args: { driver: v.string(), organizationId: v.string(), by },
  returns: v.null(),
  handler: async (ctx, { driver, organizationId, by: acting }) => {
    const organization = await organizationOf(ctx, driver, organizationId);
    if (!organization) return null;
    await note(ctx, driver, acting, {
      organizationId: organization._id,
      action: "organization.deleted",
      target: organization.slug,
    });
    await ctx.db.patch(organization._id, {
      externalId: `deleted:${organization._id}`,
      deletedAt: Date.now(),
    });
    await beginRemoval(ctx, {
      kind: "organization",
      driver,
      externalId: organizationId,
      organization: organization._id,
      message: "The organization was deleted.",
    });
    return null;
  },
});

/** Organizations whose audit log tells of one person's act; nobody may join as many. */
const MAX_TOLD = 1_000;

/** The operator has set a person's password: each organization that they belong to is told. */
export const notePasswordReset = serviceMutation({
  args: { driver: v.string(), userId: v.string() },
  returns: v.null(),
  handler: async (ctx, { driver, userId }) => {
    const user = await userOf(ctx, driver, userId);
    if (!user) return null;
    const members = await ctx.db
      .query("members")
      .withIndex("by_user", (q) => q.eq("userId", user._id))
      .take(MAX_TOLD);
    for (const { organizationId } of members)
      await audit(ctx, {
        organizationId,
        actor: { kind: "operator", label: "npm run reset-password" },
        action: "member.password_reset",
        target: { userId: user._id },
        from: { via: "cli" },
      });
    return null;
  },
});

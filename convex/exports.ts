import { paginationOptsValidator } from "convex/server";
import { v } from "convex/values";
import { EXPORT_TABLES } from "#domain/exports.ts";
import { orgQuery, refuse } from "./functions.ts";
import { exportPage } from "./model/exports.ts";
import { Names } from "./model/people.ts";
import { isHidden } from "./model/session-imports.ts";
import { toSession } from "./model/sessions.ts";
import { session } from "./model/returns.ts";
import { literals } from "./model/zod-validator.ts";

/** As many rows are read at a time, at most: events can be large. */
const MAX_ROWS = 100;
const MAX_MEMBERSHIPS = 200;

/** A page of one part of the organization's data, without hashes, ciphertexts and other secrets. */
export const page = orgQuery({
  min: "admin",
  scope: "organization:export",
  args: {
    table: literals(EXPORT_TABLES),
    paginationOpts: paginationOptsValidator,
  },
  returns: v.object({
    page: v.array(v.record(v.string(), v.any())),
    isDone: v.boolean(),
    continueCursor: v.string(),
  }),
  handler: async (ctx, { table, paginationOpts }) =>
    await exportPage(ctx, ctx.caller.organizationId, table, {
      ...paginationOpts,
      numItems: Math.min(paginationOpts.numItems, MAX_ROWS),
    }),
});

/** Whose data an export is. */
export const organization = orgQuery({
  min: "admin",
  scope: "organization:export",
  args: {},
  returns: v.object({ id: v.id("organizations"), name: v.string(), slug: v.string() }),
  handler: async (ctx) => {
    const row = await ctx.db.get(ctx.caller.organizationId);
    if (!row) throw refuse("organization_deleted");
    return { id: row._id, name: row.name, slug: row.slug };
  },
});

const membership = v.object({
  organizationId: v.id("organizations"),
  name: v.string(),
  slug: v.string(),
  role: v.string(),
});

/** Who the caller is, and where they are a member. A key knows of its own organization alone. */
export const profile = orgQuery({
  min: "viewer",
  scope: "sessions:read",
  args: {},
  returns: v.object({
    userId: v.id("users"),
    name: v.string(),
    email: v.string(),
    createdAt: v.number(),
    organizationId: v.id("organizations"),
    memberships: v.array(membership),
  }),
  handler: async (ctx) => {
    const { user, organizationId, key } = ctx.caller;
    const rows = await ctx.db
      .query("members")
      .withIndex("by_user", (q) => q.eq("userId", user._id))
      .take(MAX_MEMBERSHIPS);
    const seen = rows.filter((row) => key === null || row.organizationId === organizationId);
    const memberships = await Promise.all(
      seen.map(async (row) => {
        const organization = await ctx.db.get(row.organizationId);
        return organization
          ? {
              organizationId: organization._id,
              name: organization.name,
              slug: organization.slug,
              role: row.role,
            }
          : null;
      }),
    );
    return {
      userId: user._id,
      name: user.name,
      email: user.email,
      createdAt: Math.floor(user._creationTime),
      organizationId,
      memberships: memberships.filter((entry) => entry !== null),
    };
  },
});

/** The caller's own sessions in the organization, oldest first. */
export const ownSessions = orgQuery({
  min: "viewer",
  scope: "sessions:read",
  args: { paginationOpts: paginationOptsValidator },
  returns: v.object({ page: v.array(session), isDone: v.boolean(), continueCursor: v.string() }),
  handler: async (ctx, { paginationOpts }) => {
    const {
      page: rows,
      isDone,
      continueCursor,
    } = await ctx.db
      .query("sandboxSessions")
      .withIndex("by_user_organization", (q) =>
        q.eq("userId", ctx.caller.user._id).eq("organizationId", ctx.caller.organizationId),
      )
      .paginate({ ...paginationOpts, numItems: Math.min(paginationOpts.numItems, MAX_ROWS) });
    const names = new Names(ctx);
    const whole = rows.filter((row) => !isHidden(row));
    const page = await Promise.all(whole.map(async (row) => await toSession(ctx, row, names)));
    return { page, isDone, continueCursor };
  },
});

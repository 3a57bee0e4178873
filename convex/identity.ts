import { v } from "convex/values";
import { serviceMutation } from "./functions.ts";
import { enter } from "./model/credits.ts";
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
    /** What a new organization starts with; 0 for nothing. */
    welcomeMicroUsd: v.number(),
  },
  returns: v.object({ userId: v.id("users"), organizationId: v.id("organizations") }),
  handler: async (ctx, { driver, user, organization, role, welcomeMicroUsd }) => {
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

    const member = await ctx.db
      .query("members")
      .withIndex("by_organization_user", (q) => q.eq("organizationId", organizationId).eq("userId", userId))
      .unique();
    if (!member) await ctx.db.insert("members", { organizationId, userId, role });
    else if (member.role !== role) await ctx.db.patch(member._id, { role });
    return { userId, organizationId };
  },
});

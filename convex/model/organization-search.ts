import type { Doc, Id } from "../_generated/dataModel";
import type { QueryCtx } from "../_generated/server";

/** Accounts that one address may have, and organizations of one person that are looked at. */
const MAX_PEOPLE = 5;
const MAX_MEMBERSHIPS = 50;

type Organization = Doc<"organizations">;

/** Organizations of the people who have exactly this address. */
async function ofMember(ctx: QueryCtx, address: string): Promise<(Organization | null)[]> {
  const { db } = ctx;
  const found = await Promise.all(
    // As it was typed, too: not every driver keeps addresses in small letters.
    [...new Set([address, address.toLowerCase()])].map(
      async (email) =>
        await db
          .query("users")
          .withIndex("by_email", (q) => q.eq("email", email))
          .take(MAX_PEOPLE),
    ),
  );
  const memberships = await Promise.all(
    found.flat().map(
      async ({ _id }) =>
        await db
          .query("members")
          .withIndex("by_user", (q) => q.eq("userId", _id))
          .take(MAX_MEMBERSHIPS),
    ),
  );
  return await Promise.all(
    memberships.flat().map(async ({ organizationId }) => await db.get(organizationId)),
  );
}

/**
 * Organizations that an operator looks for: by a member's whole address; else by what the slug begins with, and then by
 * words of the name, of which the last may be incomplete.
 * @returns the best matches, at most `most`, and whether there are more
 */
export async function findOrganizations(
  ctx: QueryCtx,
  text: string,
  most: number,
): Promise<{ found: Organization[]; isCut: boolean }> {
  const { db } = ctx;
  const slug = text.toLowerCase().replaceAll(/\s+/g, "-");
  const all = text.includes("@")
    ? await ofMember(ctx, text)
    : [
        ...(await db
          .query("organizations")
          .withIndex("by_slug", (q) => q.gte("slug", slug).lt("slug", `${slug}\uffff`))
          .take(most + 1)),
        ...(await db
          .query("organizations")
          .withSearchIndex("by_name", (q) => q.search("name", text))
          .take(most + 1)),
      ];
  const known = new Map<Id<"organizations">, Organization>();
  for (const one of all) if (one && one.deletedAt === undefined) known.set(one._id, one);
  return { found: [...known.values()].slice(0, most), isCut: known.size > most };
}

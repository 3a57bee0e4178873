import { z } from "zod";
import { roleFromExternal } from "#domain/roles.ts";
import type { SignedIn } from "./driver.ts";

/**
 * What is read of a Clerk session token. Version 2 nests the organization (`o`), older ones and legacy templates
 * have `org_*`; name and email are there where the instance's session token is set up to carry them.
 */
const claimsSchema = z.object({
  sub: z.string(),
  /** When the token was made, in seconds. */
  iat: z.number(),
  /** `pending`: signed in, but with something still to do, such as choosing an organization. */
  sts: z.string().optional(),
  o: z.object({ id: z.string(), slg: z.string().optional(), rol: z.string().optional() }).optional(),
  org_id: z.string().optional(),
  org_slug: z.string().optional(),
  org_role: z.string().optional(),
  org_name: z.string().optional(),
  name: z.string().optional(),
  email: z.string().optional(),
});

/** A verified token's person and organization; null where the token's session is not complete. */
export function fromClerkClaims(payload: unknown): SignedIn | null {
  const parsed = claimsSchema.safeParse(payload);
  if (!parsed.success || parsed.data.sts === "pending") return null;
  const { sub, iat, o, org_id, org_slug, org_role, org_name, name, email } = parsed.data;
  const user = { externalId: sub, name: name ?? email ?? "Member", email: email ?? "" };
  const assertedAt = iat * 1000;
  const id = o?.id ?? org_id;
  if (id === undefined) return { driver: "clerk", user, organization: null, role: "viewer", assertedAt };
  const slug = o?.slg ?? org_slug ?? id;
  return {
    driver: "clerk",
    user,
    organization: { externalId: id, name: org_name ?? slug, slug },
    role: roleFromExternal(o?.rol ?? org_role),
    assertedAt,
  };
}

import type { Role } from "#domain/roles.ts";

/** Who signs people in: Clerk, or Better Auth in this process. Their ids are apart. */
export type Driver = "clerk" | "embedded";

/** What an identity driver says of a signed-in person. Ids are the driver's own. */
export interface SignedIn {
  driver: Driver;
  user: { externalId: string; name: string; email: string };
  /** The organization they work in now; null until they have made or joined one. */
  organization: { externalId: string; name: string; slug: string } | null;
  role: Role;
  /** When the driver said so, epoch milliseconds. */
  assertedAt: number;
}

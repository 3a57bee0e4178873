import type { Role } from "../../domain/roles.ts";

/** What an identity driver says of a signed-in person. Ids are the driver's own. */
export interface SignedIn {
  driver: "embedded";
  user: { externalId: string; name: string; email: string };
  /** The organization they work in now; null until they have made or joined one. */
  organization: { externalId: string; name: string; slug: string } | null;
  role: Role;
}

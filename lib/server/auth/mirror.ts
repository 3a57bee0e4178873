import { api } from "../../../convex/_generated/api.js";
import type { Role } from "../../domain/roles.ts";
import { serviceData } from "../convex/client.ts";

const DRIVER = "embedded";

/** A person's role has changed: it counts from their next call on. */
export async function mirrorRole(userId: string, organizationId: string, role: Role): Promise<void> {
  await serviceData().mutation(api.identity.setRole, { driver: DRIVER, userId, organizationId, role });
}

/** A person has left, or was removed: their sessions stop, their keys end. */
export async function forgetMember(userId: string, organizationId: string): Promise<void> {
  await serviceData().mutation(api.identity.removeMember, { driver: DRIVER, userId, organizationId });
}

/** A person has deleted their account. What they did stays, without their name. */
export async function forgetUser(userId: string): Promise<void> {
  await serviceData().mutation(api.identity.removeUser, { driver: DRIVER, userId });
}

/** An organization is deleted, with everything that it has. */
export async function forgetOrganization(organizationId: string): Promise<void> {
  await serviceData().mutation(api.identity.removeOrganization, { driver: DRIVER, organizationId });
}

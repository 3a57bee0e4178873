import { api } from "../../../convex/_generated/api.js";
import type { Role } from "../../domain/roles.ts";
import { serviceData } from "../convex/client.ts";
import { singleton } from "../singleton.ts";
import type { Driver } from "./driver.ts";

/** What was mirrored lately: whoever comes back after a change is mirrored anew. */
export const mirrored = <T>() => singleton("mirrored", () => new Map<string, T>());

/** A person's role has changed: it counts from their next call on. */
export async function mirrorRole(
  driver: Driver,
  userId: string,
  organizationId: string,
  role: Role,
  assertedAt?: number,
): Promise<void> {
  await serviceData().mutation(api.identity.setRole, {
    driver,
    userId,
    organizationId,
    role,
    ...(assertedAt !== undefined && { assertedAt }),
  });
  mirrored().clear();
}

/** A person has left, or was removed: their sessions stop, their keys end. */
export async function forgetMember(
  driver: Driver,
  userId: string,
  organizationId: string,
  assertedAt?: number,
): Promise<void> {
  await serviceData().mutation(api.identity.removeMember, {
    driver,
    userId,
    organizationId,
    ...(assertedAt !== undefined && { assertedAt }),
  });
  mirrored().clear();
}

/** A person has deleted their account. What they did stays, without their name. */
export async function forgetUser(driver: Driver, userId: string): Promise<void> {
  await serviceData().mutation(api.identity.removeUser, { driver, userId });
}

/** An organization is deleted, with everything that it has. */
export async function forgetOrganization(driver: Driver, organizationId: string): Promise<void> {
  await serviceData().mutation(api.identity.removeOrganization, { driver, organizationId });
}

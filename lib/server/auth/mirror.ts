import { api } from "#convex/_generated/api.js";
import type { Principal } from "#domain/principal.ts";
import type { Role } from "#domain/roles.ts";
import { cacheOf } from "../cache.ts";
import { serviceData } from "../convex/client.ts";
import type { Acting } from "./acting.ts";
import type { Driver } from "./driver.ts";

/** How long a mirrored identity is taken as mirrored; Convex checks the live member row at every call anyhow. */
const MIRROR_MS = 30_000;
const MAX_MIRRORED = 1_000;

/** Who was mirrored lately: a person who comes back after a change is mirrored again. */
export const mirrored = () =>
  cacheOf<Extract<Principal, { kind: "member" }>>("mirrored", { max: MAX_MIRRORED, ttlMs: MIRROR_MS });

/** Who brought a change about, for the audit log, and when the driver says that it was made (epoch milliseconds). */
interface Told {
  by?: Acting | undefined;
  assertedAt?: number;
}

interface MemberId {
  driver: Driver;
  userId: string;
  organizationId: string;
}

const told = ({ by, assertedAt }: Told) => ({
  ...(by && { by }),
  ...(assertedAt !== undefined && { assertedAt }),
});

/** A person's role has changed: it counts from their next call on. */
export async function mirrorRole(member: MemberId, role: Role, how: Told = {}): Promise<void> {
  await serviceData().mutation(api.identity.setRole, { ...member, role, ...told(how) });
  mirrored().clear();
}

/** A person has left, or was removed: their sessions stop, their keys end. */
export async function forgetMember(member: MemberId, how: Told = {}): Promise<void> {
  await serviceData().mutation(api.identity.removeMember, { ...member, ...told(how) });
  mirrored().clear();
}

/** A person has deleted their account. What they did stays, without their name. */
export async function forgetUser(driver: Driver, userId: string, how: Pick<Told, "by"> = {}): Promise<void> {
  await serviceData().mutation(api.identity.removeUser, { driver, userId, ...told(how) });
  mirrored().clear();
}

/** An organization is deleted, with everything that it has. */
export async function forgetOrganization(
  driver: Driver,
  organizationId: string,
  how: Pick<Told, "by"> = {},
): Promise<void> {
  await serviceData().mutation(api.identity.removeOrganization, { driver, organizationId, ...told(how) });
  mirrored().clear();
}

/** The operator has reset a person's password: the audit logs of their organizations tell of it. */
export async function notePasswordReset(driver: Driver, userId: string): Promise<void> {
  await serviceData().mutation(api.identity.notePasswordReset, { driver, userId });
}

/** What a person can be in an organization, at the embedded driver; the first may do the most. */
export const MEMBER_ROLES = ["owner", "admin", "member", "viewer"] as const;
export type MemberRole = (typeof MEMBER_ROLES)[number];

/** Stands where the name of someone stood whose account is gone. */
export const DELETED_PERSON = "Deleted person";

/** A member of an organization, by the driver's own ids. `joinedAt` is epoch milliseconds. */
export interface OrganizationMember {
  memberId: string;
  userId: string;
  name: string;
  email: string;
  role: MemberRole;
  joinedAt: number;
}

/** An invitation that can still be accepted. Whoever has its id, and signs in with its address, can. */
export interface PendingInvitation {
  id: string;
  email: string;
  role: MemberRole;
  /** Epoch milliseconds. */
  expiresAt: number;
}

/** An invitation as its link shows it. Only an `open` one can be accepted. */
export interface ShownInvitation {
  id: string;
  organization: string;
  inviter: string;
  email: string;
  role: MemberRole;
  state: "open" | "expired" | "accepted" | "declined" | "withdrawn";
}

export interface OrganizationMembers {
  organizationId: string;
  name: string;
  members: readonly OrganizationMember[];
  /** Empty for those who may not invite. */
  invitations: readonly PendingInvitation[];
}

type Moment = string | Date;

/** An organization as the driver answers it: with dates in the server, with their text behind its API. */
export interface DriverOrganization {
  id: string;
  name: string;
  members: readonly {
    id: string;
    userId: string;
    role: string;
    createdAt: Moment;
    user: { name: string; email: string };
  }[];
  invitations: readonly { id: string; email: string; role: string; status: string; expiresAt: Moment }[];
}

/** The role behind the driver's word; of several, the one that may do the most; of none that is known, viewer. */
export function memberRole(word: string): MemberRole {
  const words = word.split(",").map((part) => part.trim());
  return MEMBER_ROLES.find((role) => words.includes(role)) ?? "viewer";
}

/** Members with those who may do the most first, then by name; invitations that can still be accepted. */
export function membersOf(organization: DriverOrganization, now: number): OrganizationMembers {
  const members = organization.members.map((member) => ({
    memberId: member.id,
    userId: member.userId,
    name: member.user.name,
    email: member.user.email,
    role: memberRole(member.role),
    joinedAt: new Date(member.createdAt).getTime(),
  }));
  const rank = (person: OrganizationMember) => MEMBER_ROLES.indexOf(person.role);
  return {
    organizationId: organization.id,
    name: organization.name,
    members: members.toSorted((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name)),
    invitations: organization.invitations
      .filter(({ status, expiresAt }) => status === "pending" && new Date(expiresAt).getTime() > now)
      .map(({ id, email, role, expiresAt }) => ({
        id,
        email,
        role: memberRole(role),
        expiresAt: new Date(expiresAt).getTime(),
      })),
  };
}

/** Whether a person of this role may invite, and change others. */
export const managesMembers = (role: MemberRole): boolean => role === "owner" || role === "admin";

/** The roles that a person of role `mine` can give: only an owner can make an owner. */
export function rolesToGive(mine: MemberRole): readonly MemberRole[] {
  if (mine === "owner") return MEMBER_ROLES;
  return mine === "admin" ? MEMBER_ROLES.filter((role) => role !== "owner") : [];
}

/** Why a person of role `mine` may not change or remove one of role `theirs`; undefined where they may. */
export function whyFixed(mine: MemberRole, theirs: MemberRole, owners: number): string | undefined {
  if (!managesMembers(mine)) return "Only owners and admins can change roles.";
  if (theirs !== "owner") return undefined;
  if (owners <= 1) return "The only owner. Make someone else an owner first.";
  return mine === "owner" ? undefined : "Only an owner can change an owner.";
}

import type { MemberRole } from "#domain/members.ts";

/** A role's name, and what it is in a sentence: "as an admin". */
export const ROLE_LABELS: Record<MemberRole, { name: string; as: string; may: string }> = {
  owner: { name: "Owner", as: "an owner", may: "Can do everything, including deleting the organization." },
  admin: {
    name: "Admin",
    as: "an admin",
    may: "Manages members, keys, and billing, and works in production.",
  },
  member: {
    name: "Member",
    as: "a member",
    may: "Starts sessions in development and answers approvals there.",
  },
  viewer: {
    name: "Viewer",
    as: "a viewer",
    may: "Watches sessions and sees what they cost; can't change anything.",
  },
};

/** Roles to choose from. */
export const roleOptions = (roles: readonly MemberRole[]) =>
  roles.map((value) => ({ value, name: ROLE_LABELS[value].name }));

import { z } from "zod";
import { MEMBER_ROLES } from "#domain/members.ts";
import type { RouteTable } from "../route.ts";

/**
 * The part of the embedded identity driver's own API that Studio's pages use. Its responses have more fields than
 * these, and its refusals are `{code, message}`.
 */
const role = z.enum(MEMBER_ROLES);
const invitationId = z.object({ invitationId: z.string() });
const organizationId = z.object({ organizationId: z.string() });
const member = z.looseObject({
  id: z.string(),
  userId: z.string(),
  role: z.string(),
  createdAt: z.string(),
  user: z.looseObject({ name: z.string(), email: z.string() }),
});
const invitation = z.looseObject({
  id: z.string(),
  organizationId: z.string(),
  email: z.string(),
  role: z.string(),
  status: z.string(),
  expiresAt: z.string(),
});
const organization = z.looseObject({ id: z.string(), name: z.string(), slug: z.string() });
const signedIn = z.looseObject({
  user: z.looseObject({ id: z.string(), name: z.string(), email: z.string() }),
});
const done = { status: 200, json: z.unknown() } as const;

export const IDENTITY_ROUTES = {
  "POST /api/auth/sign-up/email": {
    id: "signUp",
    tag: "Identity",
    summary: "Create an account",
    access: "public",
    body: z.object({ name: z.string(), email: z.email(), password: z.string() }),
    response: { status: 200, json: signedIn },
  },
  "POST /api/auth/sign-in/email": {
    id: "signIn",
    tag: "Identity",
    summary: "Sign in",
    access: "public",
    body: z.object({ email: z.email(), password: z.string() }),
    response: { status: 200, json: signedIn },
  },
  "POST /api/auth/sign-out": {
    id: "signOut",
    tag: "Identity",
    summary: "Sign out",
    access: "cookie",
    body: z.object({}),
    response: done,
  },
  "POST /api/auth/change-password": {
    id: "changePassword",
    tag: "Identity",
    summary: "Change the password",
    access: "cookie",
    body: z.object({
      currentPassword: z.string(),
      newPassword: z.string(),
      revokeOtherSessions: z.boolean().optional(),
    }),
    response: done,
  },
  "POST /api/auth/delete-user": {
    id: "deleteAccount",
    tag: "Identity",
    summary: "Delete the account",
    access: "cookie",
    body: z.object({ password: z.string() }),
    response: done,
  },
  "GET /api/auth/organization/list": {
    id: "listOrganizations",
    tag: "Identity",
    summary: "List your organizations",
    access: "cookie",
    response: { status: 200, json: z.array(organization) },
  },
  "GET /api/auth/organization/get-full-organization": {
    id: "getOrganization",
    tag: "Identity",
    summary: "Get the organization with its members and invitations",
    access: "cookie",
    response: {
      status: 200,
      json: organization.extend({ members: z.array(member), invitations: z.array(invitation) }),
    },
  },
  "POST /api/auth/organization/create": {
    id: "createOrganization",
    tag: "Identity",
    summary: "Create an organization",
    access: "cookie",
    body: z.object({ name: z.string(), slug: z.string() }),
    response: { status: 200, json: organization },
  },
  "POST /api/auth/organization/set-active": {
    id: "setActiveOrganization",
    tag: "Identity",
    summary: "Switch to another organization",
    access: "cookie",
    body: organizationId,
    response: done,
  },
  "POST /api/auth/organization/update": {
    id: "renameOrganization",
    tag: "Identity",
    summary: "Rename the organization",
    access: "cookie",
    body: organizationId.extend({ data: z.object({ name: z.string() }) }),
    response: done,
  },
  "POST /api/auth/organization/leave": {
    id: "leaveOrganization",
    tag: "Identity",
    summary: "Leave an organization",
    access: "cookie",
    body: organizationId,
    response: done,
  },
  "POST /api/auth/organization/delete": {
    id: "deleteOrganization",
    tag: "Identity",
    summary: "Delete an organization",
    access: "cookie",
    body: organizationId,
    response: done,
  },
  "POST /api/auth/organization/invite-member": {
    id: "inviteMember",
    tag: "Identity",
    summary: "Invite a person",
    access: "cookie",
    body: z.object({ email: z.email(), role }),
    response: { status: 200, json: invitation },
  },
  "POST /api/auth/organization/cancel-invitation": {
    id: "cancelInvitation",
    tag: "Identity",
    summary: "Withdraw an invitation",
    access: "cookie",
    body: invitationId,
    response: done,
  },
  "POST /api/auth/organization/reject-invitation": {
    id: "declineInvitation",
    tag: "Identity",
    summary: "Decline an invitation",
    access: "cookie",
    body: invitationId,
    response: done,
  },
  "POST /api/auth/organization/accept-invitation": {
    id: "acceptInvitation",
    tag: "Identity",
    summary: "Accept an invitation",
    access: "cookie",
    body: invitationId,
    response: {
      status: 200,
      json: z.looseObject({ invitation: z.looseObject({ organizationId: z.string() }) }),
    },
  },
  "POST /api/auth/organization/update-member-role": {
    id: "setMemberRole",
    tag: "Identity",
    summary: "Change a member's role",
    access: "cookie",
    body: z.object({ memberId: z.string(), role }),
    response: done,
  },
  "POST /api/auth/organization/remove-member": {
    id: "removeMember",
    tag: "Identity",
    summary: "Remove a member",
    access: "cookie",
    body: z.object({ memberIdOrEmail: z.string() }),
    response: done,
  },
} as const satisfies RouteTable;

import {
  type DriverOrganization,
  type OrganizationMembers,
  membersOf,
  type MemberRole,
} from "../domain/members.ts";
import { ApiError, request } from "./api.ts";

/** What the identity driver's refusals mean for the person. Others are shown in its own words. */
const SENTENCES: Record<string, string> = {
  USER_IS_ALREADY_A_MEMBER_OF_THIS_ORGANIZATION: "This person is already a member.",
  INVITATION_LIMIT_REACHED: "There are too many open invitations. Cancel some first.",
  ORGANIZATION_MEMBERSHIP_LIMIT_REACHED:
    "The organization is full. Ask the person who invited you to make room.",
  INVITATION_NOT_FOUND: "This invitation is no longer open. Ask for a new one.",
  MEMBER_NOT_FOUND: "This person is no longer a member, or you aren't. Reload the page.",
  YOU_CANNOT_LEAVE_THE_ORGANIZATION_AS_THE_ONLY_OWNER:
    "The only owner can't leave. Make someone else an owner, or delete the organization.",
  YOU_CANNOT_LEAVE_THE_ORGANIZATION_WITHOUT_AN_OWNER:
    "An organization needs at least one owner. Make someone else an owner first.",
};

async function call<T = unknown>(path: string, body?: Record<string, unknown>): Promise<T> {
  const method = body === undefined ? "GET" : "POST";
  try {
    return await request<T>(method, `/api/auth/organization/${path}`, body && { body });
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const isForbidden = error.code.startsWith("YOU_ARE_NOT_ALLOWED");
    const sentence = SENTENCES[error.code] ?? (isForbidden ? "Your role doesn't allow this." : undefined);
    if (sentence === undefined) throw error;
    // The driver calls a person whose role is too small signed out.
    throw new ApiError(sentence, { code: error.code, status: isForbidden ? 403 : error.status });
  }
}

/** The members of the organization one works in, and to those who may invite, the open invitations. */
export async function fetchMembers(): Promise<OrganizationMembers> {
  return membersOf(await call<DriverOrganization>("get-full-organization"), Date.now());
}

/** Invites a person; an older open invitation to the same address ends. Nobody is mailed. */
export const invite = (email: string, role: MemberRole) =>
  call<{ id: string }>("invite-member", { email, role });

export const cancelInvitation = (invitationId: string) => call("cancel-invitation", { invitationId });
export const declineInvitation = (invitationId: string) => call("reject-invitation", { invitationId });

/** Joins the organization that invites, and works in it from now on. */
export async function acceptInvitation(invitationId: string): Promise<void> {
  const { invitation } = await call<{ invitation: { organizationId: string } }>("accept-invitation", {
    invitationId,
  });
  await setActive(invitation.organizationId);
}

export const setRole = (memberId: string, role: MemberRole) => call("update-member-role", { memberId, role });
export const removeMember = (memberId: string) => call("remove-member", { memberIdOrEmail: memberId });
export const renameOrganization = (organizationId: string, name: string) =>
  call("update", { organizationId, data: { name } });

export interface OrganizationEntry {
  id: string;
  name: string;
}
export const listOrganizations = () => call<OrganizationEntry[]>("list");

/** Switches to another organization; the page must be reloaded after it. */
export const setActive = (organizationId: string) => call("set-active", { organizationId });

/** Goes on in another organization of the person's, or to where they make one; the whole page is loaded. */
async function goOn(): Promise<void> {
  const [next] = await listOrganizations();
  if (next) await setActive(next.id);
  window.location.assign(next ? "/studio" : "/organizations/new");
}

export async function leaveOrganization(organizationId: string): Promise<void> {
  await call("leave", { organizationId });
  await goOn();
}

/** Deletes an organization with all it has, for good. */
export async function deleteOrganization(organizationId: string): Promise<void> {
  await call("delete", { organizationId });
  await goOn();
}

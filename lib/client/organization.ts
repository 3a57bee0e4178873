import { membersOf, type MemberRole, type OrganizationMembers } from "#domain/members.ts";
import { ApiError, call } from "./api.ts";
import { serverNow } from "./server-clock.ts";

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

/** A call of the identity driver, whose refusals are put into words for a person. @throws ApiError */
async function worded<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
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
  return membersOf(await worded(call("GET /api/auth/organization/get-full-organization")), serverNow());
}

/** Invites a person; an older open invitation to the same address ends. Nobody is mailed. */
export const invite = async (email: string, role: MemberRole) =>
  await worded(call("POST /api/auth/organization/invite-member", { body: { email, role } }));

export const cancelInvitation = async (invitationId: string) =>
  await worded(call("POST /api/auth/organization/cancel-invitation", { body: { invitationId } }));
export const declineInvitation = async (invitationId: string) =>
  await worded(call("POST /api/auth/organization/reject-invitation", { body: { invitationId } }));

/** Joins the organization that invites, and works in it from now on. */
export async function acceptInvitation(invitationId: string): Promise<void> {
  const { invitation } = await worded(
    call("POST /api/auth/organization/accept-invitation", { body: { invitationId } }),
  );
  await setActive(invitation.organizationId);
}

export const setRole = async (memberId: string, role: MemberRole) =>
  await worded(call("POST /api/auth/organization/update-member-role", { body: { memberId, role } }));
export const removeMember = async (memberId: string) =>
  await worded(call("POST /api/auth/organization/remove-member", { body: { memberIdOrEmail: memberId } }));
export const renameOrganization = async (organizationId: string, name: string) =>
  await worded(call("POST /api/auth/organization/update", { body: { organizationId, data: { name } } }));

export interface OrganizationEntry {
  id: string;
  name: string;
}
export const listOrganizations = async (): Promise<OrganizationEntry[]> =>
  await worded(call("GET /api/auth/organization/list"));

/** Switches to another organization; the page must be reloaded after it. */
export const setActive = async (organizationId: string) =>
  await worded(call("POST /api/auth/organization/set-active", { body: { organizationId } }));

/** Goes on in another organization of the person's, or to where they make one; the whole page is loaded. */
async function goOn(): Promise<void> {
  const [next] = await listOrganizations();
  if (next) await setActive(next.id);
  window.location.assign(next ? "/studio" : "/organizations/new");
}

export async function leaveOrganization(organizationId: string): Promise<void> {
  await worded(call("POST /api/auth/organization/leave", { body: { organizationId } }));
  await goOn();
}

/** Deletes an organization with all it has, for good. */
export async function deleteOrganization(organizationId: string): Promise<void> {
  await worded(call("POST /api/auth/organization/delete", { body: { organizationId } }));
  await goOn();
}

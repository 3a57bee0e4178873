import { type People, peopleOf, type PersonRole } from "../domain/people.ts";
import { ApiError, call } from "./api.ts";
import { client as t } from "./messages/client.ts";

/** What the identity driver's refusals mean for the person. Others are shown in its own words. */
const WORDS: Record<string, string> = {
  USER_IS_ALREADY_A_MEMBER_OF_THIS_ORGANIZATION: t.thisPersonIsAMember,
  INVITATION_LIMIT_REACHED: t.tooManyInvitationsAreOpen,
  ORGANIZATION_MEMBERSHIP_LIMIT_REACHED: t.theOrganizationIsFullAsk,
  INVITATION_NOT_FOUND: t.thisInvitationIsNotOpen,
  MEMBER_NOT_FOUND: t.thisPersonIsAMemberNo,
  YOU_CANNOT_LEAVE_THE_ORGANIZATION_AS_THE_ONLY_OWNER: t.theOnlyOwnerCannotGo,
  YOU_CANNOT_LEAVE_THE_ORGANIZATION_WITHOUT_AN_OWNER: t.anOrganizationHasAtLeast,
};

/** A call of the identity driver, whose refusals are put into words for a person. @throws ApiError */
async function worded<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const barred = error.code.startsWith("YOU_ARE_NOT_ALLOWED");
    const words = WORDS[error.code] ?? (barred ? t.yourRoleDoesNotAllow : undefined);
    if (words === undefined) throw error;
    // The driver calls a person whose role is too small signed out.
    throw new ApiError(words, { code: error.code, status: barred ? 403 : error.status });
  }
}

/** The members of the organization one works in, and to those who may invite, the open invitations. */
export async function fetchPeople(): Promise<People> {
  return peopleOf(await worded(call("GET /api/auth/organization/get-full-organization")), Date.now());
}

/** Invites a person; an older open invitation to the same address ends. Nobody is mailed. */
export const invite = async (email: string, role: PersonRole) =>
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

export const setRole = async (memberId: string, role: PersonRole) =>
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

/** Works in another organization; the page is loaded anew after it. */
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

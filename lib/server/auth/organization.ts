import { type OrganizationMembers, membersOf, memberRole, type ShownInvitation } from "#domain/members.ts";
import { instance } from "./embedded.ts";

/** The members of the organization one works in; null where that is none. For the embedded driver. */
export async function membersHere(headers: Headers): Promise<OrganizationMembers | null> {
  const full = await (await instance()).api.getFullOrganization({ headers });
  return full && membersOf(full, Date.now());
}

/** The organizations that the signed-in person is a member of. */
export async function organizationsOf(headers: Headers): Promise<{ id: string; name: string }[]> {
  const found = await (await instance()).api.listOrganizations({ headers });
  return found.map(({ id, name }) => ({ id, name }));
}

interface InvitationRow {
  id: string;
  organizationId: string;
  inviterId: string;
  email: string;
  role: string | null;
  status: string;
  expiresAt: Date | string;
}

const STATES: Record<string, ShownInvitation["state"]> = {
  accepted: "accepted",
  rejected: "declined",
  canceled: "withdrawn",
};

/** What an invitation's link leads to, for whoever has the link; null where there is no such invitation. */
export async function invitationOf(id: string): Promise<ShownInvitation | null> {
  const { adapter } = await (await instance()).$context;
  const byId = async <T>(model: string, value: string) =>
    await adapter.findOne<T>({ model, where: [{ field: "id", value }] });
  const row = await byId<InvitationRow>("invitation", id);
  if (!row) return null;
  const organization = await byId<{ name: string }>("organization", row.organizationId);
  if (!organization) return null;
  const inviter = await byId<{ name: string }>("user", row.inviterId);
  const over = new Date(row.expiresAt).getTime() <= Date.now();
  return {
    id: row.id,
    organization: organization.name,
    inviter: inviter?.name ?? "A former member",
    email: row.email,
    role: memberRole(row.role ?? ""),
    state: STATES[row.status] ?? (over ? "expired" : "open"),
  };
}

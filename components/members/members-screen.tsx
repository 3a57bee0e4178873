"use client";

import { LogOut, UserPlus } from "lucide-react";
import { useState } from "react";
import { type ApiError, asApiError } from "../../lib/client/api.ts";
import {
  cancelInvitation,
  fetchMembers,
  leaveOrganization,
  removeMember,
  setRole,
} from "../../lib/client/organization.ts";
import {
  managesMembers,
  type OrganizationMembers,
  type OrganizationMember,
  type MemberRole,
} from "../../lib/domain/members.ts";
import { ProblemNotice } from "../common/problem-notice.tsx";
import { PageHead } from "../settings/page-head.tsx";
import { ConfirmDialog } from "../ui/confirm-dialog.tsx";
import { Notice } from "../ui/notice.tsx";
import { InviteForm } from "./invite-form.tsx";
import { MembersTable } from "./members-table.tsx";
import { NewInvitation } from "./new-invitation.tsx";
import { DeleteOrganization, RenameOrganization } from "./organization-card.tsx";
import { RoleTable } from "./role-table.tsx";
import { plural } from "../../lib/domain/plural.ts";

type Asked = { kind: "remove"; person: OrganizationMember } | { kind: "leave" };

/** Where Clerk signs people in, it has its own pages for this. */
export function ClerkMembers() {
  return (
    <>
      <PageHead title="Members & roles">Roles control what members can do.</PageHead>
      <div className="grid grid-cols-[minmax(0,1fr)] gap-5">
        <Notice tone="info" title="Members are managed in Clerk">
          <p>Manage members, roles, and invitations in the organization's own pages at Clerk.</p>
        </Notice>
        <RoleTable />
      </div>
    </>
  );
}

function count(organization: OrganizationMembers): string {
  const { members, invitations } = organization;
  return invitations.length === 0
    ? `${members.length} ${plural(members.length, "member", "members")}.`
    : `${members.length} ${plural(members.length, "member", "members")}, ${invitations.length} invited.`;
}

/** Who is in the organization, as what, and who is invited. @param origin what invitations' links begin with */
export function MembersScreen({
  initial,
  me,
  origin,
}: {
  initial: OrganizationMembers;
  me: string;
  origin: string;
}) {
  const [organization, setOrganization] = useState(initial);
  const [inviting, setInviting] = useState(false);
  const [made, setMade] = useState<{ id: string; email: string; role: MemberRole }>();
  const [asked, setAsked] = useState<Asked>();
  const [busy, setBusy] = useState<string>();
  const [problem, setProblem] = useState<{ title: string; error: ApiError }>();
  const self = organization.members.find(({ userId }) => userId === me);
  const mine = self?.role ?? "viewer";
  const manages = managesMembers(mine);
  const owners = organization.members.filter(({ role }) => role === "owner").length;
  const stuck = mine === "owner" && owners === 1;
  const linkOf = (id: string) => `${origin}/invite/${id}`;

  const refresh = async () => {
    try {
      setOrganization(await fetchMembers());
    } catch (error) {
      setProblem((before) => before ?? { title: "This list may be out of date", error: asApiError(error) });
    }
  };
  /** Does something about a row, and shows what the list is after it, done or refused. */
  const act = async (row: string, title: string, change: () => Promise<unknown>) => {
    setBusy(row);
    setProblem(undefined);
    try {
      await change();
    } catch (error) {
      setProblem({ title, error: asApiError(error) });
    }
    await refresh();
    setBusy(undefined);
  };
  const changeRole = async (person: OrganizationMember, role: MemberRole) => {
    await act(person.memberId, `Couldn't change ${person.name}'s role`, async () => {
      await setRole(person.memberId, role);
      // What one may do oneself is in every page.
      if (person.userId === me) window.location.reload();
    });
  };
  const confirm = async () => {
    if (!asked) return;
    setAsked(undefined);
    if (asked.kind === "remove") {
      const { name, memberId } = asked.person;
      await act(memberId, `Couldn't remove ${name}`, async () => await removeMember(memberId));
      return;
    }
    setBusy("leave");
    try {
      await leaveOrganization(organization.organizationId);
    } catch (error) {
      setProblem({ title: "Couldn't leave the organization", error: asApiError(error) });
      setBusy(undefined);
    }
  };

  return (
    <>
      <PageHead
        title="Members & roles"
        actions={
          <>
            <button
              type="button"
              className="btn"
              aria-disabled={stuck || busy !== undefined}
              title={stuck ? "You're the only owner. Make someone else an owner first." : undefined}
              onClick={() => !stuck && busy === undefined && setAsked({ kind: "leave" })}
            >
              <LogOut className="i i-sm" aria-hidden="true" />
              Leave
            </button>
            {manages && (
              <button
                type="button"
                className={`btn ${inviting ? "" : "btn-primary"}`}
                aria-expanded={inviting}
                onClick={() => setInviting(true)}
              >
                <UserPlus className="i i-sm" aria-hidden="true" />
                Invite
              </button>
            )}
          </>
        }
      >
        {count(organization)} Roles control what members can do.
        {!manages && " Only owners and admins can invite members and change roles."}
      </PageHead>
      <div className="grid grid-cols-[minmax(0,1fr)] gap-5">
        {made && (
          <NewInvitation
            key={made.id}
            email={made.email}
            role={made.role}
            link={linkOf(made.id)}
            onDone={() => setMade(undefined)}
          />
        )}
        {problem && <ProblemNotice title={problem.title} error={problem.error} />}
        {inviting && (
          <InviteForm
            mine={mine}
            onCancel={() => setInviting(false)}
            onInvited={(invitation) => {
              setInviting(false);
              setMade(invitation);
              void refresh();
            }}
          />
        )}
        <MembersTable
          organization={organization}
          me={me}
          mine={mine}
          manages={manages}
          busy={busy}
          linkOf={linkOf}
          onRole={(person, role) => void changeRole(person, role)}
          onRemove={(person) => setAsked({ kind: "remove", person })}
          onCancel={({ id, email }) => {
            if (made?.id === id) setMade(undefined);
            void act(
              id,
              `Couldn't cancel the invitation for ${email}`,
              async () => await cancelInvitation(id),
            );
          }}
        />
        <RoleTable />
        {mine === "owner" && (
          <>
            <RenameOrganization id={organization.organizationId} name={organization.name} />
            <DeleteOrganization id={organization.organizationId} name={organization.name} />
          </>
        )}
      </div>
      <ConfirmDialog
        open={asked !== undefined}
        onOpenChange={(open) => !open && setAsked(undefined)}
        title={asked?.kind === "remove" ? `Remove ${asked.person.name}?` : `Leave ${organization.name}?`}
        confirm={asked?.kind === "remove" ? "Remove" : "Leave"}
        cancel="Cancel"
        onConfirm={() => void confirm()}
      >
        {asked?.kind === "remove"
          ? "They lose access immediately: their running sessions stop and their API keys are revoked. Their work stays."
          : "You lose access immediately: your running sessions stop and your API keys are revoked. Your work stays. To come back, you need a new invitation."}
      </ConfirmDialog>
    </>
  );
}

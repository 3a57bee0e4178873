"use client";

import { useQueryClient } from "@tanstack/react-query";
import { LogOut, UserPlus } from "lucide-react";
import { useState } from "react";
import { useAction } from "#client/action.ts";
import { reloadPage } from "#client/leave.ts";
import {
  cancelInvitation,
  fetchMembers,
  leaveOrganization,
  removeMember,
  setRole,
} from "#client/organization.ts";
import { useResource } from "#client/resource.ts";
import {
  managesMembers,
  type MemberRole,
  type OrganizationMember,
  type OrganizationMembers,
} from "#domain/members.ts";
import { plural } from "#domain/plural.ts";
import { PageHead } from "../settings/page-head.tsx";
import { Button } from "../ui/button.tsx";
import { Confirm } from "../ui/dialog.tsx";
import { Icon } from "../ui/icon.tsx";
import { ReadProblem } from "../ui/loaded.tsx";
import { Notice } from "../ui/notice.tsx";
import { ActionProblem } from "../ui/problem-notice.tsx";
import { ShownOnce } from "../ui/shown-once.tsx";
import { InviteForm } from "./invite-form.tsx";
import { MembersTable } from "./members-table.tsx";
import { DeleteOrganization, RenameOrganization } from "./organization-card.tsx";
import { ROLE_LABELS } from "./role-labels.ts";
import { RoleTable } from "./role-table.tsx";

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

function count({ members, invitations }: OrganizationMembers): string {
  const people = `${members.length} ${plural(members.length, "member", "members")}`;
  return invitations.length === 0 ? `${people}.` : `${people}, ${invitations.length} invited.`;
}

/** The members as they are known here, and acts on one row of them, after each of which they are read again. */
function useMembers(initial: OrganizationMembers) {
  const queries = useQueryClient();
  const members = useResource(["members"], fetchMembers, { initial });
  const refresh = async () => await queries.invalidateQueries({ queryKey: ["members"] });
  const act = useAction(
    async (_row: string, _failed: string, change: () => Promise<unknown>) => {
      try {
        await change();
      } finally {
        await refresh();
      }
    },
    (_row, failed) => failed,
  );
  return { members, organization: members.data ?? initial, refresh, act };
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
  const { members, organization, refresh, act } = useMembers(initial);
  const [inviting, setInviting] = useState(false);
  const [made, setMade] = useState<{ id: string; email: string; role: MemberRole }>();
  const [asked, setAsked] = useState<Asked>();
  const leave = useAction(
    async () => await leaveOrganization(organization.organizationId),
    "Couldn't leave the organization",
  );
  const self = organization.members.find(({ userId }) => userId === me);
  const mine = self?.role ?? "viewer";
  const manages = managesMembers(mine);
  const owners = organization.members.filter(({ role }) => role === "owner").length;
  const stuck = mine === "owner" && owners === 1;
  const busy = leave.pending ? "leave" : act.pending ? act.args?.[0] : undefined;
  const linkOf = (id: string) => `${origin}/invite/${id}`;

  const changeRole = ({ memberId, name, userId }: OrganizationMember, role: MemberRole) =>
    act.run(memberId, `Couldn't change ${name}'s role`, async () => {
      await setRole(memberId, role);
      // What one may do oneself is in every page.
      if (userId === me) await reloadPage();
    });
  const remove = ({ memberId, name }: OrganizationMember) =>
    act.run(memberId, `Couldn't remove ${name}`, async () => await removeMember(memberId));

  return (
    <>
      <PageHead
        title="Members & roles"
        actions={
          <>
            <Button
              off={stuck || busy !== undefined}
              title={stuck ? "You're the only owner. Make someone else an owner first." : undefined}
              onClick={() => setAsked({ kind: "leave" })}
            >
              <Icon as={LogOut} size="sm" />
              Leave
            </Button>
            {manages && (
              <Button
                look={inviting ? "plain" : "primary"}
                aria-expanded={inviting}
                onClick={() => setInviting(true)}
              >
                <Icon as={UserPlus} size="sm" />
                Invite
              </Button>
            )}
          </>
        }
      >
        {count(organization)} Roles control what members can do.
        {!manages && " Only owners and admins can invite members and change roles."}
      </PageHead>
      <div className="grid grid-cols-[minmax(0,1fr)] gap-5">
        {made && (
          <ShownOnce
            key={made.id}
            icon={UserPlus}
            title={`Share this link with ${made.email}`}
            text={linkOf(made.id)}
            copy={{ name: "Copy link", label: `the invitation for ${made.email}` }}
            onDone={() => setMade(undefined)}
            testId="new-invitation"
          >
            <p className="text-ink-2">
              We don't send email. Share the link with them only; they join as {ROLE_LABELS[made.role].as}.
            </p>
          </ShownOnce>
        )}
        <ActionProblem failure={act.failure ?? leave.failure} retryable />
        <ReadProblem of={members} title="This list may be out of date" />
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
          onRole={changeRole}
          onRemove={(person) => setAsked({ kind: "remove", person })}
          onCancel={({ id, email }) => {
            if (made?.id === id) setMade(undefined);
            act.run(
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
      <Confirm
        open={asked !== undefined}
        onClose={() => setAsked(undefined)}
        title={asked?.kind === "remove" ? `Remove ${asked.person.name}?` : `Leave ${organization.name}?`}
        confirm={asked?.kind === "remove" ? "Remove" : "Leave"}
        cancel="Cancel"
        onConfirm={() => (asked?.kind === "remove" ? remove(asked.person) : leave.run())}
      >
        {asked?.kind === "remove"
          ? "They lose access immediately: their running sessions stop and their API keys are revoked. Their work stays."
          : "You lose access immediately: your running sessions stop and your API keys are revoked. Your work stays. To come back, you need a new invitation."}
      </Confirm>
    </>
  );
}

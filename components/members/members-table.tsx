"use client";

import { DAY_MS } from "../../lib/client/format.ts";
import { useNow } from "../../lib/client/use-now.ts";
import {
  type PendingInvitation,
  type OrganizationMembers,
  type OrganizationMember,
  type MemberRole,
  rolesToGive,
  whyFixed,
} from "../../lib/domain/members.ts";
import { Ago } from "../common/ago.tsx";
import { Avatar } from "../common/avatar.tsx";
import { CopyButton } from "../common/copy-button.tsx";
import { Glyph } from "../ui/glyph.tsx";
import { ROLE_LABELS } from "./role-labels.ts";
import { plural } from "../../lib/domain/plural.ts";

interface RowActions {
  mine: MemberRole;
  manages: boolean;
  /** What is being changed: its row takes no second press. */
  busy: string | undefined;
  linkOf: (invitationId: string) => string;
  onRole: (person: OrganizationMember, role: MemberRole) => void;
  onRemove: (person: OrganizationMember) => void;
  onCancel: (invitation: PendingInvitation) => void;
}

/** Members and open invitations, with what can be done about each. */
export function MembersTable({
  organization,
  me,
  ...actions
}: { organization: OrganizationMembers; me: string } & RowActions) {
  const owners = organization.members.filter(({ role }) => role === "owner").length;
  return (
    <div className="card">
      <table className="table table-stack">
        <caption className="sr">Members</caption>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Role</th>
            <th scope="col">Joined</th>
            {actions.manages && (
              <th scope="col">
                <span className="sr">Actions</span>
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {organization.members.map((person) => (
            <MemberRow
              key={person.memberId}
              person={person}
              self={person.userId === me}
              fixed={whyFixed(actions.mine, person.role, owners)}
              {...actions}
            />
          ))}
          {organization.invitations.map((invitation) => (
            <InvitationRow key={invitation.id} invitation={invitation} {...actions} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Who({ name, email, self = false }: { name: string; email: string; self?: boolean }) {
  return (
    <span className="flex items-center gap-2.5 py-1">
      <Avatar name={name} />
      <span className="min-w-0">
        <span className="block truncate font-medium">
          {name} {self && <span className="font-normal text-ink-3">you</span>}
        </span>
        {email !== name && <span className="block truncate text-small text-ink-3">{email}</span>}
      </span>
    </span>
  );
}

function MemberRow({
  person,
  self,
  fixed,
  mine,
  manages,
  busy,
  onRole,
  onRemove,
}: { person: OrganizationMember; self: boolean; fixed: string | undefined } & RowActions) {
  const off = fixed !== undefined || busy !== undefined;
  return (
    <tr data-person={person.email} aria-busy={busy === person.memberId}>
      <th scope="row" className="max-w-[320px] max-sm:max-w-none max-sm:basis-full">
        <Who name={person.name} email={person.email} self={self} />
      </th>
      <td>
        {fixed === undefined ? (
          <select
            className="input select w-28"
            aria-label={`Role of ${person.name}`}
            value={person.role}
            disabled={busy !== undefined}
            onChange={(event) => {
              const role = rolesToGive(mine).find((known) => known === event.target.value);
              if (role) onRole(person, role);
            }}
          >
            {rolesToGive(mine).map((role) => (
              <option key={role} value={role}>
                {ROLE_LABELS[role].name}
              </option>
            ))}
          </select>
        ) : (
          <span title={manages ? fixed : undefined}>
            {ROLE_LABELS[person.role].name}
            {manages && <span className="block text-small text-ink-3">{fixed}</span>}
          </span>
        )}
      </td>
      <td className="whitespace-nowrap text-ink-2">
        <span className="sm:hidden">joined </span>
        <Ago at={person.joinedAt} />
      </td>
      {manages && (
        <td className="text-end max-sm:ml-auto">
          {!self && (
            <button
              type="button"
              className="btn btn-sm btn-danger"
              aria-label={`Remove ${person.name}`}
              aria-disabled={off}
              title={fixed}
              onClick={() => !off && onRemove(person)}
            >
              Remove
            </button>
          )}
        </td>
      )}
    </tr>
  );
}

function InvitationRow({
  invitation,
  busy,
  linkOf,
  onCancel,
}: { invitation: PendingInvitation } & Pick<RowActions, "busy" | "linkOf" | "onCancel">) {
  const { id, email, role } = invitation;
  return (
    <tr data-invited={email} aria-busy={busy === id}>
      <th scope="row" className="max-w-[320px] max-sm:max-w-none max-sm:basis-full">
        <Who name={email} email={email} />
      </th>
      <td>{ROLE_LABELS[role].name}</td>
      <td>
        <span className="chip is-neutral">
          <Glyph name="provisioning" />
          <TimeLeft until={invitation.expiresAt} />
        </span>
      </td>
      <td className="text-end max-sm:basis-full">
        <span className="inline-flex flex-wrap justify-end gap-1.5">
          <CopyButton small name="Copy link" label={`invitation for ${email}`} text={linkOf(id)} />
          <button
            type="button"
            className="btn btn-sm btn-danger"
            aria-label={`Cancel the invitation for ${email}`}
            aria-disabled={busy !== undefined}
            onClick={() => busy === undefined && onCancel(invitation)}
          >
            Cancel
          </button>
        </span>
      </td>
    </tr>
  );
}

function TimeLeft({ until }: { until: number }) {
  const now = useNow(60_000);
  if (now === null) return <>Invited</>;
  if (until <= now) return <>Invitation expired</>;
  const days = Math.floor((until - now) / DAY_MS);
  return (
    <>
      {days === 0 ? "Invited, expires within a day" : `Invited, ${days} ${plural(days, "day", "days")} left`}
    </>
  );
}

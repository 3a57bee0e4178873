"use client";

import { DAY_MS } from "#client/format.ts";
import { useNow } from "#client/use-now.ts";
import {
  type MemberRole,
  type OrganizationMember,
  type OrganizationMembers,
  type PendingInvitation,
  rolesToGive,
  whyFixed,
} from "#domain/members.ts";
import { plural } from "#domain/plural.ts";
import { Ago } from "../common/ago.tsx";
import { Avatar } from "../common/avatar.tsx";
import { Button } from "../ui/button.tsx";
import { Card } from "../ui/card.tsx";
import { Chip } from "../ui/chip.tsx";
import { CopyButton } from "../ui/copy-button.tsx";
import { type Column, DataTable } from "../ui/data-table.tsx";
import { Choice } from "../ui/select.tsx";
import { ROLE_LABELS, roleOptions } from "./role-labels.ts";

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

/** A member, or somebody who is invited. */
type Row =
  | { id: string; email: string; person: OrganizationMember; isSelf: boolean; fixed: string | undefined }
  | { id: string; email: string; invitation: PendingInvitation };

function rowsOf(organization: OrganizationMembers, me: string, mine: MemberRole): Row[] {
  const owners = organization.members.filter(({ role }) => role === "owner").length;
  return [
    ...organization.members.map((person) => ({
      id: person.memberId,
      email: person.email,
      person,
      isSelf: person.userId === me,
      fixed: whyFixed(mine, person.role, owners),
    })),
    ...organization.invitations.map((invitation) => ({
      id: invitation.id,
      email: invitation.email,
      invitation,
    })),
  ];
}

/** Members and open invitations, with what can be done about each. */
export function MembersTable({
  organization,
  me,
  ...actions
}: { organization: OrganizationMembers; me: string } & RowActions) {
  const columns: Column<Row>[] = [
    {
      name: "Name",
      isRowName: true,
      className: "max-w-[320px] max-sm:max-w-none max-sm:basis-full",
      render: (row) =>
        "person" in row ? (
          <Who name={row.person.name} email={row.email} self={row.isSelf} />
        ) : (
          <Who name={row.email} email={row.email} />
        ),
    },
    { name: "Role", render: (row) => <RoleCell row={row} {...actions} /> },
    {
      name: "Joined",
      className: "whitespace-nowrap text-ink-2",
      render: (row) =>
        "person" in row ? (
          <>
            <span className="sm:hidden">joined </span>
            <Ago at={row.person.joinedAt} />
          </>
        ) : (
          <Chip glyph="provisioning">
            <TimeLeft until={row.invitation.expiresAt} />
          </Chip>
        ),
    },
  ];
  if (actions.manages)
    columns.push({
      name: "Actions",
      isNameHidden: true,
      className: "text-end max-sm:ml-auto",
      render: (row) => <RowButtons row={row} {...actions} />,
    });
  return (
    <Card>
      <DataTable
        caption="Members"
        stack
        columns={columns}
        rows={rowsOf(organization, me, actions.mine)}
        rowKey={({ id }) => id}
        rowProps={(row) => ({
          ...("person" in row ? { "data-person": row.email } : { "data-invited": row.email }),
          "aria-busy": actions.busy === row.id,
        })}
      />
    </Card>
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

function RoleCell({ row, mine, manages, busy, onRole }: { row: Row } & RowActions) {
  if (!("person" in row)) return <>{ROLE_LABELS[row.invitation.role].name}</>;
  const { person, fixed } = row;
  if (fixed === undefined)
    return (
      <Choice
        label={`Role of ${person.name}`}
        hidden
        className="w-28"
        value={person.role}
        options={roleOptions(rolesToGive(mine))}
        disabled={busy !== undefined}
        onChange={(role) => onRole(person, role)}
      />
    );
  return (
    <span title={manages ? fixed : undefined}>
      {ROLE_LABELS[person.role].name}
      {manages && <span className="block text-small text-ink-3">{fixed}</span>}
    </span>
  );
}

function RowButtons({ row, busy, linkOf, onRemove, onCancel }: { row: Row } & RowActions) {
  const isBusy = busy !== undefined;
  if ("person" in row)
    return row.isSelf ? null : (
      <Button
        size="sm"
        look="danger"
        aria-label={`Remove ${row.person.name}`}
        off={isBusy || row.fixed !== undefined}
        title={row.fixed}
        onClick={() => onRemove(row.person)}
      >
        Remove
      </Button>
    );
  const { id, email } = row.invitation;
  return (
    <span className="inline-flex flex-wrap justify-end gap-1.5">
      <CopyButton small name="Copy link" label={`invitation for ${email}`} text={linkOf(id)} />
      <Button
        size="sm"
        look="danger"
        aria-label={`Cancel the invitation for ${email}`}
        off={isBusy}
        onClick={() => onCancel(row.invitation)}
      >
        Cancel
      </Button>
    </span>
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

import { Check } from "lucide-react";
import { MEMBER_ROLES, type MemberRole } from "#domain/members.ts";
import { Card, CardHead } from "../ui/card.tsx";
import { type Column, DataTable } from "../ui/data-table.tsx";
import { Icon } from "../ui/icon.tsx";
import { ROLE_LABELS } from "./role-labels.ts";

type Answer = "yes" | "no" | "development" | "own";

/** What stands in the cell of an answer that depends. */
const DEPENDS = { development: "in development", own: "own" };

/** What each role may do: [owner, admin, member, viewer]. */
const ACTIONS: readonly (readonly [string, readonly [Answer, Answer, Answer, Answer]])[] = [
  ["Watch sessions and see their cost", ["yes", "yes", "yes", "yes"]],
  ["Start sessions", ["yes", "yes", "development", "no"]],
  ["Steer and stop sessions", ["yes", "yes", "own", "no"]],
  ["Answer approvals", ["yes", "yes", "development", "no"]],
  ["See credits and usage", ["yes", "yes", "yes", "no"]],
  ["See the ledger, export all data", ["yes", "yes", "no", "no"]],
  ["Manage provider keys and API keys", ["yes", "yes", "no", "no"]],
  ["Invite members, change roles", ["yes", "yes", "no", "no"]],
  ["Make owners, delete the organization", ["yes", "no", "no", "no"]],
];

function Cell({ answer, role }: { answer: Answer; role: MemberRole }) {
  return (
    <>
      <span className="text-ink-3 sm:hidden">{ROLE_LABELS[role].name}: </span>
      {answer === "yes" ? (
        <>
          <Icon as={Check} size="sm" className="text-success" />
          <span className="sr-only">yes</span>
        </>
      ) : answer === "no" ? (
        <>
          <span className="text-ink-3" aria-hidden="true">
            –
          </span>
          <span className="sr-only">no</span>
        </>
      ) : (
        <span className="text-small text-ink-2">{DEPENDS[answer]}</span>
      )}
    </>
  );
}

const COLUMNS: Column<(typeof ACTIONS)[number]>[] = [
  { name: "Action", isRowName: true, className: "max-sm:basis-full", render: ([action]) => action },
  ...MEMBER_ROLES.map((role, place) => ({
    name: ROLE_LABELS[role].name,
    nameClass: "w-[132px]",
    render: ([, answers]: (typeof ACTIONS)[number]) => <Cell role={role} answer={answers[place] ?? "no"} />,
  })),
];

export function RoleTable() {
  return (
    <Card aria-labelledby="roles">
      <CardHead id="roles" title="What each role can do" />
      <DataTable
        caption="What each role can do"
        dense
        stack
        columns={COLUMNS}
        rows={ACTIONS}
        rowKey={([action]) => action}
      />
    </Card>
  );
}

import { Check } from "lucide-react";
import { MEMBER_ROLES, type MemberRole } from "../../lib/domain/members.ts";
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
  const { name } = ROLE_LABELS[role];
  return (
    <td>
      <span className="text-ink-3 sm:hidden">{name}: </span>
      {answer === "yes" ? (
        <>
          <Check className="i i-sm text-success" aria-hidden="true" />
          <span className="sr">yes</span>
        </>
      ) : answer === "no" ? (
        <>
          <span className="faint" aria-hidden="true">
            –
          </span>
          <span className="sr">no</span>
        </>
      ) : (
        <span className="text-small text-ink-2">{DEPENDS[answer]}</span>
      )}
    </td>
  );
}

export function RoleTable() {
  return (
    <section className="card" aria-labelledby="roles">
      <div className="card-head">
        <h2 id="roles">What each role can do</h2>
      </div>
      <table className="table table-dense table-stack">
        <caption className="sr">What each role can do</caption>
        <thead>
          <tr>
            <th scope="col">Action</th>
            {MEMBER_ROLES.map((role) => (
              <th key={role} scope="col" className="w-[132px]">
                {ROLE_LABELS[role].name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {ACTIONS.map(([action, answers]) => (
            <tr key={action}>
              <th scope="row" className="max-sm:basis-full">
                {action}
              </th>
              {MEMBER_ROLES.map((role, i) => (
                <Cell key={role} role={role} answer={answers[i] ?? "no"} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

import { Check } from "lucide-react";
import { PERSON_ROLES, type PersonRole } from "../../lib/domain/people.ts";
import { ROLE_WORDS } from "./role-words.ts";
import { members as t } from "../../lib/client/messages/members.ts";

type Answer = "yes" | "no" | "development" | "own";

/** What stands in the cell of an answer that depends. */
const DEPENDS = { development: t.inDevelopment, own: t.own };

/** What each role may do: [owner, admin, member, viewer]. */
const ACTIONS: readonly (readonly [string, readonly [Answer, Answer, Answer, Answer]])[] = [
  [t.seeSessionsLiveAndTheir, ["yes", "yes", "yes", "yes"]],
  [t.startSessions, ["yes", "yes", "development", "no"]],
  [t.steerAndStopSessions, ["yes", "yes", "own", "no"]],
  [t.answerApprovals, ["yes", "yes", "development", "no"]],
  [t.seeCreditsAndUsage, ["yes", "yes", "yes", "no"]],
  [t.seeTheLedgerExportAll, ["yes", "yes", "no", "no"]],
  [t.changeModelKeysAndAPI, ["yes", "yes", "no", "no"]],
  [t.invitePeopleChangeRoles, ["yes", "yes", "no", "no"]],
  [t.makeOwnersDeleteTheOrganization, ["yes", "no", "no", "no"]],
];

function Cell({ answer, role }: { answer: Answer; role: PersonRole }) {
  const { name } = ROLE_WORDS[role];
  return (
    <td>
      <span className="text-ink-3 sm:hidden">{name}: </span>
      {answer === "yes" ? (
        <>
          <Check className="i i-sm text-sap" aria-hidden="true" />
          <span className="sr">{t.yes}</span>
        </>
      ) : answer === "no" ? (
        <>
          <span className="faint" aria-hidden="true">
            –
          </span>
          <span className="sr">{t.no}</span>
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
        <h2 id="roles">{t.whatEachRoleMayDo}</h2>
      </div>
      <table className="table table-dense table-stack">
        <caption className="sr">{t.whatEachRoleMayDo}</caption>
        <thead>
          <tr>
            <th scope="col">{t.action}</th>
            {PERSON_ROLES.map((role) => (
              <th key={role} scope="col" className="w-[132px]">
                {ROLE_WORDS[role].name}
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
              {PERSON_ROLES.map((role, i) => (
                <Cell key={role} role={role} answer={answers[i] ?? "no"} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

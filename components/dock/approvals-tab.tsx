"use client";

import { clock } from "../../lib/client/format.ts";
import type { ApprovalView } from "../../lib/domain/session-view.ts";
import { Glyph } from "../ui/glyph.tsx";
import { dock as t } from "../../lib/client/messages/dock.ts";
import { fill } from "../../lib/client/messages/text.ts";

function Decision({ approval }: { approval: ApprovalView }) {
  if (!approval.decision)
    return (
      <span className="chip is-ochre">
        <Glyph name="waiting" />
        {t.waiting}
      </span>
    );
  const allowed = approval.decision === "approved";
  return (
    <span className={`chip ${allowed ? "is-sap" : "is-madder"}`}>
      <Glyph name={allowed ? "done" : "denied"} />
      {allowed ? t.allowed : t.denied}
    </span>
  );
}

const REASONS = {
  person: "",
  rule: t.allowedBefore,
  timeout: t.noAnswerInTime,
  run_ended: t.theRunEnded,
  agent_restarted: t.theAgentWasStartedAgain,
};

/** Every question of the session, the newest first. */
export function ApprovalsTab({
  approvals,
  start,
  me,
  onShow,
}: {
  approvals: readonly ApprovalView[];
  start: number;
  me: string;
  /** Brings the card of the one that waits into view. */
  onShow: () => void;
}) {
  if (approvals.length === 0) return <p className="p-4 text-ink-2">{t.theAgentHasNotAsked}</p>;
  return (
    <table className="table">
      <caption className="sr">{t.approvalsNewestFirst}</caption>
      <thead>
        <tr>
          <th scope="col">{t.decision}</th>
          <th scope="col">{t.call}</th>
          <th scope="col" className="max-sm:hidden">
            {t.by}
          </th>
          <th scope="col" className="num">
            {t.at}
          </th>
        </tr>
      </thead>
      <tbody>
        {approvals.toReversed().map((approval) => {
          const command = approval.request.command;
          const call = typeof command === "string" ? command : approval.summary.replace("/workspace/", "");
          return (
            <tr key={approval.key}>
              <td>
                <Decision approval={approval} />
              </td>
              <td className="mono max-w-[260px] text-small">
                {approval.decision ? (
                  <span className="block truncate" title={call}>
                    {call}
                  </span>
                ) : (
                  <button
                    type="button"
                    className="link block max-w-full truncate"
                    title={fill(t.callGoToTheQuestion, { call })}
                    onClick={onShow}
                  >
                    {call}
                  </button>
                )}
              </td>
              <td className="text-small text-ink-2 max-sm:hidden">
                {approval.decision === undefined
                  ? t.you
                  : approval.reason === "person" || approval.reason === "rule"
                    ? approval.decidedBy === me
                      ? t.you
                      : approval.decidedBy
                    : REASONS[approval.reason ?? "person"]}
              </td>
              <td className="num">{clock(Date.parse(approval.requestedAt) - start)}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

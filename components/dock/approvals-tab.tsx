"use client";

import { clock } from "../../lib/client/format.ts";
import type { ApprovalView } from "../../lib/domain/session-view.ts";
import { Glyph } from "../ui/glyph.tsx";

function Decision({ approval }: { approval: ApprovalView }) {
  if (!approval.decision)
    return (
      <span className="chip is-ochre">
        <Glyph name="waiting" />
        Waiting
      </span>
    );
  const allowed = approval.decision === "approved";
  return (
    <span className={`chip ${allowed ? "is-sap" : "is-madder"}`}>
      <Glyph name={allowed ? "done" : "denied"} />
      {allowed ? "Allowed" : "Denied"}
    </span>
  );
}

const REASONS = {
  person: "",
  rule: "Allowed before",
  timeout: "No answer in time",
  run_ended: "The run ended",
  agent_restarted: "The agent was started again",
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
  if (approvals.length === 0)
    return <p className="p-4 text-ink-2">The agent has not asked for anything yet.</p>;
  return (
    <table className="table">
      <caption className="sr">Approvals, newest first</caption>
      <thead>
        <tr>
          <th scope="col">Decision</th>
          <th scope="col">Call</th>
          <th scope="col" className="max-sm:hidden">
            By
          </th>
          <th scope="col" className="num">
            At
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
                    title={`${call}: go to the question`}
                    onClick={onShow}
                  >
                    {call}
                  </button>
                )}
              </td>
              <td className="text-small text-ink-2 max-sm:hidden">
                {approval.decision === undefined
                  ? "You"
                  : approval.reason === "person" || approval.reason === "rule"
                    ? approval.decidedBy === me
                      ? "You"
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

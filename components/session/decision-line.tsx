import { duration } from "../../lib/client/format.ts";
import type { ApprovalView } from "../../lib/domain/session-view.ts";

/** A question that was answered, in one line. */
export function DecisionLine({ approval, me }: { approval: ApprovalView; me: string }) {
  const { request, summary, decision, reason, forSession, decidedBy, requestedAt, decidedAt } = approval;
  const who = decidedBy === undefined ? "Someone" : decidedBy === me ? "You" : decidedBy;
  const what = typeof request.command === "string" ? request.command : summary.replace("/workspace/", "");
  const after = decidedAt ? duration(Date.parse(decidedAt) - Date.parse(requestedAt)) : undefined;
  const exact = <span className="mono text-small text-ink">{what}</span>;
  return (
    <p className="text-small leading-[22px] wrap-anywhere text-ink-2">
      {reason === "timeout" && <>Denied without an answer: {exact}</>}
      {reason === "run_ended" && <>Not answered before the run ended: {exact}</>}
      {reason === "agent_restarted" && <>Not answered before the agent was started again: {exact}</>}
      {reason === "rule" && (
        <>
          {decision === "approved" ? "Allowed" : "Denied"} {exact}: {decidedBy}
        </>
      )}
      {reason === "person" && (
        <>
          {who} {decision === "approved" ? "allowed" : "denied"} {exact}
          {decision === "approved" && (forSession ? " for this session" : " once")}
          {after && (
            <>
              , after <span className="fact">{after}</span>
            </>
          )}
        </>
      )}
    </p>
  );
}

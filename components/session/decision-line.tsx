import { useFormat } from "#client/locale.tsx";
import type { ApprovalView } from "#domain/session-view.ts";

/** A question that was answered, in one line. */
export function DecisionLine({ approval, me }: { approval: ApprovalView; me: string }) {
  const f = useFormat();
  const { request, summary, decision, reason, forSession, decidedBy, requestedAt, decidedAt } = approval;
  const who = decidedBy === undefined ? "Someone" : decidedBy === me ? "You" : decidedBy;
  const what = typeof request.command === "string" ? request.command : summary.replace("/workspace/", "");
  const after = decidedAt ? f.duration(Date.parse(decidedAt) - Date.parse(requestedAt)) : undefined;
  const exact = <span className="mono text-small text-ink">{what}</span>;
  const allowed = decision === "approved";
  const line =
    reason &&
    {
      timeout: <>Auto-denied: {exact}</>,
      run_ended: <>The run ended before an answer: {exact}</>,
      agent_restarted: <>The agent restarted before an answer: {exact}</>,
      withdrawn: <>The agent withdrew its request: {exact}</>,
      violation: <>Ran before anyone decided: {exact}</>,
      rule: (
        <>
          {allowed ? "Allowed" : "Denied"} {exact}: {who}
        </>
      ),
      person: (
        <>
          {who} {allowed ? "allowed" : "denied"} {exact}
          {allowed && (forSession ? " for this session" : " once")}
        </>
      ),
    }[reason];
  return (
    <p className="text-small leading-[22px] wrap-anywhere text-ink-2">
      {line}
      {reason === "person" && after && (
        <>
          , after <span className="fact">{after}</span>
        </>
      )}
    </p>
  );
}

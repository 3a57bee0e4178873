import { useFormat } from "../../lib/client/locale.tsx";
import type { ApprovalView } from "../../lib/domain/session-view.ts";
import { transcript as t } from "../../lib/client/messages/transcript.ts";
import { Rich } from "../ui/rich.tsx";

/** A question that was answered, in one line. */
export function DecisionLine({ approval, me }: { approval: ApprovalView; me: string }) {
  const f = useFormat();
  const { request, summary, decision, reason, forSession, decidedBy, requestedAt, decidedAt } = approval;
  const who = decidedBy === undefined ? t.someone : decidedBy === me ? t.you : decidedBy;
  const what = typeof request.command === "string" ? request.command : summary.replace("/workspace/", "");
  const after = decidedAt ? f.duration(Date.parse(decidedAt) - Date.parse(requestedAt)) : undefined;
  const exact = <span className="mono text-small text-ink">{what}</span>;
  const allowed = decision === "approved";
  const line =
    reason &&
    {
      timeout: t.deniedWithoutAnAnswerWhat,
      run_ended: t.notAnsweredBeforeTheRun,
      agent_restarted: t.notAnsweredBeforeTheAgent,
      withdrawn: t.givenUpBeforeAnAnswer,
      violation: t.ranWithoutADecision,
      rule: allowed ? t.allowedWhatWho : t.deniedWhatWho,
      person: !allowed ? t.whoDeniedWhat : forSession ? t.whoAllowedWhatForThis : t.whoAllowedWhatOnce,
    }[reason];
  return (
    <p className="text-small leading-[22px] wrap-anywhere text-ink-2">
      {line && <Rich text={line} parts={{ what: exact, who }} />}
      {reason === "person" && after && (
        <Rich text={t.afterTime} parts={{ time: <span className="fact">{after}</span> }} />
      )}
    </p>
  );
}

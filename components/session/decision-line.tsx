import { useAction } from "#client/action.ts";
import { asApiError } from "#client/api.ts";
import { useFormat } from "#client/locale.tsx";
import { deleteRule, shownPattern } from "#client/rules.ts";
import type { ApprovalView } from "#domain/session-view.ts";
import { Button } from "../ui/button.tsx";
import { ActionProblem } from "../ui/problem-notice.tsx";

/** Takes back the rule that was made with a decision; a person who may not is told so. */
function UndoRule({ id }: { id: string }) {
  const undo = useAction(async () => {
    try {
      await deleteRule(id);
    } catch (error) {
      // Somebody was faster, or has deleted it in the settings.
      if (asApiError(error).code !== "not_found") throw error;
    }
  }, "Couldn't undo the rule");
  if (undo.done) return <> (undone)</>;
  return (
    <>
      {" "}
      <Button size="sm" look="quiet" aria-label="Undo this rule" action={undo}>
        {undo.pending ? "Undoing" : "Undo"}
      </Button>
      <ActionProblem failure={undo.failure} brief />
    </>
  );
}

/** A question that was answered, in one line. */
export function DecisionLine({ approval, me }: { approval: ApprovalView; me: string }) {
  const f = useFormat();
  const { request, summary, decision, reason, forSession, madeRule, decidedBy, requestedAt, decidedAt } =
    approval;
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
          {allowed && !madeRule && (forSession ? " for this session" : " once")}
          {madeRule && (
            <>
              , and <span className="fact">{shownPattern(madeRule.pattern)}</span> from now on
              {madeRule.scope === "session" ? " in this session" : " for everyone here"}
              <UndoRule id={madeRule.id} />
            </>
          )}
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

"use client";

import { clock } from "../../lib/client/format.ts";
import type { ApprovalView, QuestionView } from "../../lib/domain/session-view.ts";
import { Glyph, type GlyphName } from "../ui/glyph.tsx";

const STATES = {
  waiting: { glyph: "waiting", role: "is-warning", word: "Waiting" },
  allowed: { glyph: "done", role: "is-success", word: "Allowed" },
  denied: { glyph: "denied", role: "is-danger", word: "Denied" },
  bypassed: { glyph: "denied", role: "is-danger", word: "Ran without approval" },
  answered: { glyph: "done", role: "is-success", word: "Answered" },
  dismissed: { glyph: "denied", role: "is-neutral", word: "Skipped" },
} satisfies Record<string, { glyph: GlyphName; role: string; word: string }>;

const REASONS = {
  rule: "Allowed earlier",
  timeout: "No answer in time",
  run_ended: "The run ended",
  agent_restarted: "The agent restarted",
  withdrawn: "Withdrawn by the agent",
  violation: "Ran before anyone decided",
};

/** Something that waits, or waited, for a person's word. */
interface Row {
  key: string;
  state: keyof typeof STATES;
  what: string;
  by: string;
  /** ISO 8601. */
  at: string;
}

function approvalRow(approval: ApprovalView, me: string): Row {
  const { command } = approval.request;
  const { decision, reason, decidedBy } = approval;
  const person = reason === "person" || reason === "rule" ? decidedBy : undefined;
  return {
    key: `approval:${approval.key}`,
    state: decision === undefined ? "waiting" : decision === "approved" ? "allowed" : decision,
    what: typeof command === "string" ? command : approval.summary.replace("/workspace/", ""),
    by: deciderLabel(decision === undefined, person, reason, me),
    at: approval.requestedAt,
  };
}

function questionRow(question: QuestionView, me: string): Row {
  const { outcome, reason, answeredBy } = question;
  return {
    key: `question:${question.key}`,
    state: outcome ?? "waiting",
    what: question.questions.map((asked) => asked.question).join(" "),
    by: deciderLabel(outcome === undefined, answeredBy, reason, me),
    at: question.requestedAt,
  };
}

function deciderLabel(
  open: boolean,
  person: string | undefined,
  reason: ApprovalView["reason"],
  me: string,
): string {
  if (open) return "—";
  if (person === me) return "You";
  return person ?? (reason === undefined || reason === "person" ? "" : REASONS[reason]);
}

/** Every question of the session, the newest first. */
export function ApprovalsTab({
  approvals,
  questions,
  start,
  me,
  onShow,
}: {
  approvals: readonly ApprovalView[];
  questions: readonly QuestionView[];
  start: number;
  me: string;
  /** Brings the card of the one that waits into view. */
  onShow: () => void;
}) {
  const rows = [
    ...approvals.map((approval) => approvalRow(approval, me)),
    ...questions.map((question) => questionRow(question, me)),
  ].toSorted((a, b) => b.at.localeCompare(a.at));
  if (rows.length === 0) return <p className="p-4 text-ink-2">The agent hasn't asked for anything yet.</p>;
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
        {rows.map(({ key, state, what, by, at }) => (
          <tr key={key}>
            <td>
              <span className={`chip ${STATES[state].role}`}>
                <Glyph name={STATES[state].glyph} />
                {STATES[state].word}
              </span>
            </td>
            <td className="mono max-w-[260px] text-small">
              {state === "waiting" ? (
                <button
                  type="button"
                  className="link block max-w-full truncate"
                  title={`${what}: go to the approval`}
                  onClick={onShow}
                >
                  {what}
                </button>
              ) : (
                <span className="block truncate" title={what}>
                  {what}
                </span>
              )}
            </td>
            <td className="text-small text-ink-2 max-sm:hidden">{by}</td>
            <td className="num">{clock(Date.parse(at) - start)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

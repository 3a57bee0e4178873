"use client";

import { clock } from "#client/format.ts";
import { useFormat } from "#client/locale.tsx";
import type { ApprovalView, QuestionView } from "#domain/session-view.ts";
import { useOpened, useSessionState } from "../session/session-context.tsx";
import { Chip } from "../ui/chip.tsx";
import { type Column, DataTable } from "../ui/data-table.tsx";
import type { GlyphName } from "../ui/glyph.tsx";
import type { ColorRole } from "../ui/tones.ts";
import { SessionRules } from "./session-rules.tsx";

const STATES = {
  waiting: { glyph: "waiting", tone: "warning", word: "Waiting" },
  allowed: { glyph: "done", tone: "success", word: "Allowed" },
  denied: { glyph: "denied", tone: "danger", word: "Denied" },
  bypassed: { glyph: "denied", tone: "danger", word: "Ran without approval" },
  answered: { glyph: "done", tone: "success", word: "Answered" },
  dismissed: { glyph: "denied", tone: "neutral", word: "Skipped" },
} satisfies Record<string, { glyph: GlyphName; tone: ColorRole; word: string }>;

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
export function ApprovalsTab() {
  const { session, me } = useOpened();
  const { view, showCard } = useSessionState();
  const f = useFormat();
  const rows = [
    ...view.approvals.map((approval) => approvalRow(approval, me)),
    ...view.questions.map((question) => questionRow(question, me)),
  ].toSorted((a, b) => b.at.localeCompare(a.at));
  if (rows.length === 0)
    return (
      <>
        <SessionRules />
        <p className="p-4 text-ink-2">The agent hasn't asked for anything yet.</p>
      </>
    );
  const columns: Column<Row>[] = [
    {
      name: "Decision",
      render: ({ state }) => {
        const { word, ...look } = STATES[state];
        return <Chip {...look}>{word}</Chip>;
      },
    },
    {
      name: "Call",
      className: "mono max-w-[260px] text-small",
      render: ({ state, what }) =>
        state === "waiting" ? (
          <button
            type="button"
            className="link block max-w-full truncate"
            title={`${what}: go to the approval`}
            onClick={showCard}
          >
            {what}
          </button>
        ) : (
          <span className="block truncate" title={what}>
            {what}
          </span>
        ),
    },
    { name: "By", hideBelow: "sm", className: "text-small text-ink-2", render: ({ by }) => by },
    {
      name: "Asked",
      num: true,
      render: ({ at }) => (
        <time dateTime={at} title={f.exact(Date.parse(at))}>
          {clock(Date.parse(at) - session.createdAt)}
        </time>
      ),
    },
  ];
  return (
    <>
      <SessionRules />
      <DataTable caption="Approvals, newest first" columns={columns} rows={rows} rowKey={({ key }) => key} />
    </>
  );
}

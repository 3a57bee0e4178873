"use client";

import Link from "next/link";
import { type ReactNode, useEffect, useEffectEvent, useRef } from "react";
import { approvalOf, questionOf, useApproval, useQuestion, type WaitingRow } from "#client/live-approvals.ts";
import type { Role } from "#domain/roles.ts";
import type { Session } from "#domain/session.ts";
import { Ago } from "../common/ago.tsx";
import { ApprovalCard } from "../session/approval-card.tsx";
import { disabledReasonsOf } from "../session/disabled-reasons.ts";
import { QuestionCard } from "../session/question-card.tsx";
import { OpenedElsewhere } from "../session/session-context.tsx";
import { Button } from "../ui/button.tsx";
import { Tag } from "../ui/chip.tsx";
import { Notice } from "../ui/notice.tsx";
import { KIND_NAMES } from "./kind-names.ts";

/** Who reads. */
export interface Me {
  name: string;
  role: Role;
  userId: string;
}

type Of<K extends WaitingRow["kind"]> = Extract<WaitingRow, { kind: K }>["row"];
type Asked = Pick<Of<"approval">, "sessionId" | "sessionTitle" | "environment" | "requestedAt">;

/** Where a request comes from: its session, and who started the run. */
function Head({ asked, by, children }: { asked: Asked; by?: string; children?: ReactNode }) {
  return (
    <div className="mb-3 flex flex-wrap items-center gap-x-2 gap-y-1 text-small text-ink-3">
      <h2 className="text-base font-medium">
        <Link className="link" href={`/studio/${asked.sessionId}`}>
          {asked.sessionTitle}
        </Link>
      </h2>
      <Tag>{asked.environment}</Tag>
      {children}
      <span>
        {by !== undefined && by !== "" && <>{by}’s run, </>}
        <Ago at={asked.requestedAt} />
      </span>
    </div>
  );
}

const OUTCOMES: Partial<Record<string, string>> = {
  timeout: "Nobody answered in time, so it was denied",
  run_ended: "The run ended before an answer",
  agent_restarted: "The agent restarted; it asks again if it still needs this",
  withdrawn: "The agent withdrew its request",
  violation: "It ran before anyone had decided",
};
const WORDS = { approved: "allowed", denied: "denied", bypassed: "bypassed" } as const;

/** What became of a request that is over, and the way to the next. */
function Over({ text, onNext }: { text: string; onNext: () => void }) {
  return (
    <Notice
      tone="info"
      title={text}
      alert
      actions={
        <Button look="primary" onClick={onNext}>
          Next request
        </Button>
      }
    >
      <p>The session’s transcript has the details.</p>
    </Notice>
  );
}

/** Goes on by itself once the reader's own answer is in; what somebody else decided stays to be read. */
function useOwnAnswer(isMine: boolean, onDone: () => void): void {
  const done = useRef(false);
  const goOn = useEffectEvent(onDone);
  useEffect(() => {
    if (!isMine || done.current) return;
    done.current = true;
    goOn();
  }, [isMine]);
}

const inSession = (session: Session, me: Me, card: ReactNode) => (
  <OpenedElsewhere session={session} me={me.name} disabledReason={disabledReasonsOf(me, session)}>
    {card}
  </OpenedElsewhere>
);

/** A request, whole, to be answered here. */
export function ApprovalDetail({ row, me, onDone }: { row: Of<"approval">; me: Me; onDone: () => void }) {
  const found = useApproval(row.runId, row.key);
  const whole = typeof found === "string" ? undefined : found;
  const isOver = whole !== undefined && whole.decision !== "pending";
  const isMine = isOver && whole.reason === "person" && whole.decidedById === me.userId;
  useOwnAnswer(isMine, onDone);
  return (
    <>
      <Head asked={row} by={row.askedBy}>
        {row.acts.map((act) => (
          <Tag key={act}>{KIND_NAMES[act]}</Tag>
        ))}
      </Head>
      {found === "gone" ? (
        <Over text="This session was deleted" onNext={onDone} />
      ) : whole === undefined ? (
        <p className="bones text-ink-3">Loading the request</p>
      ) : whole.decision === "pending" ? (
        inSession(whole.session, me, <ApprovalCard approval={approvalOf(whole)} />)
      ) : isMine ? null : (
        <Over
          text={
            (whole.reason !== null && OUTCOMES[whole.reason]) ||
            `${whole.decidedBy ?? "Someone"} ${WORDS[whole.decision]} it`
          }
          onNext={onDone}
        />
      )}
    </>
  );
}

/** A question, to be answered here. */
export function QuestionDetail({ row, me, onDone }: { row: Of<"question">; me: Me; onDone: () => void }) {
  const found = useQuestion(row.runId, row.key);
  const whole = typeof found === "string" ? undefined : found;
  const isMine = whole !== undefined && whole.outcome !== "pending" && whole.answeredById === me.userId;
  useOwnAnswer(isMine, onDone);
  return (
    <>
      <Head asked={row} />
      {found === "gone" ? (
        <Over text="This session was deleted" onNext={onDone} />
      ) : whole === undefined ? (
        <p className="bones text-ink-3">Loading the question</p>
      ) : whole.outcome === "pending" ? (
        inSession(whole.session, me, <QuestionCard question={questionOf(row)} />)
      ) : isMine ? null : (
        <Over
          text={
            whole.answeredBy === ""
              ? "It was skipped before an answer"
              : `${whole.answeredBy} ${whole.outcome === "answered" ? "answered" : "skipped"} it`
          }
          onNext={onDone}
        />
      )}
    </>
  );
}

/** A request or a question that is known by its name alone, to be answered here. */
export function RequestDetail({
  request: { kind, runId, key },
  me,
  onDone,
}: {
  request: { kind: WaitingRow["kind"]; runId: string; key: string };
  me: Me;
  onDone: () => void;
}) {
  return kind === "approval" ? (
    <NamedApproval runId={runId} name={key} me={me} onDone={onDone} />
  ) : (
    <NamedQuestion runId={runId} name={key} me={me} onDone={onDone} />
  );
}

interface Named {
  runId: string;
  name: string;
  me: Me;
  onDone: () => void;
}

function NamedApproval({ runId, name, me, onDone }: Named) {
  const found = useApproval(runId, name);
  if (typeof found === "string") return <NotThere isGone={found === "gone"} onDone={onDone} />;
  return <ApprovalDetail row={found} me={me} onDone={onDone} />;
}

function NamedQuestion({ runId, name, me, onDone }: Named) {
  const found = useQuestion(runId, name);
  if (typeof found === "string") return <NotThere isGone={found === "gone"} onDone={onDone} />;
  return <QuestionDetail row={found} me={me} onDone={onDone} />;
}

function NotThere({ isGone, onDone }: { isGone: boolean; onDone: () => void }) {
  return isGone ? (
    <Over text="This session was deleted" onNext={onDone} />
  ) : (
    <p className="bones text-ink-3">Loading the request</p>
  );
}

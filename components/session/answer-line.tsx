import { transcript as t } from "../../lib/client/messages/transcript.ts";
import type { QuestionView } from "../../lib/domain/session-view.ts";
import { Rich } from "../ui/rich.tsx";

/** What the agent asked, and what it was told. */
export function AnswerLine({ question, me }: { question: QuestionView; me: string }) {
  const { questions, answers, outcome, reason, answeredBy } = question;
  const who = answeredBy === undefined ? t.someone : answeredBy === me ? t.you : answeredBy;
  const said = questions.flatMap((asked, index) => {
    const given = answers?.[index] ?? [];
    return given.length === 0 ? [] : [{ asked: asked.question, given: given.join(", ") }];
  });
  if (outcome === "answered")
    return (
      <ul className="text-small leading-[22px] wrap-anywhere text-ink-2">
        {said.map(({ asked, given }) => (
          <li key={asked}>
            <Rich
              text={t.whoAnsweredQuestionAnswer}
              parts={{ who, question: asked, answer: <span className="text-ink">{given}</span> }}
            />
          </li>
        ))}
      </ul>
    );
  const text = {
    person: t.whoLeftItToTheAgent,
    timeout: t.noAnswerInTimeQuestion,
    run_ended: t.notAnsweredBeforeTheRunQuestion,
    agent_restarted: t.notAnsweredBeforeTheAgentQuestion,
  }[reason ?? "person"];
  return (
    <p className="text-small leading-[22px] wrap-anywhere text-ink-2">
      <Rich text={text} parts={{ who, question: questions.map((asked) => asked.question).join(" ") }} />
    </p>
  );
}

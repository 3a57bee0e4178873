import type { QuestionView } from "#domain/session-view.ts";

/** What the agent asked, and what it was told. */
export function AnswerLine({ question, me }: { question: QuestionView; me: string }) {
  const { questions, answers, outcome, reason, answeredBy } = question;
  const who = answeredBy === undefined ? "Someone" : answeredBy === me ? "You" : answeredBy;
  const said = questions.flatMap((asked, index) => {
    const given = answers?.[index] ?? [];
    return given.length === 0 ? [] : [{ asked: asked.question, given: given.join(", ") }];
  });
  if (outcome === "answered")
    return (
      <ul className="text-small leading-[22px] wrap-anywhere text-ink-2">
        {said.map(({ asked, given }) => (
          <li key={asked}>
            {who} answered “{asked}”: <span className="text-ink">{given}</span>
          </li>
        ))}
      </ul>
    );
  const text = {
    person: `${who} let the agent decide`,
    timeout: "Skipped without an answer",
    run_ended: "The run ended before an answer",
    agent_restarted: "The agent restarted before an answer",
  }[reason ?? "person"];
  return (
    <p className="text-small leading-[22px] wrap-anywhere text-ink-2">
      {text}: “{questions.map((asked) => asked.question).join(" ")}”
    </p>
  );
}

"use client";

import { type KeyboardEvent, type Ref, useId, useRef, useState } from "react";
import { answerOf, type Chosen, choose, NOTHING_CHOSEN, write } from "../../lib/client/answers.ts";
import { type ApiError, answerQuestion, asApiError } from "../../lib/client/api.ts";
import type { Asked } from "../../lib/domain/questions.ts";
import { MAX_ANSWER_CHARS } from "../../lib/domain/limits.ts";
import type { QuestionView } from "../../lib/domain/session-view.ts";
import { Glyph } from "../ui/glyph.tsx";
import { Expiry } from "./expiry.tsx";

/**
 * Something that the agent asks of a person. While the card has the focus, 1 to 9 choose an option of the question that
 * has it, or of the first one without an answer, and Enter answers.
 */
export function QuestionCard({
  question,
  disabledReason,
  ref,
}: {
  question: QuestionView;
  /** Why the reader may not answer; undefined where they may. */
  disabledReason: string | undefined;
  ref?: Ref<HTMLElement>;
}) {
  const id = useId();
  const { questions } = question;
  const [chosen, setChosen] = useState<readonly Chosen[]>(() => questions.map(() => NOTHING_CHOSEN));
  const [sent, setSent] = useState<"answer" | "dismiss">();
  const [problem, setProblem] = useState<ApiError>();
  const form = useRef<HTMLFormElement>(null);
  const off = disabledReason !== undefined || sent !== undefined;
  const answers = questions.map((asked, index) => answerOf(asked, chosen[index] ?? NOTHING_CHOSEN));
  const empty = answers.every((answer) => answer.length === 0);

  const set = (index: number, change: (asked: Asked, before: Chosen) => Chosen) => {
    if (off) return;
    setChosen((all) =>
      questions.map((asked, place) => {
        const before = all[place] ?? NOTHING_CHOSEN;
        return place === index ? change(asked, before) : before;
      }),
    );
  };
  const send = async (what: "answer" | "dismiss") => {
    if (off || (what === "answer" && empty)) return;
    setSent(what);
    setProblem(undefined);
    try {
      await answerQuestion(question.runId, question.key, what === "answer" ? { answers } : { dismiss: true });
    } catch (error) {
      setProblem(asApiError(error));
      setSent(undefined);
    }
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.metaKey || event.ctrlKey || event.altKey || event.repeat || event.nativeEvent.isComposing)
      return;
    const target = event.target instanceof HTMLElement ? event.target : null;
    // In a field digits are words, and the form sends by itself.
    if (target?.matches('input[type="text"], button')) return;
    if (event.key === "Enter") {
      event.preventDefault();
      void send("answer");
      return;
    }
    if (!/^[1-9]$/.test(event.key)) return;
    const focused = Number(target?.closest<HTMLElement>("[data-question]")?.dataset.question ?? -1);
    const open = answers.findIndex((answer) => answer.length === 0);
    const index = focused >= 0 ? focused : Math.max(0, open);
    const label = questions[index]?.options[Number(event.key) - 1]?.label;
    if (label === undefined) return;
    event.preventDefault();
    set(index, (asked, before) => choose(asked, before, label));
  };

  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- its keys answer its fields
    <section
      ref={ref}
      className="approval"
      aria-labelledby={`${id}-title`}
      tabIndex={-1}
      data-testid="question-card"
      onKeyDown={onKeyDown}
    >
      <div className="approval-head">
        <Glyph name="waiting" className="text-warning" />
        <h3 id={`${id}-title`}>The agent has a question</h3>
        <Expiry at={question.expiresAt} what="Skips" />
      </div>
      <form
        ref={form}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void send("answer");
        }}
      >
        <div className="approval-body">
          {questions.map((asked, index) => (
            <Question
              // oxlint-disable-next-line react/no-array-index-key -- the questions of a card keep their places
              key={index}
              index={index}
              asked={asked}
              chosen={chosen[index] ?? NOTHING_CHOSEN}
              off={off}
              onChoose={(label) => set(index, (one, before) => choose(one, before, label))}
              onWrite={(own) => set(index, (one, before) => write(one, before, own))}
            />
          ))}
          {problem && (
            <p role="alert" className="text-small text-danger">
              {problem.message}
            </p>
          )}
        </div>
        <div className="approval-foot">
          <button
            type="submit"
            className="btn btn-primary"
            aria-disabled={off || empty}
            title={empty && !off ? "Choose an answer first" : undefined}
          >
            {sent === "answer" ? "Answering" : "Answer"}
            <kbd className="kbd" aria-hidden="true">
              ⏎
            </kbd>
          </button>
          <button
            type="button"
            className="btn sm:ml-auto"
            aria-disabled={off}
            onClick={() => void send("dismiss")}
          >
            {sent === "dismiss" ? "Skipping" : "Let the agent decide"}
          </button>
          {disabledReason && <p className="col-span-full w-full text-small text-ink-3">{disabledReason}</p>}
        </div>
      </form>
    </section>
  );
}

function Question({
  index,
  asked,
  chosen,
  off,
  onChoose,
  onWrite,
}: {
  index: number;
  asked: Asked;
  chosen: Chosen;
  off: boolean;
  onChoose: (label: string) => void;
  onWrite: (own: string) => void;
}) {
  const id = useId();
  return (
    <fieldset className="min-w-0" data-question={index}>
      <legend className="mb-1 font-medium wrap-anywhere">{asked.question}</legend>
      {asked.multiple && <p className="text-small text-ink-3">Choose all that apply</p>}
      {asked.options.map(({ label, description }, place) => (
        <label key={label} className="answer-row">
          <input
            type={asked.multiple ? "checkbox" : "radio"}
            className="check"
            name={`${id}-answer`}
            checked={chosen.labels.includes(label)}
            disabled={off}
            onChange={() => onChoose(label)}
          />
          <span className="min-w-0 flex-1 wrap-anywhere">
            {label}
            {description !== "" && <span className="block text-small text-ink-3">{description}</span>}
          </span>
          {place < 9 && (
            <kbd className="kbd max-sm:hidden!" aria-hidden="true">
              {place + 1}
            </kbd>
          )}
        </label>
      ))}
      {asked.custom && (
        <div className="field mt-1">
          <label htmlFor={id} className={asked.options.length > 0 ? "text-small text-ink-2" : "sr"}>
            {asked.options.length > 0 ? "Or in your own words" : `Your answer to: ${asked.question}`}
          </label>
          <input
            id={id}
            type="text"
            className="input"
            autoComplete="off"
            maxLength={MAX_ANSWER_CHARS}
            value={chosen.own}
            disabled={off}
            onChange={(event) => onWrite(event.target.value)}
          />
        </div>
      )}
    </fieldset>
  );
}

"use client";

import {
  type KeyboardEvent,
  type MouseEvent,
  type Ref,
  useId,
  useImperativeHandle,
  useRef,
  useState,
} from "react";
import { useAction } from "#client/action.ts";
import { answerOf, type Chosen, choose, NOTHING_CHOSEN, write } from "#client/answers.ts";
import { answerQuestion } from "#client/api.ts";
import { isAnotherHand, noteAnswer, useArmed } from "#client/armed.ts";
import { sendAnswer } from "#client/too-late.ts";
import { isPlainKey } from "#client/use-keys.ts";
import { MAX_ANSWER_CHARS } from "#domain/limits.ts";
import type { Asked } from "#domain/questions.ts";
import type { QuestionView } from "#domain/session-view.ts";
import { AskCard, AskFoot, askBodyClass } from "../ui/ask-card.tsx";
import { Button } from "../ui/button.tsx";
import { Check, Field } from "../ui/field.tsx";
import { Kbd } from "../ui/kbd.tsx";
import { ActionProblem } from "../ui/problem-notice.tsx";
import { Expiry } from "./expiry.tsx";
import { useOpened } from "./session-context.tsx";

/**
 * Something that the agent asks of a person. While the card has the focus, 1 to 9 choose an option of the question that
 * has it, or of the first one without an answer, and Enter answers.
 */
export function QuestionCard({
  question,
  ref,
}: {
  question: QuestionView;
  ref?: Ref<HTMLElement> | undefined;
}) {
  const card = useRef<HTMLElement>(null);
  useImperativeHandle<HTMLElement | null, HTMLElement | null>(ref, () => card.current);
  const armed = useArmed(card);
  const { approve: disabledReason } = useOpened().disabledReason;
  const { questions } = question;
  const [chosen, setChosen] = useState<readonly Chosen[]>(() => questions.map(() => NOTHING_CHOSEN));
  const answers = questions.map((asked, index) => answerOf(asked, chosen[index] ?? NOTHING_CHOSEN));
  const empty = answers.every((answer) => answer.length === 0);
  const send = useAction(async (what: "answer" | "dismiss") => {
    const body = what === "answer" ? { answers } : ({ dismiss: true } as const);
    await sendAnswer(async () => await answerQuestion(question.runId, question.key, body));
  }, "Couldn't send the answer");
  // The card goes with the event that says so.
  const sent = send.pending || send.done ? send.args?.[0] : undefined;
  const closed = disabledReason !== undefined || sent !== undefined;
  // What is chosen can be changed: only the answer has to wait until the card was seen.
  const off = closed || !armed;

  const set = (index: number, change: (asked: Asked, before: Chosen) => Chosen) => {
    if (closed) return;
    setChosen((all) =>
      questions.map((asked, place) => {
        const before = all[place] ?? NOTHING_CHOSEN;
        return place === index ? change(asked, before) : before;
      }),
    );
  };
  const give = (what: "answer" | "dismiss", by: Parameters<typeof noteAnswer>[0]) => {
    if (off || (what === "answer" && empty) || !isAnotherHand(by)) return;
    noteAnswer(by);
    send.run(what);
  };
  /** The click that submits the form: a submit says nothing of its own. */
  const clicked = useRef<MouseEvent | null>(null);
  const byClick = ({ detail, clientX, clientY, nativeEvent }: MouseEvent) => {
    const { pointerType } = nativeEvent as PointerEvent;
    return { detail, clientX, clientY, pointerType };
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (!isPlainKey(event) || event.nativeEvent.isComposing) return;
    const target = event.target instanceof HTMLElement ? event.target : null;
    // In a field digits are words, and the form sends by itself.
    if (target?.matches('input[type="text"], button')) return;
    if (event.key === "Enter") {
      event.preventDefault();
      if (!event.repeat) give("answer", { key: event.key });
      return;
    }
    if (!/^[1-9]$/.test(event.key) || event.repeat) return;
    const focused = Number(target?.closest<HTMLElement>("[data-question]")?.dataset.question ?? -1);
    const open = answers.findIndex((given) => given.length === 0);
    const index = focused >= 0 ? focused : Math.max(0, open);
    const label = questions[index]?.options[Number(event.key) - 1]?.label;
    if (label === undefined) return;
    event.preventDefault();
    set(index, (asked, before) => choose(asked, before, label));
  };

  return (
    <AskCard
      ref={card}
      title="The agent has a question"
      aside={<Expiry at={question.expiresAt} what="Skips" onExpiry={question.onExpiry} />}
      testId="question-card"
      onKeyDown={onKeyDown}
    >
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          const click = clicked.current;
          clicked.current = null;
          // A click that a key makes on the button has no pointer.
          give("answer", click && click.detail > 0 ? byClick(click) : { key: "Enter" });
        }}
      >
        <div className={askBodyClass}>
          {questions.map((asked, index) => (
            <Question
              // oxlint-disable-next-line react/no-array-index-key -- the questions of a card keep their places
              key={index}
              index={index}
              asked={asked}
              chosen={chosen[index] ?? NOTHING_CHOSEN}
              off={closed}
              onChoose={(label) => set(index, (one, before) => choose(one, before, label))}
              onWrite={(own) => set(index, (one, before) => write(one, before, own))}
            />
          ))}
          <ActionProblem failure={send.failure} brief />
        </div>
        <AskFoot note={disabledReason}>
          <Button
            type="submit"
            look="primary"
            off={off || empty}
            title={empty && !off ? "Choose an answer first" : undefined}
            onClick={(event) => (clicked.current = event)}
          >
            {sent === "answer" ? "Answering" : "Answer"}
            <Kbd>⏎</Kbd>
          </Button>
          <Button className="sm:ml-auto" off={off} onClick={(event) => give("dismiss", byClick(event))}>
            {sent === "dismiss" ? "Skipping" : "Let the agent decide"}
          </Button>
        </AskFoot>
      </form>
    </AskCard>
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
  const name = useId();
  const hasOptions = asked.options.length > 0;
  return (
    <fieldset className="min-w-0" data-question={index}>
      <legend className="mb-1 font-medium wrap-anywhere">{asked.question}</legend>
      {asked.multiple && <p className="text-small text-ink-3">Choose all that apply</p>}
      {asked.options.map(({ label, description }, place) => (
        <label
          key={label}
          className="flex min-h-7 cursor-pointer items-start gap-2 rounded-sm px-2 py-1 hover:bg-hover has-checked:bg-selected max-sm:min-h-11 max-sm:py-2.5"
        >
          <Check
            type={asked.multiple ? "checkbox" : "radio"}
            className="mt-[3px]"
            name={name}
            checked={chosen.labels.includes(label)}
            disabled={off}
            onChange={() => onChoose(label)}
          />
          <span className="min-w-0 flex-1 wrap-anywhere">
            {label}
            {description !== "" && <span className="block text-small text-ink-3">{description}</span>}
          </span>
          {place < 9 && <Kbd className="max-sm:hidden">{place + 1}</Kbd>}
        </label>
      ))}
      {asked.custom && (
        <Field
          frameClass="mt-1"
          label={hasOptions ? "Or in your own words" : `Your answer to: ${asked.question}`}
          labelClass={hasOptions ? "text-small text-ink-2" : "sr-only"}
          type="text"
          autoComplete="off"
          maxLength={MAX_ANSWER_CHARS}
          value={chosen.own}
          disabled={off}
          onChange={(event) => onWrite(event.target.value)}
        />
      )}
    </fieldset>
  );
}

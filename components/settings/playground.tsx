"use client";

import { type ReactNode, useEffect, useRef, useState } from "react";
import { useAction } from "#client/action.ts";
import { useFormat } from "#client/locale.tsx";
import { parseCap } from "#client/money.ts";
import { askDirect, type DirectAnswer } from "#client/playground.ts";
import { Button } from "../ui/button.tsx";
import { Card, CardHead } from "../ui/card.tsx";
import { Field, TextField } from "../ui/field.tsx";
import { ActionProblem } from "../ui/problem-notice.tsx";

/** How a model is asked: what stands in the form at that moment. */
export interface PlaygroundSetup {
  provider: string;
  model: string;
  /** Filled in. @param message that it is to answer; `now`: epoch milliseconds */
  prompt: (message: string, now: number) => string;
  temperature: number;
  maxTokens: number;
}

/** Something that was said, and what it cost. */
interface Said {
  id: number;
  role: "user" | "assistant";
  content: string;
  answer?: DirectAnswer;
  /** It was stopped, or broke off. */
  cut?: boolean;
}

/** Messages that go with the next one: a model that forgets is better than one that is refused. */
const MAX_HISTORY = 40;
/** Dollars of one answer, by default. */
const CAP = 500_000;
const OUTPUT_LIMIT = 64_000;

function Line({ said }: { said: Said }) {
  const f = useFormat();
  const { role, content, answer, cut } = said;
  return (
    <li className="grid gap-0.5">
      <span className="label">{role === "user" ? "You" : "Agent"}</span>
      <p className="wrap-anywhere whitespace-pre-wrap">{content}</p>
      {answer && (
        <span className="text-small text-ink-3">
          <span className="fact">{answer.model}</span>, {f.tokens(answer.usage.input_tokens)} in,{" "}
          {f.tokens(answer.usage.output_tokens)} out,{" "}
          {answer.cost_usd === null ? "no price is set" : f.amount(answer.cost_usd * 1_000_000)}
          {answer.stop_reason === "length" && ", cut at the output limit"}
        </span>
      )}
      {cut && <span className="text-small text-ink-3">Stopped. What the model wrote is charged.</span>}
    </li>
  );
}

/**
 * Talks to a model as it is set up here, without a sandbox: through the gateway, with the organization's keys or credits,
 * each answer within a cap. Nothing of it is kept.
 */
export function Playground({
  title,
  about,
  setup,
  suggestions = [],
  children,
}: {
  title: string;
  about: string;
  /** Null while what is set up can't be asked. */
  setup: PlaygroundSetup | null;
  suggestions?: readonly string[];
  children?: ReactNode;
}) {
  const f = useFormat();
  const [lines, setLines] = useState<Said[]>([]);
  const [message, setMessage] = useState("");
  const [typedCap, setTypedCap] = useState(f.cap(CAP));
  const count = useRef(0);
  const going = useRef<AbortController>(null);
  useEffect(() => () => going.current?.abort(), []);
  const cap = parseCap(typedCap, f);
  const say = (said: Omit<Said, "id">): number => {
    count.current += 1;
    const id = count.current;
    setLines((before) => [...before, { id, ...said }]);
    return id;
  };
  const change = (id: number, more: (said: Said) => Partial<Said>) =>
    setLines((before) => before.map((said) => (said.id === id ? { ...said, ...more(said) } : said)));
  const asking = useAction(async (text: string, to: PlaygroundSetup, capMicroUsd: number) => {
    const history = lines
      .filter(({ content }) => content !== "")
      .slice(-MAX_HISTORY)
      .map(({ role, content }) => ({ role, content }));
    say({ role: "user", content: text });
    setMessage("");
    const id = say({ role: "assistant", content: "" });
    const stop = new AbortController();
    going.current = stop;
    const body = {
      message: text,
      history,
      agent_config: {
        provider: to.provider,
        model: to.model,
        system_prompt: to.prompt(text, Date.now()),
        temperature: to.temperature,
        max_tokens: Math.min(to.maxTokens, OUTPUT_LIMIT),
      },
      max_cost_usd: capMicroUsd / 1_000_000,
    };
    try {
      const answer = await askDirect(body, stop.signal, (delta) =>
        change(id, ({ content }) => ({ content: content + delta })),
      );
      change(id, () => ({ answer, content: answer.content }));
    } catch (error) {
      change(id, () => ({ cut: true }));
      // Who stops it knows.
      if (!stop.signal.aborted) throw error;
    }
  }, "Couldn't get an answer");
  const canAsk = setup !== null && cap.ok && message.trim() !== "" && !asking.pending;
  const spent = lines.reduce((sum, { answer }) => sum + (answer?.cost_usd ?? 0), 0);
  return (
    <Card aria-labelledby="playground">
      <CardHead id="playground" title={title} />
      <div className="grid gap-3 p-4">
        <p className="text-small text-ink-2">{about}</p>
        {children}
        {lines.length > 0 && (
          <>
            <ol
              aria-label="Conversation"
              aria-live="polite"
              aria-busy={asking.pending}
              className="grid gap-3"
            >
              {lines.map((said) => (
                <Line key={said.id} said={said} />
              ))}
            </ol>
            <p className="flex flex-wrap items-center gap-2 text-small text-ink-2">
              Spent here: <span className="fact">{f.amount(spent * 1_000_000)}</span>
              <Button size="sm" off={asking.pending} onClick={() => setLines([])}>
                Clear
              </Button>
            </p>
          </>
        )}
        {lines.length === 0 && suggestions.length > 0 && (
          <ul aria-label="Suggestions" className="flex flex-wrap gap-2">
            {suggestions.map((suggestion) => (
              <li key={suggestion}>
                <Button size="sm" onClick={() => setMessage(suggestion)}>
                  {suggestion}
                </Button>
              </li>
            ))}
          </ul>
        )}
        <form
          className="grid gap-3"
          onSubmit={(event) => {
            event.preventDefault();
            if (canAsk) asking.run(message.trim(), setup, cap.microUsd);
          }}
        >
          <TextField
            label="Message"
            rows={3}
            value={message}
            onChange={(event) => setMessage(event.target.value)}
          />
          <Field
            label="Cap for each answer, in dollars"
            value={typedCap}
            problem={cap.ok ? undefined : cap.problem}
            className="fact max-w-40"
            inputMode="decimal"
            autoComplete="off"
            onChange={(event) => setTypedCap(event.target.value)}
          />
          <ActionProblem failure={asking.failure} />
          <div className="flex gap-2">
            <Button type="submit" look="primary" off={!canAsk}>
              {asking.pending ? "Answering" : "Send"}
            </Button>
            {asking.pending && <Button onClick={() => going.current?.abort()}>Stop</Button>}
          </div>
        </form>
      </div>
    </Card>
  );
}

"use client";

import { type ChangeEvent, useState } from "react";
import { type Action, type Failure, useAction } from "./action.ts";
import { type ApiError, asApiError } from "./api.ts";
import { fieldProblems } from "./settings.ts";
import { useUnsaved } from "./unsaved.ts";

/** What is wrong, by field. */
export type Problems = Readonly<Record<string, string>>;
const NONE: Problems = {};

/** The names of those values that are typed as text. */
type TextName<V> = { [N in keyof V]: V[N] extends string ? N : never }[keyof V] & string;

/** A form: what is typed, what is wrong with it, and its sending. */
export interface Form<V> extends Pick<Action<[]>, "pending" | "done"> {
  values: V;
  set: (change: Partial<V>) => void;
  /** What a `Field` or a `TextField` of that name needs. */
  field: (name: TextName<V>) => {
    name: string;
    value: string;
    onChange: (event: ChangeEvent<HTMLInputElement | HTMLTextAreaElement>) => void;
    problem: string | undefined;
  };
  /** What a `Choice` of that name needs. */
  choice: <N extends TextName<V>>(
    name: N,
  ) => { value: V[N]; onChange: (value: V[N]) => void; problem: string | undefined };
  /** A new object is a new refusal. */
  problems: Problems;
  /** What is wrong with a value, for those that are neither fields nor choices. */
  problemOf: (name: keyof V & string) => string | undefined;
  /** Why it was refused, where that is about none of the fields. */
  failure: Failure | undefined;
  /** Checks and sends. @param typed what stands in the fields: a password manager fills them before the page is alive */
  submit: (typed?: FormData) => void;
}

/** What stands in the fields that have the name of a value. */
function textsOf<V extends object>(typed: FormData | undefined, values: V): Partial<V> {
  const texts = [...(typed ?? [])].filter(
    ([name, text]) =>
      typeof text === "string" && name in values && typeof values[name as keyof V] === "string",
  );
  return Object.fromEntries(texts) as Partial<V>;
}

/**
 * The state of a form.
 * @param given `check`: what is wrong before anything is sent; `send`: sends it, and may change the values after it;
 * `failed`: what a refusal is called; `problemsOf`: which fields a refusal is about; `live`: says what is wrong with what
 * was changed while it is typed, and takes back what was said of another value
 */
export function useForm<V extends object>(given: {
  initial: V | (() => V);
  check?: (values: V) => Record<string, string | false | undefined>;
  send: (values: V, set: (change: Partial<V>) => void) => Promise<unknown>;
  failed: string;
  problemsOf?: (error: ApiError) => Problems;
  live?: boolean;
}): Form<V> {
  const { live = false, check, send, failed, problemsOf = fieldProblems } = given;
  const [initial] = useState(given.initial);
  const [values, setValues] = useState<V>(initial);
  const [sent, setSent] = useState<V>(initial);
  const [problems, setProblems] = useState(NONE);
  /** What the problems are about. */
  const [refused, setRefused] = useState<V>(initial);
  const set = (change: Partial<V>) => setValues((before) => ({ ...before, ...change }));
  const sending = useAction(async (sent: V) => {
    try {
      await send(sent, set);
      setSent(sent);
    } catch (error) {
      setRefused(sent);
      setProblems(problemsOf(asApiError(error)));
      throw error;
    }
  }, failed);
  const submit = (typed?: FormData) => {
    if (sending.pending) return;
    sending.reset();
    const current = { ...values, ...textsOf(typed, values) };
    setValues(current);
    const found = Object.entries(check?.(current) ?? {}).filter(
      (entry): entry is [string, string] => !!entry[1],
    );
    setRefused(current);
    setProblems(Object.fromEntries(found));
    if (found.length === 0) sending.run(current);
  };
  const isTyped = (name: keyof V) =>
    typeof values[name] === "string" && values[name] !== initial[name] && values[name] !== sent[name];
  useUnsaved((Object.keys(values) as (keyof V)[]).some(isTyped));
  const typed = live ? check?.(values) : undefined;
  const problemOf = (name: keyof V & string): string | undefined => {
    if (!live) return problems[name];
    const now = values[name] !== initial[name] && typed?.[name];
    return now || (values[name] === refused[name] ? problems[name] : undefined);
  };
  const isAboutFields = Object.keys(problems).length > 0;
  return {
    values,
    set,
    field: (name) => ({
      name,
      value: String(values[name]),
      onChange: (event) => set({ [name]: event.target.value } as Partial<V>),
      problem: problemOf(name),
    }),
    choice: (name) => ({
      value: values[name],
      onChange: (value) => set({ [name]: value } as unknown as Partial<V>),
      problem: problemOf(name),
    }),
    problems,
    problemOf,
    failure: isAboutFields ? undefined : sending.failure,
    pending: sending.pending,
    done: sending.done,
    submit,
  };
}

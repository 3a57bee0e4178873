"use client";

import { type FormEvent, type ReactNode, useEffect, useId, useRef } from "react";

/**
 * A form below what it changes. Focus goes to its first field, and after a refusal to the first field that is wrong.
 * @param problems what is wrong, by field; a new object is a new refusal
 */
export function FormCard({
  title,
  problems,
  takesFocus,
  onSubmit,
  children,
}: {
  title: string;
  problems: Readonly<Record<string, string>>;
  /** True where a press opened the form. */
  takesFocus: boolean;
  onSubmit: () => void;
  children: ReactNode;
}) {
  const id = useId();
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (!takesFocus) return;
    form.current?.querySelector<HTMLElement>("input, select")?.focus();
    form.current?.scrollIntoView({ block: "nearest" });
  }, [takesFocus]);
  useEffect(() => {
    if (Object.keys(problems).length > 0)
      form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [problems]);
  return (
    <form
      ref={form}
      className="card"
      aria-labelledby={id}
      noValidate
      onSubmit={(event: FormEvent) => {
        event.preventDefault();
        onSubmit();
      }}
    >
      <div className="card-head">
        <h2 id={id}>{title}</h2>
      </div>
      <div className="card-body grid grid-cols-[minmax(0,1fr)] gap-4">{children}</div>
    </form>
  );
}

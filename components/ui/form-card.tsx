"use client";

import { type FormEvent, type ReactNode, useEffect, useId, useRef } from "react";
import type { Form } from "#client/form.ts";
import { Button } from "./button.tsx";
import { CardHead, cardClass } from "./card.tsx";
import { ActionProblem } from "./problem-notice.tsx";

/** The button that sends a form. */
export interface Submit {
  label: string;
  /** Its words while the form is sent. */
  busy: string;
  look?: "primary" | "danger" | "plain";
  off?: boolean;
  title?: string | undefined;
}

type AnyForm = Pick<Form<object>, "submit" | "problems" | "failure" | "pending">;

/** A form's element: Enter sends it, and after a refusal the first field that is wrong has the focus. */
export function FormBody({
  form,
  className,
  checkedByBrowser = false,
  children,
  ...rest
}: {
  form: AnyForm;
  className?: string;
  /** The browser itself says what is wrong with a field. */
  checkedByBrowser?: boolean;
  children: ReactNode;
  "aria-labelledby"?: string;
}) {
  const element = useRef<HTMLFormElement>(null);
  const { problems } = form;
  useEffect(() => {
    if (Object.keys(problems).length > 0)
      element.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [problems]);
  return (
    <form
      {...rest}
      ref={element}
      className={className}
      noValidate={!checkedByBrowser}
      onSubmit={(event: FormEvent<HTMLFormElement>) => {
        event.preventDefault();
        form.submit(new FormData(event.currentTarget));
      }}
    >
      {children}
    </form>
  );
}

/** The button that sends a form. */
export function SubmitButton({
  form,
  submit: { label, busy, look = "primary", off = false, title },
  size,
  className,
}: {
  form: Pick<AnyForm, "pending">;
  submit: Submit;
  size?: "sm" | "lg";
  className?: string;
}) {
  return (
    <Button
      type="submit"
      look={look}
      {...(size && { size })}
      off={off || form.pending}
      title={title}
      {...(className !== undefined && { className })}
    >
      {form.pending ? busy : label}
    </Button>
  );
}

/** A form in a card: its fields, why it was refused, and the buttons below. */
export function FormCard({
  title,
  form,
  submit,
  onCancel,
  note,
  inline,
  focus = false,
  children,
}: {
  title: string;
  form: AnyForm;
  submit: Submit;
  onCancel?: () => void;
  /** What to know before sending. */
  note?: ReactNode;
  /** The one field, which has the button beside it. */
  inline?: ReactNode;
  /** True where a press opened the form: it comes into view, and its first field has the focus. */
  focus?: boolean;
  children?: ReactNode;
}) {
  const id = useId();
  return (
    <FormBody form={form} className={cardClass} aria-labelledby={id}>
      <CardHead id={id} title={title} />
      <div ref={focus ? opened : undefined} className="grid grid-cols-[minmax(0,1fr)] gap-4 p-3.5">
        {children}
        {inline && (
          <div className="flex flex-wrap items-start gap-2">
            <div className="min-w-0 flex-1 basis-60">{inline}</div>
            <SubmitButton form={form} submit={submit} className="mt-6" />
          </div>
        )}
        <ActionProblem failure={form.failure} />
        {!inline && (
          <div className="flex flex-wrap items-center gap-2">
            <SubmitButton form={form} submit={submit} />
            {onCancel && (
              <Button look="quiet" onClick={onCancel}>
                Cancel
              </Button>
            )}
            {note && <span className="text-small text-ink-3 sm:ml-auto">{note}</span>}
          </div>
        )}
      </div>
    </FormBody>
  );
}

/** Brings a form that a press opened into view, with the focus in its first field. */
function opened(body: HTMLElement | null): void {
  body?.querySelector<HTMLElement>("input, button")?.focus();
  body?.closest("form")?.scrollIntoView({ block: "nearest" });
}

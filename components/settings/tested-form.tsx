"use client";

import type { ReactNode } from "react";
import type { Form } from "#client/form.ts";
import { CONNECTION_SLUG } from "#domain/git.ts";
import { Button } from "../ui/button.tsx";
import { FormCard } from "../ui/form-card.tsx";

/** What is wrong with the name of a connection to another server. */
export const slugProblem = (slug: string) =>
  !CONNECTION_SLUG.test(slug.trim()) && "Use small letters, digits and -, and begin and end with none.";

/** What was typed with spaces, commas or lines between. */
export const entriesIn = (text: string) => text.split(/[\s,]+/).filter((entry) => entry !== "");

/** The form of a connection to another server, which is asked before it is saved. @param one what it is called */
export function TestedForm<V extends object>({
  form,
  one,
  editing,
  onDone,
  children,
}: {
  form: Form<V>;
  one: string;
  editing: { slug: string } | undefined;
  onDone: () => void;
  children: ReactNode;
}) {
  return (
    <FormCard
      title={editing ? `Change ${editing.slug}` : `New ${one}`}
      form={form}
      submit={{ label: editing ? "Test and save" : "Test and add", busy: "Testing" }}
    >
      {children}
      {editing && (
        <div>
          <Button onClick={onDone}>Cancel</Button>
        </div>
      )}
    </FormCard>
  );
}

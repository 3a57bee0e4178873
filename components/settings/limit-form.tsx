"use client";

import { useForm } from "#client/form.ts";
import { SUBJECT_NAMES, subjectName } from "#client/limit-labels.ts";
import { LIMIT_BOUNDS, setLimit } from "#client/limits.ts";
import { type LimitRow, useLimitSubjects } from "#client/live-limits.ts";
import { useFormat } from "#client/locale.tsx";
import { parseCap } from "#client/money.ts";
import { LIMIT_SUBJECTS, type LimitSubject } from "#domain/monthly-limits.ts";
import { Field } from "../ui/field.tsx";
import { FormCard } from "../ui/form-card.tsx";
import { Choice } from "../ui/select.tsx";

interface Fields {
  subject: LimitSubject;
  /** Empty for the organization, and until one is chosen. */
  subjectId: string;
  amount: string;
}

const CHOOSE = {
  member: "Choose a member.",
  agent: "Choose an agent.",
  api_key: "Choose an API key.",
} as const;

/** Sets a limit, or changes one. */
export function LimitForm({ editing, onDone }: { editing: LimitRow | undefined; onDone: () => void }) {
  const f = useFormat();
  const form = useForm<Fields>({
    initial: () =>
      editing
        ? { subject: editing.subject, subjectId: editing.subjectId, amount: f.cap(editing.limitMicroUsd) }
        : { subject: "organization", subjectId: "", amount: "" },
    check: ({ subject, subjectId, amount }) => {
      const typed = parseCap(amount, f, LIMIT_BOUNDS);
      return {
        subjectId: subject !== "organization" && subjectId === "" && CHOOSE[subject],
        amount: !typed.ok && typed.problem,
      };
    },
    send: async ({ subject, subjectId, amount }, set) => {
      const typed = parseCap(amount, f, LIMIT_BOUNDS);
      if (!typed.ok) return;
      await setLimit({
        subject,
        ...(subject !== "organization" && { subject_id: subjectId }),
        limit_micro_usd: typed.microUsd,
      });
      set({ subjectId: "", amount: "" });
      onDone();
    },
    failed: "Couldn't save the limit",
    problemsOf: () => ({}),
  });
  const { subject } = form.values;
  const choices = useLimitSubjects(editing || subject === "organization" ? undefined : subject);
  return (
    <FormCard
      title={editing ? `Change the limit of ${subjectName(editing)}` : "Set a limit"}
      form={form}
      submit={{ label: editing ? "Save" : "Set limit", busy: "Saving" }}
      {...(editing && { onCancel: onDone, focus: true })}
      note="Setting a limit again replaces it."
    >
      <div className="grid grid-cols-[200px_minmax(0,1fr)_200px] items-start gap-4 max-md:grid-cols-1">
        {!editing && (
          <>
            <Choice
              label="For"
              {...form.choice("subject")}
              onChange={(next) => form.set({ subject: next, subjectId: "" })}
              options={LIMIT_SUBJECTS.map((value) => ({ value, name: SUBJECT_NAMES[value] }))}
            />
            {subject === "organization" ? (
              <span className="max-md:hidden" />
            ) : (
              <Choice
                label={SUBJECT_NAMES[subject]}
                {...form.choice("subjectId")}
                options={choices.map(({ subjectId, name }) => ({ value: subjectId, name }))}
              />
            )}
          </>
        )}
        <Field
          label="Dollars a month"
          {...form.field("amount")}
          className="fact [word-spacing:0]"
          inputMode="decimal"
          autoComplete="off"
          frameClass={editing ? "col-span-full max-w-[200px]" : ""}
        />
      </div>
    </FormCard>
  );
}

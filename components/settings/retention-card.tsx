"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import { useAction } from "#client/action.ts";
import { useForm } from "#client/form.ts";
import { writeSetting } from "#client/settings.ts";
import { SETTING_BOUNDS } from "#domain/settings.ts";
import { Confirm } from "../ui/dialog.tsx";
import { Field } from "../ui/field.tsx";
import { FormCard } from "../ui/form-card.tsx";
import { Notice } from "../ui/notice.tsx";
import { ActionProblem } from "../ui/problem-notice.tsx";

const { min, max } = SETTING_BOUNDS.session_log_retention_days;
const FAILED = "Couldn't change how long logs are kept";
const daysOf = (typed: string): number | null => (typed.trim() === "" ? null : Number(typed));

/** How long the logs of ended sessions are kept. A number is asked about first: it deletes for good. */
export function RetentionCard({ days, off }: { days: number | null; off: boolean }) {
  const router = useRouter();
  const [asking, setAsking] = useState<number>();
  const [isSaved, setIsSaved] = useState(false);
  const save = async (value: number | null) => {
    await writeSetting("session_log_retention_days", value);
    setIsSaved(true);
    router.refresh();
  };
  const shorten = useAction(save, FAILED);
  const form = useForm({
    initial: { days: days === null ? "" : String(days) },
    check: (typed) => {
      const value = /^\d*$/.test(typed.days.trim()) ? daysOf(typed.days) : Number.NaN;
      return {
        days:
          value !== null &&
          !(value >= min && value <= max) &&
          `Enter a whole number from ${min} to ${max}, or leave it empty.`,
      };
    },
    send: async (typed) => {
      const value = daysOf(typed.days);
      setIsSaved(false);
      // Another admin may have changed it meanwhile: every number is asked about.
      if (value !== null) setAsking(value);
      else await save(value);
    },
    failed: FAILED,
    problemsOf: () => ({}),
  });
  return (
    <>
      <FormCard title="Session logs" form={form} submit={{ label: "Save", busy: "Saving", off }}>
        <div className="max-w-[320px]">
          <Field
            label="Delete logs after (days)"
            {...form.field("days")}
            inputMode="numeric"
            autoComplete="off"
            disabled={off}
            hint="Counted from a session's last activity. Leave it empty to keep all logs."
          />
        </div>
        <ActionProblem failure={shorten.failure} />
        {isSaved && <Notice tone="done" title="Saved" alert />}
      </FormCard>
      <Confirm
        open={asking !== undefined}
        onClose={() => setAsking(undefined)}
        title={`Delete logs after ${asking} days?`}
        confirm="Delete older logs"
        cancel="Keep them"
        onConfirm={() => {
          if (asking !== undefined) shorten.run(asking);
        }}
      >
        Messages, answers, command output and saved files of ended sessions that are older than that are
        deleted for good. Titles, costs and usage stay.
      </Confirm>
    </>
  );
}

"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import { useAction } from "#client/action.ts";
import { useForm } from "#client/form.ts";
import { useFormat } from "#client/locale.tsx";
import { previewRetention, type RetentionPreview, writeSetting } from "#client/settings.ts";
import { plural } from "#domain/plural.ts";
import { SETTING_BOUNDS } from "#domain/settings.ts";
import { Moment } from "../common/moment.tsx";
import { Confirm } from "../ui/dialog.tsx";
import { Field } from "../ui/field.tsx";
import { FormCard } from "../ui/form-card.tsx";
import { Notice } from "../ui/notice.tsx";
import { ActionProblem } from "../ui/problem-notice.tsx";

const { min, max } = SETTING_BOUNDS.session_log_retention_days;
const FAILED = "Couldn't change how long logs are kept";
/** What has to be typed where something is deleted at once. */
const CONFIRMED_BY = "delete";
const daysOf = (typed: string): number | null => (typed.trim() === "" ? null : Number(typed));

/** How long the logs of ended sessions are kept. A number is asked about first: it deletes for good. */
export function RetentionCard({ days, off }: { days: number | null; off: boolean }) {
  const router = useRouter();
  const [asked, setAsked] = useState<{ days: number; preview: RetentionPreview }>();
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
      if (value !== null) setAsked({ days: value, preview: await previewRetention(value) });
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
      {asked && (
        <Confirm
          open
          onClose={() => setAsked(undefined)}
          title={`Delete logs after ${asked.days} days?`}
          confirm="Delete older logs"
          cancel="Keep them"
          typed={asked.preview.sessions > 0 ? CONFIRMED_BY : undefined}
          onConfirm={() => shorten.run(asked.days)}
        >
          <Goes preview={asked.preview} />
        </Confirm>
      )}
    </>
  );
}

/** What is deleted once it is confirmed, as far as it was counted. */
function Goes({ preview }: { preview: RetentionPreview }) {
  const f = useFormat();
  const { sessions, events, checkpoints, bytes, oldest_at: oldest, newest_at: newest } = preview;
  const rule =
    "Messages, answers, command output and saved files of ended sessions go for good that many days after their last activity. Titles, costs and usage stay.";
  if (oldest === null || newest === null)
    return (
      <>
        <p>Nothing is deleted now: no ended session is that old.</p>
        <p className="mt-2">{rule}</p>
      </>
    );
  const least = preview.is_more ? "at least " : "";
  return (
    <>
      <p>
        This deletes the logs of {least}
        {f.count(sessions)} {plural(sessions, "session", "sessions")} now: {least}
        {f.count(events)} {plural(events, "event", "events")}, {f.count(checkpoints)}{" "}
        {plural(checkpoints, "checkpoint", "checkpoints")} and {f.bytes(bytes)} of saved work. Their last
        activity was between <Moment at={Date.parse(oldest)} /> and <Moment at={Date.parse(newest)} />.
      </p>
      <p className="mt-2">{rule}</p>
    </>
  );
}

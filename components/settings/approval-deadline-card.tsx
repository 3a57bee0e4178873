"use client";

import { useRouter } from "next/navigation";
import { useForm } from "#client/form.ts";
import { writeSetting } from "#client/settings.ts";
import { DEADLINE_ACTIONS, type DeadlineAction } from "#domain/approvers.ts";
import { type OrganizationSettings, SETTING_BOUNDS } from "#domain/settings.ts";
import { Field } from "../ui/field.tsx";
import { FormCard } from "../ui/form-card.tsx";
import { Notice } from "../ui/notice.tsx";
import { Choice } from "../ui/select.tsx";

const { min, max } = SETTING_BOUNDS.approval_deadline_minutes;
const ACTIONS: Record<DeadlineAction, string> = {
  auto: "Park people’s runs, deny for API keys",
  park: "Park the session until someone answers",
  deny: "Deny, and let the agent go on",
};

/** How long requests and questions wait, and what becomes of them then. */
export function ApprovalDeadlineCard({
  settings,
  off,
}: {
  settings: Pick<OrganizationSettings, "approval_deadline_minutes" | "approval_deadline_action">;
  off: boolean;
}) {
  const router = useRouter();
  const form = useForm({
    initial: {
      minutes: String(settings.approval_deadline_minutes),
      action: settings.approval_deadline_action,
    },
    check: ({ minutes }) => {
      const value = /^\d+$/.test(minutes.trim()) ? Number(minutes) : Number.NaN;
      return { minutes: !(value >= min && value <= max) && `Enter a whole number from ${min} to ${max}.` };
    },
    send: async ({ minutes, action }) => {
      if (Number(minutes) !== settings.approval_deadline_minutes)
        await writeSetting("approval_deadline_minutes", Number(minutes));
      if (action !== settings.approval_deadline_action)
        await writeSetting("approval_deadline_action", action);
      router.refresh();
    },
    failed: "Some changes weren't saved",
    problemsOf: () => ({}),
  });
  return (
    <FormCard title="When nobody answers" form={form} submit={{ label: "Save", busy: "Saving", off }}>
      <div className="grid max-w-[640px] grid-cols-[200px_minmax(0,1fr)] items-start gap-4 max-sm:grid-cols-1">
        <Field
          label="Wait for (minutes)"
          {...form.field("minutes")}
          inputMode="numeric"
          autoComplete="off"
          disabled={off}
          hint="New requests only"
        />
        <Choice
          label="Then"
          {...form.choice("action")}
          options={DEADLINE_ACTIONS.map((value) => ({ value, name: ACTIONS[value] }))}
          disabled={off}
        />
      </div>
      <p className="max-w-[68ch] text-small text-ink-3">
        A parked session is saved and its sandbox ends. It goes on at the answer or the next message.
      </p>
      {form.done && <Notice tone="done" title="Saved" alert />}
    </FormCard>
  );
}

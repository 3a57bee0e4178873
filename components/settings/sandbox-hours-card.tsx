"use client";

import { useRouter } from "next/navigation";
import { useForm } from "#client/form.ts";
import { writeSetting } from "#client/settings.ts";
import { SETTING_BOUNDS } from "#domain/settings.ts";
import { Field } from "../ui/field.tsx";
import { FormCard } from "../ui/form-card.tsx";
import { Notice } from "../ui/notice.tsx";

const { min, max } = SETTING_BOUNDS.sandbox_hours_per_month;
const hoursOf = (typed: string): number | null => (typed.trim() === "" ? null : Number(typed));

/** How many hours the organization's sandboxes may run in a month. */
export function SandboxHoursCard({ hours, off }: { hours: number | null; off: boolean }) {
  const router = useRouter();
  const form = useForm({
    initial: { hours: hours === null ? "" : String(hours) },
    check: (typed) => {
      const value = /^\d*$/.test(typed.hours.trim()) ? hoursOf(typed.hours) : Number.NaN;
      return {
        hours:
          value !== null &&
          !(value >= min && value <= max) &&
          `Enter a whole number from ${min} to ${max}, or leave it empty.`,
      };
    },
    send: async (typed) => {
      await writeSetting("sandbox_hours_per_month", hoursOf(typed.hours));
      router.refresh();
    },
    failed: "Couldn't change the sandbox hours",
    problemsOf: () => ({}),
  });
  return (
    <FormCard title="Sandbox hours" form={form} submit={{ label: "Save", busy: "Saving", off }}>
      <p className="max-w-[68ch] text-small text-ink-2">
        Once the organization's sandboxes have run this long in a month (UTC), no new ones are created. Those
        that run go on.
      </p>
      <div className="max-w-[320px]">
        <Field
          label="Hours per month"
          {...form.field("hours")}
          inputMode="numeric"
          autoComplete="off"
          disabled={off}
          hint="0 for no limit, empty for the operator's default"
        />
      </div>
      {form.done && <Notice tone="done" title="Saved" alert />}
    </FormCard>
  );
}

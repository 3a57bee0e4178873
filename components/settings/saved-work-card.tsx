"use client";

import { useRouter } from "next/navigation";
import { useForm } from "#client/form.ts";
import type { SavedWork } from "#client/saved.ts";
import { useFormat } from "#client/locale.tsx";
import { writeSetting } from "#client/settings.ts";
import { MAX_SKIPPED_CHARS, MAX_SKIPPED_NAMES, SKIPPED_NAME } from "#domain/checkpoints.ts";
import { SETTING_BOUNDS } from "#domain/settings.ts";
import { Field, TextField } from "../ui/field.tsx";
import { FormCard } from "../ui/form-card.tsx";
import { Meter } from "../ui/meter.tsx";
import { Notice } from "../ui/notice.tsx";

/** From this share on the limit is said before it is reached. */
const SOON = 0.8;
const GB = 1e9;
const { min, max } = SETTING_BOUNDS.saved_work_gb;

/** One name a line. */
const namesIn = (text: string) => [
  ...new Set(
    text
      .split("\n")
      .map((line) => line.trim())
      .filter((line) => line !== ""),
  ),
];

function namesProblem(text: string): string | false {
  const names = namesIn(text);
  if (names.length > MAX_SKIPPED_NAMES) return `Enter at most ${MAX_SKIPPED_NAMES} names.`;
  const wrong = names.find((name) => !SKIPPED_NAME.test(name) || name.length > MAX_SKIPPED_CHARS);
  if (wrong === ".git") return "Git's own folder is always saved: it holds commits that weren't pushed.";
  return wrong !== undefined && `“${wrong}” isn't the name of a file or folder. Enter names without a slash.`;
}

/** How much room the organization's saved work takes and may take, and what is not saved. */
export function SavedWorkCard({ work, off }: { work: SavedWork; off: boolean }) {
  const f = useFormat();
  const router = useRouter();
  const { used_bytes: used, limit_bytes: limit } = work;
  const words = `${f.bytes(used)} of ${f.bytes(limit)}`;
  const form = useForm({
    initial: { limit: String(limit / GB), names: work.not_saved.join("\n") },
    check: (typed) => {
      const value = /^\d+$/.test(typed.limit.trim()) ? Number(typed.limit) : Number.NaN;
      return {
        limit: !(value >= min && value <= max) && `Enter a whole number from ${min} to ${max}.`,
        names: namesProblem(typed.names),
      };
    },
    send: async (typed) => {
      const names = namesIn(typed.names);
      if (Number(typed.limit) !== limit / GB) await writeSetting("saved_work_gb", Number(typed.limit));
      if (names.join("\n") !== work.not_saved.join("\n")) await writeSetting("not_saved", names);
      router.refresh();
    },
    failed: "Some changes weren't saved",
    problemsOf: () => ({}),
  });
  return (
    <FormCard title="Saved work" form={form} submit={{ label: "Save", busy: "Saving", off }}>
      <div className="flex flex-wrap items-center gap-3">
        <Meter label="Room for saved work" value={used} max={limit} valueText={words} className="flex-1" />
        <span className="fact text-small">{words}</span>
      </div>
      {used >= SOON * limit && (
        <Notice
          tone="warning"
          title={used >= limit ? "Nothing more is saved" : "Room for saved work is running out"}
        >
          <p>
            At {f.bytes(limit)} sessions can't be saved any longer. Delete logs sooner: saved work goes with
            them.
          </p>
        </Notice>
      )}
      <p className="max-w-[68ch] text-small text-ink-2">
        After each turn and before each stop, a session's files and its agent's memory are saved. Files over{" "}
        {f.bytes(work.max_file_bytes)} are left out, and the largest ones beyond{" "}
        {f.bytes(work.max_workspace_bytes)} or {f.thousands(work.max_files)} files in all.
      </p>
      <div className="grid grid-cols-[200px_minmax(0,1fr)] items-start gap-4 max-md:grid-cols-1">
        <Field
          label="Limit (GB)"
          {...form.field("limit")}
          inputMode="numeric"
          autoComplete="off"
          disabled={off}
          hint={`${max} GB at most`}
        />
        <TextField
          label="Not saved"
          name="names"
          value={form.values.names}
          onChange={(event) => form.set({ names: event.target.value })}
          problem={form.problems.names}
          rows={6}
          spellCheck={false}
          disabled={off}
          className="mono"
          hint="Files and folders by name, one a line, wherever they are: what can be made again"
        />
      </div>
      {form.done && <Notice tone="done" title="Saved" alert />}
    </FormCard>
  );
}

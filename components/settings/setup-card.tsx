"use client";

import { type ReactNode, useState } from "react";
import { useAction } from "#client/action.ts";
import { useForm } from "#client/form.ts";
import type { SetupRow } from "#client/live-settings.ts";
import { removeSetup, saveSetup, type SetupPlace } from "#client/settings.ts";
import type { Environment } from "#domain/catalog.ts";
import { LIMITS } from "#domain/limits.ts";
import { DEFAULT_SETUP_SECONDS, PROJECT_SCOPE } from "#domain/setup.ts";
import { Button } from "../ui/button.tsx";
import { Confirm } from "../ui/dialog.tsx";
import { Field, TextField } from "../ui/field.tsx";
import { FormCard } from "../ui/form-card.tsx";
import { Notice } from "../ui/notice.tsx";
import { ActionProblem } from "../ui/problem-notice.tsx";

export const ENVIRONMENT_NAMES: Record<Environment, string> = {
  development: "Development",
  production: "Production",
};

const fieldsOf = (row: SetupRow | undefined) => ({
  script: row?.script ?? "",
  lockfiles: row?.lockfiles.join(", ") ?? "",
  requires: row?.requires.join(", ") ?? "",
  minutes: String((row?.timeoutSeconds ?? DEFAULT_SETUP_SECONDS) / 60),
  hours: row?.rebuildHours === null || row === undefined ? "" : String(row.rebuildHours),
});

const listOf = (typed: string): string[] => [...new Set(typed.split(/[\s,]+/).filter(Boolean))];
const { setupSeconds, setupHours } = LIMITS;
const secondsOf = (minutes: string): number => Math.round(Number(minutes) * 60);

function secondsProblem(minutes: string): string | false {
  const seconds = secondsOf(minutes);
  return (
    !(seconds >= setupSeconds.min && seconds <= setupSeconds.max) &&
    `Enter minutes, ${setupSeconds.max / 60} at most.`
  );
}

function hoursProblem(hours: string): string | false {
  const number = Number(hours);
  return (
    hours.trim() !== "" &&
    !(Number.isInteger(number) && number >= setupHours.min && number <= setupHours.max) &&
    `Enter whole hours, ${setupHours.max} at most, or leave it empty.`
  );
}

/** The set-up script of one environment's project, or of a repository in it. */
export function SetupCard({
  place,
  row,
  off,
  onSaved,
  children,
}: {
  place: SetupPlace;
  row: SetupRow | undefined;
  off: boolean;
  onSaved?: () => void;
  /** How its snapshot stands. */
  children: ReactNode;
}) {
  const { environment, scope } = place;
  const isProject = scope === PROJECT_SCOPE;
  const name = isProject ? ENVIRONMENT_NAMES[environment] : `${scope} (${environment})`;
  // What is shown here is based on it: where somebody else has changed the script since, a save is refused.
  const [version, setVersion] = useState(row?.version ?? 0);
  const [asked, setAsked] = useState(false);
  const remove = useAction(removeSetup, "Couldn't remove the set-up");
  const form = useForm({
    initial: fieldsOf(row),
    check: ({ script, minutes, hours }) => ({
      script: script.trim() === "" && "Enter a script.",
      minutes: secondsProblem(minutes),
      hours: hoursProblem(hours),
    }),
    send: async ({ script, lockfiles, requires, minutes, hours }) => {
      const { setup } = await saveSetup(environment, {
        scope,
        script,
        lockfiles: listOf(lockfiles),
        requires: listOf(requires),
        timeout_seconds: secondsOf(minutes),
        rebuild_hours: hours.trim() === "" ? null : Number(hours),
        version,
      });
      setVersion(setup.version);
      onSaved?.();
    },
    failed: "Couldn't save the set-up",
  });
  const { values, set, problems } = form;
  return (
    <FormCard
      title={name}
      form={form}
      submit={{ label: "Save", busy: "Saving", off }}
      note={
        row &&
        !off && (
          <Button look="danger" size="sm" onClick={() => setAsked(true)}>
            Remove set-up
          </Button>
        )
      }
    >
      {children}
      <TextField
        fact
        label="Script"
        name="script"
        value={values.script}
        onChange={({ target }) => set({ script: target.value })}
        problem={problems["script"]}
        hint={`Bash, in ${isProject ? "the workspace" : "the repository's folder, after the project's script"}. Stops at the first command that fails. It can't ask for input.`}
        rows={6}
        readOnly={off}
        placeholder="npm ci"
      />
      <div className="grid grid-cols-2 items-start gap-4 max-md:grid-cols-1">
        <Field
          fact
          label="Lockfiles"
          {...form.field("lockfiles")}
          problem={problems["lockfiles"] ?? problems["lockfiles.0"]}
          readOnly={off}
          placeholder="package-lock.json"
          hint="It runs again when one of them changes."
        />
        <Field
          fact
          label="Needs variables"
          {...form.field("requires")}
          problem={problems["requires"] ?? problems["requires.0"]}
          readOnly={off}
          placeholder="NPM_TOKEN"
          hint="Without them it isn't run, and the session says so."
        />
        <Field
          label="Time limit in minutes"
          {...form.field("minutes")}
          inputMode="decimal"
          readOnly={off}
          autoComplete="off"
        />
        <Field
          label="Run again every … hours"
          {...form.field("hours")}
          inputMode="numeric"
          readOnly={off}
          autoComplete="off"
          hint="Empty: only when something changes."
        />
      </div>
      <p className="text-small text-ink-2">
        What the script writes to disk is in the snapshot, and so in every new sandbox. Don't let it write
        secrets.
      </p>
      <ActionProblem failure={remove.failure} />
      {form.done && <Notice tone="done" title="Saved" alert />}
      <Confirm
        open={asked}
        onClose={() => setAsked(false)}
        title={`Remove the set-up of ${isProject ? environment : name}?`}
        confirm="Remove set-up"
        cancel="Keep it"
        onConfirm={() => remove.run(place)}
      >
        {isProject
          ? "New sessions begin with an empty workspace again."
          : "New sessions on this repository begin with a fresh clone again."}{" "}
        The snapshot can't be restored.
      </Confirm>
    </FormCard>
  );
}

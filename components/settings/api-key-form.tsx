"use client";

import { useId } from "react";
import { DAY_MS } from "#client/format.ts";
import { useForm } from "#client/form.ts";
import { serverNow } from "#client/server-clock.ts";
import { createApiKey, type NewApiKey } from "#client/settings.ts";
import { type Environment, ENVIRONMENTS } from "#domain/catalog.ts";
import { type Scope, SCOPES } from "#domain/roles.ts";
import { Check, Field, FieldNote } from "../ui/field.tsx";
import { FormCard } from "../ui/form-card.tsx";
import { Choice } from "../ui/select.tsx";
import { SCOPE_LABELS } from "./scopes.ts";

const LIVES = [
  { value: "30", name: "in 30 days" },
  { value: "90", name: "in 90 days" },
  { value: "365", name: "in a year" },
  { value: "", name: "never" },
] as const;

interface Fields {
  name: string;
  environment: Environment;
  /** In so many days; empty for never. */
  expires_at: (typeof LIVES)[number]["value"];
  scopes: readonly Scope[];
}

/** Makes a key: its name, its environment, what it may do, and until when. */
export function ApiKeyForm({ onMade }: { onMade: (made: NewApiKey) => void }) {
  const form = useForm<Fields>({
    initial: { name: "", environment: "development", expires_at: "90", scopes: ["sessions:read"] },
    check: ({ name, scopes }) => ({
      name: name.trim() === "" && "Enter what will use it.",
      scopes: scopes.length === 0 && "Select at least one scope: a key without scopes can't do anything.",
    }),
    send: async ({ name, environment, expires_at: days, scopes }, set) => {
      const made = await createApiKey({
        name: name.trim(),
        environment,
        scopes: SCOPES.filter((scope) => scopes.includes(scope)),
        ...(days !== "" && { expires_at: new Date(serverNow() + Number(days) * DAY_MS).toISOString() }),
      });
      set({ name: "" });
      onMade(made);
    },
    failed: "Couldn't create the key",
  });
  return (
    <FormCard title="New key" form={form} submit={{ label: "Create key", busy: "Creating" }}>
      <div className="grid grid-cols-[minmax(0,1fr)_180px_180px] gap-4 max-md:grid-cols-1">
        <Field
          label="Name"
          {...form.field("name")}
          maxLength={100}
          autoComplete="off"
          placeholder="What will use it"
        />
        <Choice
          label="Environment"
          {...form.choice("environment")}
          options={ENVIRONMENTS.map((value) => ({ value, name: value }))}
        />
        <Choice label="Expires" {...form.choice("expires_at")} options={LIVES} />
      </div>
      <ScopeTicks
        scopes={form.values.scopes}
        problem={form.problems.scopes}
        onChange={(scopes) => form.set({ scopes })}
      />
    </FormCard>
  );
}

function ScopeTicks({
  scopes,
  problem,
  onChange,
}: {
  scopes: readonly Scope[];
  problem: string | undefined;
  onChange: (scopes: Scope[]) => void;
}) {
  const id = useId();
  return (
    <fieldset className="min-w-0" aria-describedby={problem ? id : undefined}>
      <legend className="mb-1 font-medium">Scopes</legend>
      <div className="grid grid-cols-3 gap-x-4 max-lg:grid-cols-2 max-sm:grid-cols-1">
        {SCOPES.map((scope) => (
          <label key={scope} className="flex min-h-7 items-center gap-2 touch:min-h-11">
            <Check
              type="checkbox"
              checked={scopes.includes(scope)}
              aria-invalid={problem ? true : undefined}
              onChange={({ target }) =>
                onChange(target.checked ? [...scopes, scope] : scopes.filter((known) => known !== scope))
              }
            />
            <span className="fact whitespace-nowrap">{scope}</span>
            <span className="text-small text-ink-3">{SCOPE_LABELS[scope]}</span>
          </label>
        ))}
      </div>
      <FieldNote id={id} problem={problem} />
    </fieldset>
  );
}

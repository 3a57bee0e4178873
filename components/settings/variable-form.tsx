"use client";

import type { VariableRow } from "#client/live-settings.ts";
import { useForm } from "#client/form.ts";
import { saveVariable } from "#client/settings.ts";
import { type Environment, ENVIRONMENTS } from "#domain/catalog.ts";
import { isReservedVariable, VARIABLE_REACHES, type VariableReach } from "#domain/variables.ts";
import { Button } from "../ui/button.tsx";
import { Field, TextField } from "../ui/field.tsx";
import { FormCard } from "../ui/form-card.tsx";
import { Choice } from "../ui/select.tsx";

export const REACH_NAMES: Record<VariableReach, string> = {
  agent: "Agent and terminals",
  terminals: "Terminals only",
  setup: "Set-up only",
};
const ALL = "all";
type Place = Environment | typeof ALL;

/** Where a variable holds, in words. */
export const environmentName = (environment: Environment | null): string => environment ?? "all environments";

interface Fields {
  name: string;
  value: string;
  description: string;
  environment: Place;
  reach: VariableReach;
}

const fieldsOf = (row: VariableRow | undefined): Fields => ({
  name: row?.name ?? "",
  value: "",
  description: row?.description ?? "",
  environment: row?.environment ?? ALL,
  reach: row?.reach ?? "agent",
});

/** Adds a variable, or changes one: its value is typed again, or stays as it is. */
export function VariableForm({ editing, onDone }: { editing: VariableRow | undefined; onDone: () => void }) {
  const form = useForm<Fields>({
    initial: fieldsOf(editing),
    check: ({ name, value }) => ({
      name: !/^[A-Za-z_]\w*$/.test(name.trim())
        ? "Use letters, digits and _, and don't begin with a digit."
        : isReservedVariable(name.trim()) &&
          "Studio or the system sets this one in every sandbox. Choose another name.",
      value: !editing && value === "" && "Enter its value.",
    }),
    send: async ({ name, value, description, environment, reach }, set) => {
      await saveVariable(name.trim(), {
        ...(value !== "" && { value }),
        description,
        environment: environment === ALL ? null : environment,
        reach,
      });
      set(fieldsOf(undefined));
      onDone();
    },
    failed: "Couldn't save the variable",
  });
  return (
    <FormCard
      title={editing ? `Change ${editing.name}` : "New variable"}
      form={form}
      submit={{ label: editing ? "Save" : "Add variable", busy: "Saving" }}
    >
      <div className="grid grid-cols-[minmax(0,1fr)_200px_200px] items-start gap-4 max-md:grid-cols-1">
        <Field
          fact
          label="Name"
          {...form.field("name")}
          maxLength={128}
          readOnly={editing !== undefined}
          placeholder="DATABASE_URL"
        />
        {editing ? (
          <Field label="Environment" value={environmentName(editing.environment)} readOnly />
        ) : (
          <Choice
            label="Environment"
            {...form.choice("environment")}
            options={[
              { value: ALL, name: environmentName(null) },
              ...ENVIRONMENTS.map((value) => ({ value, name: value })),
            ]}
          />
        )}
        <Choice
          label="Available to"
          {...form.choice("reach")}
          options={VARIABLE_REACHES.map((value) => ({ value, name: REACH_NAMES[value] }))}
        />
      </div>
      <TextField
        fact
        label="Value"
        {...form.field("value")}
        hint={
          editing
            ? "Leave it empty to keep the value."
            : "Can have several lines. Nobody can read it here once it's saved."
        }
        rows={3}
      />
      <Field
        label="Description"
        {...form.field("description")}
        maxLength={500}
        autoComplete="off"
        placeholder="What needs it"
      />
      {form.values.reach === "terminals" && (
        <p className="text-small text-ink-2">
          The agent and its commands don't get it. While a terminal is open, a command can still read that
          terminal's environment: both run as the same user.
        </p>
      )}
      {form.values.reach === "setup" && (
        <p className="text-small text-ink-2">
          The set-up script gets it; the agent and terminals don't. What the script writes to disk stays in
          the sandbox.
        </p>
      )}
      {editing && (
        <div>
          <Button onClick={onDone}>Cancel</Button>
        </div>
      )}
    </FormCard>
  );
}

"use client";

import { Plus, X } from "lucide-react";
import { useRef } from "react";
import {
  checkEndpoint,
  type EndpointFields,
  endpointFields,
  FRESH_MODEL,
  type ModelFields,
} from "#client/endpoint-form.ts";
import { type Problems, useForm } from "#client/form.ts";
import type { KeyRow } from "#client/live-settings.ts";
import { useFormat } from "#client/locale.tsx";
import { type KeyVerdict, saveProviderKey } from "#client/settings.ts";
import { LIMITS } from "#domain/limits.ts";
import { Button } from "../ui/button.tsx";
import { Field } from "../ui/field.tsx";
import { FormCard } from "../ui/form-card.tsx";
import { Icon } from "../ui/icon.tsx";

const MAX_MODELS = LIMITS.endpointModels.max;

/** Takes an endpoint that speaks OpenAI's chat format: where it is, its key, and its models. */
export function EndpointForm({
  row,
  taken,
  onSaved,
  onCancel,
}: {
  /** The endpoint that is changed; undefined for a new one. */
  row: KeyRow | undefined;
  taken: readonly string[];
  onSaved: (name: string, verdict: KeyVerdict) => void;
  onCancel: () => void;
}) {
  const f = useFormat();
  const checked = (fields: EndpointFields) => checkEndpoint(fields, row?.provider, taken, f);
  const form = useForm<EndpointFields>({
    initial: () => endpointFields(row, f),
    check: (fields) => {
      const found = checked(fields);
      return found.ok ? {} : found.problems;
    },
    send: async (fields) => {
      const found = checked(fields);
      if (found.ok) onSaved(found.body.name, await saveProviderKey(found.provider, found.body));
    },
    failed: "Couldn't save the endpoint",
  });
  return (
    <FormCard
      title={row ? `Edit ${row.name}` : "Add a compatible endpoint"}
      form={form}
      focus
      submit={{ label: "Verify and save", busy: "Verifying" }}
      onCancel={onCancel}
      note="Verified with one call to the model list"
    >
      <div className="grid grid-cols-2 gap-4 max-sm:grid-cols-1">
        <Field
          label="Name"
          {...form.field("name")}
          maxLength={100}
          autoComplete="off"
          hint="Shown in the list of providers"
        />
        <Field
          label="Base URL"
          {...form.field("base_url")}
          type="url"
          maxLength={1000}
          autoComplete="off"
          spellCheck={false}
          placeholder="https://models.example.com/v1"
          hint="The part before /chat/completions and /models"
        />
      </div>
      <Field
        label="Key"
        {...form.field("api_key")}
        type="password"
        maxLength={1000}
        autoComplete="off"
        spellCheck={false}
        hint={
          row
            ? "Saved keys can't be read back: enter it again to save a change"
            : "If the endpoint needs no key, enter any 8 characters"
        }
      />
      <Models
        models={form.values.models}
        problems={form.problems}
        onChange={(models) => form.set({ models })}
      />
    </FormCard>
  );
}

/** The fields of a model, beside each other; `name` is where the API has it in the request. */
const MODEL_FIELDS = [
  { field: "contextTokens", name: "context_tokens", label: "Context tokens" },
  { field: "outputTokens", name: "output_tokens", label: "Output tokens" },
] as const;
/** What its calls cost, as its endpoint's owner knows it. */
const PRICE_FIELDS = [
  {
    field: "priceIn",
    name: "prices.input_micro_usd",
    label: "Input, $ per million",
    hint: "Empty: cost unknown, not counted against a cap. 0: free of charge",
  },
  {
    field: "priceCached",
    name: "prices.cached_input_micro_usd",
    label: "Cached input, $",
    hint: "Empty: same as input",
  },
  { field: "priceOut", name: "prices.output_micro_usd", label: "Output, $ per million", hint: undefined },
] as const;

function Models({
  models,
  problems,
  onChange,
}: {
  models: readonly ModelFields[];
  problems: Problems;
  onChange: (models: ModelFields[]) => void;
}) {
  const nextKey = useRef(models.length);
  const add = () => {
    nextKey.current += 1;
    onChange([...models, { key: nextKey.current, ...FRESH_MODEL }]);
  };
  return (
    <fieldset className="grid min-w-0 grid-cols-[minmax(0,1fr)] gap-3">
      <legend className="mb-2 font-medium">Models</legend>
      {models.map((model, index) => (
        <Model
          key={model.key}
          model={model}
          number={index + 1}
          problemOf={(name) => problems[`models.${index}.${name}`]}
          onChange={(part) =>
            onChange(models.map((known) => (known.key === model.key ? { ...known, ...part } : known)))
          }
          onRemove={
            models.length > 1 ? () => onChange(models.filter(({ key }) => key !== model.key)) : undefined
          }
        />
      ))}
      {problems.models && <p className="text-small text-danger">{problems.models}</p>}
      <div>
        <Button size="sm" off={models.length >= MAX_MODELS} onClick={add}>
          <Icon as={Plus} size="sm" />
          Add a model
        </Button>
      </div>
    </fieldset>
  );
}

function Model({
  model,
  number,
  problemOf,
  onChange,
  onRemove,
}: {
  model: ModelFields;
  number: number;
  problemOf: (name: string) => string | undefined;
  onChange: (part: Partial<ModelFields>) => void;
  /** Undefined for the only one. */
  onRemove: (() => void) | undefined;
}) {
  const own = (field: Exclude<keyof ModelFields, "key">, name: string) => ({
    value: model[field],
    onChange: ({ target }: { target: HTMLInputElement }) => onChange({ [field]: target.value }),
    problem: problemOf(name),
    autoComplete: "off",
  });
  return (
    <div className="grid grid-cols-[minmax(0,1fr)_150px_150px_auto] items-start gap-3 max-sm:grid-cols-2">
      <Field
        frameClass="max-sm:col-span-2"
        label={`Model ${number}`}
        {...own("id", "id")}
        maxLength={200}
        spellCheck={false}
        hint="Its name, as the endpoint knows it"
      />
      {MODEL_FIELDS.map(({ field, name, label }) => (
        <Field key={field} label={label} inputMode="numeric" {...own(field, name)} />
      ))}
      <Button
        icon
        className="mt-6 max-sm:col-span-2 max-sm:mt-0"
        aria-label={`Remove model ${number}`}
        off={!onRemove}
        title={onRemove ? "Remove this model" : "An endpoint needs at least one model"}
        onClick={onRemove}
      >
        <Icon as={X} size="sm" />
      </Button>
      <div className="col-span-full grid grid-cols-3 items-start gap-3 max-sm:grid-cols-1">
        {PRICE_FIELDS.map(({ field, name, label, hint }) => (
          <Field
            key={field}
            label={label}
            inputMode="decimal"
            maxLength={20}
            hint={hint}
            {...own(field, name)}
          />
        ))}
      </div>
    </div>
  );
}

"use client";

import { LIMITS } from "../../lib/domain/limits.ts";
import { Plus, X } from "lucide-react";
import { useRef, useState } from "react";
import { type ApiError, asApiError } from "../../lib/client/api.ts";
import { checkEndpoint, type EndpointFields, type ModelFields } from "../../lib/client/endpoint-form.ts";
import type { Format } from "../../lib/client/format.ts";
import { useFormat } from "../../lib/client/locale.tsx";
import type { KeyRow } from "../../lib/client/live-settings.ts";
import { fieldProblems, type KeyVerdict, saveProviderKey } from "../../lib/client/settings.ts";
import { Field } from "../account/field.tsx";
import { ProblemNotice } from "../common/problem-notice.tsx";
import { FormCard } from "./form-card.tsx";

const MAX_MODELS = LIMITS.endpointModels.max;
const FRESH = {
  id: "",
  contextTokens: "128000",
  outputTokens: "16384",
  priceIn: "",
  priceCached: "",
  priceOut: "",
};
/** A price as it was typed: in dollars. */
const dollars = (microUsd: number | undefined, f: Format) =>
  microUsd === undefined ? "" : String(microUsd / 1_000_000).replace(".", f.separators.decimal);

function fieldsOf(row: KeyRow | undefined, f: Format): EndpointFields {
  return {
    name: row?.name ?? "",
    baseUrl: row?.baseUrl ?? "",
    apiKey: "",
    models: row?.models?.map((model, key) => ({
      key,
      id: model.id,
      contextTokens: String(model.contextTokens),
      outputTokens: String(model.outputTokens),
      priceIn: dollars(model.prices?.priceInMicroUsd, f),
      priceCached: dollars(model.prices?.priceCachedMicroUsd, f),
      priceOut: dollars(model.prices?.priceOutMicroUsd, f),
    })) ?? [{ key: 0, ...FRESH }],
  };
}

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
  const [fields, setFields] = useState(() => fieldsOf(row, f));
  const [busy, setBusy] = useState(false);
  const [problems, setProblems] = useState<Record<string, string>>({});
  const [other, setOther] = useState<ApiError>();
  const nextKey = useRef(fields.models.length);
  const set = (change: Partial<EndpointFields>) => setFields((before) => ({ ...before, ...change }));

  const save = async () => {
    if (busy) return;
    setOther(undefined);
    const checked = checkEndpoint(fields, row?.provider, taken, f);
    if (!checked.ok) return setProblems(checked.problems);
    setBusy(true);
    setProblems({});
    try {
      onSaved(checked.body.name, await saveProviderKey(checked.provider, checked.body));
    } catch (failure) {
      const error = asApiError(failure);
      const found = fieldProblems(error);
      setProblems(found);
      if (Object.keys(found).length === 0) setOther(error);
      setBusy(false);
    }
  };

  return (
    <FormCard
      title={row ? `Edit ${row.name}` : "Add a compatible endpoint"}
      problems={problems}
      takesFocus
      onSubmit={() => void save()}
    >
      <div className="grid grid-cols-2 gap-4 max-sm:grid-cols-1">
        <Field
          label="Name"
          name="name"
          dense
          value={fields.name}
          onChange={(event) => set({ name: event.target.value })}
          maxLength={100}
          autoComplete="off"
          hint="Shown in the list of providers"
          problem={problems.name}
        />
        <Field
          label="Base URL"
          name="base_url"
          dense
          type="url"
          value={fields.baseUrl}
          onChange={(event) => set({ baseUrl: event.target.value })}
          maxLength={1000}
          autoComplete="off"
          spellCheck={false}
          placeholder="https://models.example.com/v1"
          hint="The part before /chat/completions and /models"
          problem={problems.base_url}
        />
      </div>
      <Field
        label="Key"
        name="api_key"
        dense
        type="password"
        value={fields.apiKey}
        onChange={(event) => set({ apiKey: event.target.value })}
        maxLength={1000}
        autoComplete="off"
        spellCheck={false}
        hint={
          row
            ? "Saved keys can't be read back: enter it again to save a change"
            : "If the endpoint needs no key, enter any 8 characters"
        }
        problem={problems.api_key}
      />
      <Models
        models={fields.models}
        problems={problems}
        onChange={(models) => set({ models })}
        onAdd={() => {
          nextKey.current += 1;
          set({ models: [...fields.models, { key: nextKey.current, ...FRESH }] });
        }}
      />
      {other && <ProblemNotice title="Couldn't save the endpoint" error={other} />}
      <div className="flex flex-wrap items-center gap-2">
        <button type="submit" className="btn btn-primary" aria-disabled={busy}>
          {busy ? "Verifying" : "Verify and save"}
        </button>
        <button type="button" className="btn btn-quiet" onClick={onCancel}>
          Cancel
        </button>
        <span className="text-small text-ink-3 sm:ml-auto">Verified with one call to the model list</span>
      </div>
    </FormCard>
  );
}

function Models({
  models,
  problems,
  onChange,
  onAdd,
}: {
  models: readonly ModelFields[];
  problems: Record<string, string>;
  onChange: (models: ModelFields[]) => void;
  onAdd: () => void;
}) {
  const change = (key: number, part: Partial<ModelFields>) =>
    onChange(models.map((model) => (model.key === key ? { ...model, ...part } : model)));
  return (
    <fieldset className="grid min-w-0 grid-cols-[minmax(0,1fr)] gap-3">
      <legend className="mb-2 font-medium">Models</legend>
      {models.map((model, index) => (
        <div
          key={model.key}
          className="grid grid-cols-[minmax(0,1fr)_150px_150px_auto] items-start gap-3 max-sm:grid-cols-2"
        >
          <div className="max-sm:col-span-2">
            <Field
              label={`Model ${index + 1}`}
              dense
              value={model.id}
              onChange={(event) => change(model.key, { id: event.target.value })}
              maxLength={200}
              autoComplete="off"
              spellCheck={false}
              hint="Its name, as the endpoint knows it"
              problem={problems[`models.${index}.id`]}
            />
          </div>
          <Field
            label="Context tokens"
            dense
            inputMode="numeric"
            value={model.contextTokens}
            onChange={(event) => change(model.key, { contextTokens: event.target.value })}
            autoComplete="off"
            problem={problems[`models.${index}.context_tokens`]}
          />
          <Field
            label="Output tokens"
            dense
            inputMode="numeric"
            value={model.outputTokens}
            onChange={(event) => change(model.key, { outputTokens: event.target.value })}
            autoComplete="off"
            problem={problems[`models.${index}.output_tokens`]}
          />
          <button
            type="button"
            className="btn btn-icon mt-6 max-sm:col-span-2 max-sm:mt-0"
            aria-label={`Remove model ${index + 1}`}
            aria-disabled={models.length === 1}
            title={models.length === 1 ? "An endpoint needs at least one model" : "Remove this model"}
            onClick={() => models.length > 1 && onChange(models.filter(({ key }) => key !== model.key))}
          >
            <X className="i i-sm" aria-hidden="true" />
          </button>
          <Prices
            model={model}
            at={`models.${index}.prices`}
            problems={problems}
            onChange={(part) => change(model.key, part)}
          />
        </div>
      ))}
      {problems.models && <p className="text-small text-danger">{problems.models}</p>}
      <div>
        <button
          type="button"
          className="btn btn-sm"
          aria-disabled={models.length >= MAX_MODELS}
          onClick={() => models.length < MAX_MODELS && onAdd()}
        >
          <Plus className="i i-sm" aria-hidden="true" />
          Add a model
        </button>
      </div>
    </fieldset>
  );
}

/** What a model's calls cost, as its endpoint's owner knows it. */
function Prices({
  model,
  at,
  problems,
  onChange,
}: {
  model: ModelFields;
  /** Where the API has the prices in the request. */
  at: string;
  problems: Record<string, string>;
  onChange: (part: Partial<ModelFields>) => void;
}) {
  const price = (
    label: string,
    field: "priceIn" | "priceCached" | "priceOut",
    name: string,
    hint?: string,
  ) => (
    <Field
      label={label}
      dense
      inputMode="decimal"
      value={model[field]}
      onChange={(event) => onChange({ [field]: event.target.value })}
      maxLength={20}
      autoComplete="off"
      {...(hint !== undefined && { hint })}
      problem={problems[`${at}.${name}`]}
    />
  );
  return (
    <div className="col-span-full grid grid-cols-3 items-start gap-3 max-sm:grid-cols-1">
      {price(
        "Input, $ per million",
        "priceIn",
        "input_micro_usd",
        "Empty: cost unknown, not counted against a cap. 0: free of charge",
      )}
      {price("Cached input, $", "priceCached", "cached_input_micro_usd", "Empty: same as input")}
      {price("Output, $ per million", "priceOut", "output_micro_usd")}
    </div>
  );
}

"use client";

import { DAY_MS } from "../../lib/client/format.ts";
import { useId, useState } from "react";
import { type ApiError, asApiError } from "../../lib/client/api.ts";
import { createApiKey, fieldProblems, type NewApiKey } from "../../lib/client/settings.ts";
import { type Environment, ENVIRONMENTS } from "../../lib/domain/catalog.ts";
import { type Scope, SCOPES } from "../../lib/domain/roles.ts";
import { Field } from "../account/field.tsx";
import { ProblemNotice } from "../common/problem-notice.tsx";
import { FormCard } from "./form-card.tsx";
import { SCOPE_LABELS } from "./scopes.ts";
import { Select } from "./select.tsx";

const LIVES = [
  { days: "30", label: "in 30 days" },
  { days: "90", label: "in 90 days" },
  { days: "365", label: "in a year" },
  { days: "", label: "never" },
] as const;

/** Makes a key: its name, its environment, what it may do, and until when. */
export function ApiKeyForm({ onMade }: { onMade: (made: NewApiKey) => void }) {
  const [name, setName] = useState("");
  const [environment, setEnvironment] = useState<Environment>("development");
  const [days, setDays] = useState<string>("90");
  const [scopes, setScopes] = useState<ReadonlySet<Scope>>(new Set(["sessions:read"]));
  const [busy, setBusy] = useState(false);
  const [problems, setProblems] = useState<Record<string, string>>({});
  const [other, setOther] = useState<ApiError>();
  const id = useId();

  const create = async () => {
    if (busy) return;
    setOther(undefined);
    const wrong = {
      ...(name.trim() === "" && { name: "Enter what will use it." }),
      ...(scopes.size === 0 && {
        scopes: "Select at least one scope: a key without scopes can't do anything.",
      }),
    };
    setProblems(wrong);
    if (Object.keys(wrong).length > 0) return;
    setBusy(true);
    try {
      const made = await createApiKey({
        name: name.trim(),
        environment,
        scopes: SCOPES.filter((scope) => scopes.has(scope)),
        ...(days !== "" && { expires_at: new Date(Date.now() + Number(days) * DAY_MS).toISOString() }),
      });
      setName("");
      onMade(made);
    } catch (failure) {
      const error = asApiError(failure);
      const found = fieldProblems(error);
      setProblems(found);
      if (Object.keys(found).length === 0) setOther(error);
    } finally {
      setBusy(false);
    }
  };
  const tick = (scope: Scope, on: boolean) =>
    setScopes((before) => new Set(on ? [...before, scope] : [...before].filter((known) => known !== scope)));

  return (
    <FormCard title="New key" problems={problems} takesFocus={false} onSubmit={() => void create()}>
      <div className="grid grid-cols-[minmax(0,1fr)_180px_180px] gap-4 max-md:grid-cols-1">
        <Field
          label="Name"
          name="name"
          dense
          value={name}
          onChange={(event) => setName(event.target.value)}
          maxLength={100}
          autoComplete="off"
          placeholder="What will use it"
          problem={problems.name}
        />
        <Select
          label="Environment"
          value={environment}
          onChange={(value) => setEnvironment(value === "production" ? "production" : "development")}
        >
          {ENVIRONMENTS.map((value) => (
            <option key={value} value={value}>
              {value}
            </option>
          ))}
        </Select>
        <Select label="Expires" value={days} onChange={setDays} problem={problems.expires_at}>
          {LIVES.map((life) => (
            <option key={life.days} value={life.days}>
              {life.label}
            </option>
          ))}
        </Select>
      </div>
      <fieldset className="min-w-0" aria-describedby={problems.scopes ? `${id}-scopes` : undefined}>
        <legend className="mb-1 font-medium">Scopes</legend>
        <div className="grid grid-cols-3 gap-x-4 max-lg:grid-cols-2 max-sm:grid-cols-1">
          {SCOPES.map((scope) => (
            <label key={scope} className="tick-row flex min-h-7 items-center gap-2">
              <input
                type="checkbox"
                className="check"
                checked={scopes.has(scope)}
                aria-invalid={problems.scopes ? true : undefined}
                onChange={(event) => tick(scope, event.target.checked)}
              />
              <span className="fact whitespace-nowrap">{scope}</span>
              <span className="text-small text-ink-3">{SCOPE_LABELS[scope]}</span>
            </label>
          ))}
        </div>
        {problems.scopes && (
          <p id={`${id}-scopes`} className="mt-1 text-small text-danger">
            {problems.scopes}
          </p>
        )}
      </fieldset>
      {other && <ProblemNotice title="Couldn't create the key" error={other} />}
      <div>
        <button type="submit" className="btn btn-primary" aria-disabled={busy}>
          {busy ? "Creating" : "Create key"}
        </button>
      </div>
    </FormCard>
  );
}

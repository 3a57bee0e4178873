"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import { type ApiError, asApiError, type Models } from "../../lib/client/api.ts";
import { writeSetting } from "../../lib/client/settings.ts";
import { type OrganizationSettings, SETTING_BOUNDS, type SettingKey } from "../../lib/domain/settings.ts";
import { Field } from "../account/field.tsx";
import { ProblemNotice } from "../common/problem-notice.tsx";
import { ConfirmDialog } from "../ui/confirm-dialog.tsx";
import { Notice } from "../ui/notice.tsx";
import { FormCard } from "./form-card.tsx";
import { PageHead } from "./page-head.tsx";
import { Select } from "./select.tsx";

const NUMBERS = [
  {
    key: "idle_timeout_minutes",
    label: "Stop idle sessions after (minutes)",
    hint: "Also deletes their sandboxes",
  },
  { key: "max_live_sessions", label: "Concurrent sessions", hint: "Stopped sessions don't count" },
] as const;

/** What holds for all sessions of the organization. */
export function SessionSettingsScreen({
  settings,
  models,
  disabledReason,
}: {
  settings: OrganizationSettings;
  models: Models;
  /** Why the reader may change nothing; undefined where they may. */
  disabledReason: string | undefined;
}) {
  return (
    <>
      <PageHead title="Sessions">Defaults for new sessions. Running sessions aren't affected.</PageHead>
      {disabledReason && (
        <div className="mb-4">
          <Notice tone="info" title="View only">
            <p>{disabledReason}</p>
          </Notice>
        </div>
      )}
      <div className="grid gap-4">
        <DefaultsCard settings={settings} models={models} disabledReason={disabledReason !== undefined} />
        <RawKeyCard on={settings.raw_key_injection} disabledReason={disabledReason !== undefined} />
      </div>
    </>
  );
}

const NONE = "";

function DefaultsCard({
  settings,
  models,
  disabledReason,
}: {
  settings: OrganizationSettings;
  models: Models;
  disabledReason: boolean;
}) {
  const router = useRouter();
  const savedModel = settings.default_model;
  const [model, setModel] = useState(savedModel ? `${savedModel.provider}|${savedModel.model}` : NONE);
  const [numbers, setNumbers] = useState({
    idle_timeout_minutes: String(settings.idle_timeout_minutes),
    max_live_sessions: String(settings.max_live_sessions),
  });
  const [problems, setProblems] = useState<Record<string, string>>({});
  const [outcome, setOutcome] = useState<"saved" | ApiError>();
  const [busy, setBusy] = useState(false);
  const known = models.providers.some(({ id, models: of }) => of.some((m) => `${id}|${m.id}` === model));

  /** What differs from what is stored; or what is wrong. */
  const changes = (): [SettingKey, unknown][] | null => {
    const found: Record<string, string> = {};
    const changed: [SettingKey, unknown][] = [];
    for (const { key } of NUMBERS) {
      const { min, max } = SETTING_BOUNDS[key];
      const value = /^\d+$/.test(numbers[key].trim()) ? Number(numbers[key]) : Number.NaN;
      if (!(value >= min && value <= max)) found[key] = `Enter a whole number from ${min} to ${max}.`;
      else if (value !== settings[key]) changed.push([key, value]);
    }
    setProblems(found);
    if (Object.keys(found).length > 0) return null;
    const [provider, id] = model.split("|");
    const next = model === NONE ? null : { provider, model: id };
    if (JSON.stringify(next) !== JSON.stringify(savedModel)) changed.push(["default_model", next]);
    return changed;
  };
  const save = async () => {
    if (busy || disabledReason) return;
    setOutcome(undefined);
    const changed = changes();
    if (!changed) return;
    setBusy(true);
    try {
      for (const [key, value] of changed) await writeSetting(key, value);
      setOutcome("saved");
      router.refresh();
    } catch (error) {
      setOutcome(asApiError(error));
    } finally {
      setBusy(false);
    }
  };

  return (
    <FormCard title="New sessions" problems={problems} takesFocus={false} onSubmit={() => void save()}>
      <div className="grid grid-cols-[minmax(0,1fr)_240px_200px] items-start gap-4 max-md:grid-cols-1">
        <Select label="Default model" value={model} onChange={setModel}>
          <option value={NONE}>Automatic (based on your keys)</option>
          {savedModel && !known && model !== NONE && (
            <option value={model}>
              {savedModel.provider} / {savedModel.model}, currently unavailable
            </option>
          )}
          {models.providers.map((provider) => (
            <optgroup key={provider.id} label={provider.name}>
              {provider.models
                .filter((m) => m.available)
                .map((m) => (
                  <option key={m.id} value={`${provider.id}|${m.id}`}>
                    {m.name}
                  </option>
                ))}
            </optgroup>
          ))}
        </Select>
        {NUMBERS.map(({ key, label, hint }) => (
          <Field
            key={key}
            label={label}
            name={key}
            dense
            inputMode="numeric"
            autoComplete="off"
            value={numbers[key]}
            disabled={disabledReason}
            onChange={(event) => setNumbers((before) => ({ ...before, [key]: event.target.value }))}
            hint={hint}
            problem={problems[key]}
          />
        ))}
      </div>
      {outcome === "saved" && <Notice tone="done" title="Saved" alert />}
      {outcome && outcome !== "saved" && <ProblemNotice title="Some changes weren't saved" error={outcome} />}
      <div>
        <button type="submit" className="btn btn-primary" aria-disabled={busy || disabledReason}>
          {busy ? "Saving" : "Save"}
        </button>
      </div>
    </FormCard>
  );
}

function RawKeyCard({ on, disabledReason }: { on: boolean; disabledReason: boolean }) {
  const router = useRouter();
  const [asking, setAsking] = useState(false);
  const [problem, setProblem] = useState<ApiError>();
  const write = async (value: boolean) => {
    setAsking(false);
    setProblem(undefined);
    try {
      await writeSetting("raw_key_injection", value);
      router.refresh();
    } catch (error) {
      setProblem(asApiError(error));
    }
  };
  return (
    <section className="card" aria-labelledby="raw-key">
      <div className="card-head">
        <h2 id="raw-key">Provider keys in sandboxes</h2>
        <span className={`chip ${on ? "is-warning" : "is-success"} ml-auto`} data-testid="raw-key-state">
          {on ? "On" : "Off"}
        </span>
      </div>
      <div className="card-body grid gap-3">
        <p className="max-w-[68ch] text-ink-2">
          Sandboxes get a session token, not your key. Studio adds the key when it forwards calls, so nothing
          in the sandbox can read it and every call is counted. If a tool needs the key itself, sessions paid
          by your own key can have it in their environment. Platform credits never work that way.
        </p>
        {on && (
          <Notice tone="warning" title="Anyone in a sandbox can read your key">
            <p>
              So can the agent and every command it runs. Calls go straight to the provider: Studio doesn't
              count them, and spending caps don't apply to them.
            </p>
          </Notice>
        )}
        {problem && <ProblemNotice title="Couldn't change the setting" error={problem} />}
        <div>
          <button
            type="button"
            className="btn"
            aria-disabled={disabledReason}
            onClick={() => {
              if (disabledReason) return;
              if (on) void write(false);
              else setAsking(true);
            }}
          >
            {on ? "Don't expose keys" : "Expose keys to sandboxes"}
          </button>
        </div>
      </div>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title="Expose your keys to new sandboxes?"
        confirm="Expose keys"
        cancel="Don't expose"
        onConfirm={() => void write(true)}
      >
        Everyone who works in a session, its agent, and every command that runs there can then read the key
        that pays for it. Its calls aren't counted here, and no spending cap applies to them.
      </ConfirmDialog>
    </section>
  );
}

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
    label: "Stop an idle session after, in minutes",
    hint: "Its sandbox ends with it",
  },
  { key: "max_live_sessions", label: "Sessions at once", hint: "Stopped ones do not count" },
] as const;

/** What holds for all sessions of the organization. */
export function SessionSettingsScreen({
  settings,
  models,
  barred,
}: {
  settings: OrganizationSettings;
  models: Models;
  /** Why the reader may change nothing; undefined where they may. */
  barred: string | undefined;
}) {
  return (
    <>
      <PageHead title="Sessions">
        What holds for every new session of the organization. Sessions that are live keep what they began
        with.
      </PageHead>
      {barred && (
        <div className="mb-4">
          <Notice tone="info" title="You can look, not change">
            <p>{barred}</p>
          </Notice>
        </div>
      )}
      <div className="grid gap-4">
        <DefaultsCard settings={settings} models={models} barred={barred !== undefined} />
        <RawKeyCard on={settings.raw_key_injection} barred={barred !== undefined} />
      </div>
    </>
  );
}

const NONE = "";

function DefaultsCard({
  settings,
  models,
  barred,
}: {
  settings: OrganizationSettings;
  models: Models;
  barred: boolean;
}) {
  const router = useRouter();
  const wish = settings.default_model;
  const [model, setModel] = useState(wish ? `${wish.provider}|${wish.model}` : NONE);
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
      if (!(value >= min && value <= max)) found[key] = `Write a whole number from ${min} to ${max}.`;
      else if (value !== settings[key]) changed.push([key, value]);
    }
    setProblems(found);
    if (Object.keys(found).length > 0) return null;
    const [provider, id] = model.split("|");
    const next = model === NONE ? null : { provider, model: id };
    if (JSON.stringify(next) !== JSON.stringify(wish)) changed.push(["default_model", next]);
    return changed;
  };
  const save = async () => {
    if (busy || barred) return;
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
          <option value={NONE}>None: by the keys there are</option>
          {wish && !known && model !== NONE && (
            <option value={model}>{`${wish.provider} / ${wish.model}, not available now`}</option>
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
            disabled={barred}
            onChange={(event) => setNumbers((before) => ({ ...before, [key]: event.target.value }))}
            hint={hint}
            problem={problems[key]}
          />
        ))}
      </div>
      {outcome === "saved" && <Notice tone="done" title="Saved" alert />}
      {outcome && outcome !== "saved" && <ProblemNotice title="Not everything was saved" error={outcome} />}
      <div>
        <button type="submit" className="btn btn-primary" aria-disabled={busy || barred}>
          {busy ? "Saving" : "Save"}
        </button>
      </div>
    </FormCard>
  );
}

function RawKeyCard({ on, barred }: { on: boolean; barred: boolean }) {
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
        <h2 id="raw-key">Your keys in the sandbox</h2>
        <span className={`chip ${on ? "is-ochre" : "is-sap"} ml-auto`} data-testid="raw-key-state">
          {on ? "Put into the sandbox" : "Kept out"}
        </span>
      </div>
      <div className="card-body grid gap-3">
        <p className="max-w-[68ch] text-ink-2">
          A sandbox holds a token of its session in place of a key, and Studio puts the key in on the way to
          the provider: so nothing in the sandbox can read it, and every call is counted. Where a tool needs
          the key itself, sessions that your own key pays for can have it in their environment. Platform
          credits never work that way.
        </p>
        {on && (
          <Notice tone="warning" title="Whoever works in a sandbox can read your key">
            <p>
              So can the agent and every command it runs. Calls go straight to the provider: Studio does not
              count them, and a session's cap does not hold them.
            </p>
          </Notice>
        )}
        {problem && <ProblemNotice title="The setting was not changed" error={problem} />}
        <div>
          <button
            type="button"
            className="btn"
            aria-disabled={barred}
            onClick={() => {
              if (barred) return;
              if (on) void write(false);
              else setAsking(true);
            }}
          >
            {on ? "Keep keys out of new sandboxes" : "Put keys into new sandboxes"}
          </button>
        </div>
      </div>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title="Put your keys into new sandboxes?"
        confirm="Put keys into sandboxes"
        cancel="Keep them out"
        onConfirm={() => void write(true)}
      >
        Everybody who works in a session, its agent, and every command that runs there can then read the key
        that pays for it. Its calls are not counted here, and no cap holds them.
      </ConfirmDialog>
    </section>
  );
}

"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import { useAction } from "#client/action.ts";
import type { Models } from "#client/api.ts";
import type { SavedWork } from "#client/saved.ts";
import { useForm } from "#client/form.ts";
import { writeSetting } from "#client/settings.ts";
import { type OrganizationSettings, SETTING_BOUNDS, type SettingKey } from "#domain/settings.ts";
import { Button } from "../ui/button.tsx";
import { Card, CardHead } from "../ui/card.tsx";
import { Chip } from "../ui/chip.tsx";
import { Confirm } from "../ui/dialog.tsx";
import { Field } from "../ui/field.tsx";
import { FormCard } from "../ui/form-card.tsx";
import { Notice } from "../ui/notice.tsx";
import { ActionProblem } from "../ui/problem-notice.tsx";
import { Choice, type OptionGroup } from "../ui/select.tsx";
import { PageHead } from "./page-head.tsx";
import { RetentionCard } from "./retention-card.tsx";
import { SandboxHoursCard } from "./sandbox-hours-card.tsx";
import { SavedWorkCard } from "./saved-work-card.tsx";
import { SkillPolicyCard } from "./skill-policy-card.tsx";
import { ViewOnly } from "./view-only.tsx";

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
  savedWork,
  disabledReason,
}: {
  settings: OrganizationSettings;
  models: Models;
  savedWork: SavedWork;
  /** Why the reader may change nothing; undefined where they may. */
  disabledReason: string | undefined;
}) {
  const isOff = disabledReason !== undefined;
  return (
    <>
      <PageHead title="Sessions">Defaults for new sessions. Running sessions aren't affected.</PageHead>
      <div className="grid gap-4">
        <ViewOnly why={disabledReason} />
        <DefaultsCard settings={settings} models={models} off={isOff} />
        <SkillPolicyCard policy={settings.env_var_missing_policy} off={isOff} />
        <SavedWorkCard work={savedWork} off={isOff} />
        <SandboxHoursCard hours={settings.sandbox_hours_per_month} off={isOff} />
        <RetentionCard days={settings.session_log_retention_days} off={isOff} />
        <RawKeyCard on={settings.raw_key_injection} off={isOff} />
      </div>
    </>
  );
}

const NONE = "";

/** The models to choose from, by provider; the stored one stays even where it is no longer offered. */
function modelGroups(models: Models, saved: OrganizationSettings["default_model"]): OptionGroup<string>[] {
  const groups = models.providers.map((provider) => ({
    name: provider.name,
    options: provider.models
      .filter((model) => model.available)
      .map((model) => ({ value: `${provider.id}|${model.id}`, name: model.name })),
  }));
  const savedValue = saved ? `${saved.provider}|${saved.model}` : NONE;
  const isKnown = groups.some(({ options }) => options.some(({ value }) => value === savedValue));
  const first = [{ value: NONE, name: "Automatic (based on your keys)" }];
  if (saved && !isKnown)
    first.push({ value: savedValue, name: `${saved.provider} / ${saved.model}, currently unavailable` });
  return [{ options: first }, ...groups.filter(({ options }) => options.length > 0)];
}

function DefaultsCard({
  settings,
  models,
  off,
}: {
  settings: OrganizationSettings;
  models: Models;
  off: boolean;
}) {
  const router = useRouter();
  const saved = settings.default_model;
  const form = useForm({
    initial: {
      default_model: saved ? `${saved.provider}|${saved.model}` : NONE,
      idle_timeout_minutes: String(settings.idle_timeout_minutes),
      max_live_sessions: String(settings.max_live_sessions),
    },
    check: (typed) =>
      Object.fromEntries(
        NUMBERS.map(({ key }) => {
          const { min, max } = SETTING_BOUNDS[key];
          const value = /^\d+$/.test(typed[key].trim()) ? Number(typed[key]) : Number.NaN;
          return [key, !(value >= min && value <= max) && `Enter a whole number from ${min} to ${max}.`];
        }),
      ),
    send: async (typed) => {
      const [provider, model] = typed.default_model.split("|");
      const next = typed.default_model === NONE ? null : { provider, model };
      const wanted: [SettingKey, unknown, boolean][] = [
        ...NUMBERS.map(({ key }): [SettingKey, unknown, boolean] => [
          key,
          Number(typed[key]),
          Number(typed[key]) !== settings[key],
        ]),
        ["default_model", next, JSON.stringify(next) !== JSON.stringify(saved)],
      ];
      for (const [key, value, isNew] of wanted) if (isNew) await writeSetting(key, value);
      router.refresh();
    },
    failed: "Some changes weren't saved",
    problemsOf: () => ({}),
  });
  return (
    <FormCard title="New sessions" form={form} submit={{ label: "Save", busy: "Saving", off }}>
      <div className="grid grid-cols-[minmax(0,1fr)_240px_200px] items-start gap-4 max-md:grid-cols-1">
        <Choice label="Default model" {...form.choice("default_model")} groups={modelGroups(models, saved)} />
        {NUMBERS.map(({ key, label, hint }) => (
          <Field
            key={key}
            label={label}
            {...form.field(key)}
            inputMode="numeric"
            autoComplete="off"
            disabled={off}
            hint={hint}
          />
        ))}
      </div>
      {form.done && <Notice tone="done" title="Saved" alert />}
    </FormCard>
  );
}

function RawKeyCard({ on, off }: { on: boolean; off: boolean }) {
  const router = useRouter();
  const [asking, setAsking] = useState(false);
  const write = useAction(async (value: boolean) => {
    await writeSetting("raw_key_injection", value);
    router.refresh();
  }, "Couldn't change the setting");
  return (
    <Card aria-labelledby="raw-key">
      <CardHead id="raw-key" title="Provider keys in sandboxes">
        <Chip tone={on ? "warning" : "success"} className="ml-auto" data-testid="raw-key-state">
          {on ? "On" : "Off"}
        </Chip>
      </CardHead>
      <div className="grid gap-3 p-3.5">
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
        <ActionProblem failure={write.failure} />
        <div>
          <Button off={off || write.pending} onClick={() => (on ? write.run(false) : setAsking(true))}>
            {on ? "Don't expose keys" : "Expose keys to sandboxes"}
          </Button>
        </div>
      </div>
      <Confirm
        open={asking}
        onClose={() => setAsking(false)}
        title="Expose your keys to new sandboxes?"
        confirm="Expose keys"
        cancel="Don't expose"
        onConfirm={() => write.run(true)}
      >
        Everyone who works in a session, its agent, and every command that runs there can then read the key
        that pays for it. Its calls aren't counted here, and no spending cap applies to them.
      </Confirm>
    </Card>
  );
}

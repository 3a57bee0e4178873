"use client";

import { useRouter } from "next/navigation";
import { useId, useState } from "react";
import { useForm } from "#client/form.ts";
import { writeNetworkPolicy } from "#client/settings.ts";
import type { Environment } from "#domain/catalog.ts";
import {
  MAX_POLICY_HOSTS,
  NETWORK_MODES,
  NETWORK_PRESETS,
  type NetworkMode,
  parseHost,
  type StoredPolicy,
} from "#domain/network.ts";
import { Button } from "../ui/button.tsx";
import { Check, Field } from "../ui/field.tsx";
import { FormCard } from "../ui/form-card.tsx";
import { Notice } from "../ui/notice.tsx";

const MODES: Record<NetworkMode, { name: string; words: string }> = {
  closed: { name: "Closed", words: "Studio and the project's data only." },
  listed: { name: "Listed", words: "Also the services and hosts below." },
  open: { name: "Open", words: "Every public address." },
};
const TITLES: Record<Environment, string> = { development: "Development", production: "Production" };
const labelClass = "flex min-h-7 items-center gap-2 touch:min-h-11";

/** The list with what is typed beside it. */
const withTyped = (hosts: readonly string[], typed: string): string[] => {
  const parsed = parseHost(typed);
  return parsed.ok && !hosts.includes(parsed.entry) ? [...hosts, parsed.entry] : [...hosts];
};

/** How far the sandboxes of one environment may reach. */
export function NetworkCard({
  environment,
  policy,
  ports,
  off,
}: {
  environment: Environment;
  policy: StoredPolicy;
  ports: boolean;
  off: boolean;
}) {
  const router = useRouter();
  const id = useId();
  const [hostProblem, setHostProblem] = useState<string>();
  const problemOf = (typed: string, hosts: readonly string[]): string | undefined => {
    const parsed = parseHost(typed);
    if (!parsed.ok) return parsed.fault;
    if (!ports && parsed.host.port !== undefined)
      return "This sandbox service can't limit a host to one port. Enter it without a port.";
    return withTyped(hosts, typed).length > MAX_POLICY_HOSTS
      ? `At most ${MAX_POLICY_HOSTS} hosts. Use a wildcard such as *.example.com for several.`
      : undefined;
  };
  const { mode, presets, hosts } = policy;
  // What is shown here is based on it: where somebody else has changed the policy since, a save is refused.
  const [revision, setRevision] = useState(policy.revision);
  const form = useForm({
    initial: { mode, presets, hosts, host: "" },
    check: ({ host, hosts: listed }) => ({ host: host.trim() === "" ? undefined : problemOf(host, listed) }),
    send: async (typed, set) => {
      const body = {
        mode: typed.mode,
        presets: typed.presets,
        hosts: typed.host.trim() === "" ? typed.hosts : withTyped(typed.hosts, typed.host),
        revision,
      };
      const { policy: saved } = await writeNetworkPolicy(environment, body);
      setRevision(saved.revision);
      set({ hosts: saved.hosts, host: "" });
      router.refresh();
    },
    failed: "Couldn't change the network policy",
    problemsOf: () => ({}),
  });
  const { values, set } = form;
  const add = () => {
    const problem = problemOf(values.host, values.hosts);
    setHostProblem(problem);
    if (problem === undefined) set({ hosts: withTyped(values.hosts, values.host), host: "" });
  };
  const host = form.field("host");
  return (
    <FormCard title={TITLES[environment]} form={form} submit={{ label: "Save", busy: "Saving", off }}>
      <fieldset>
        <legend className="mb-1 font-medium">Sandboxes can reach</legend>
        {NETWORK_MODES.map((one) => (
          <label key={one} className={labelClass}>
            <Check
              type="radio"
              name={`${id}-mode`}
              value={one}
              checked={values.mode === one}
              disabled={off}
              onChange={() => set({ mode: one })}
            />
            <span>{MODES[one].name}</span>
            <span className="text-small text-ink-3">{MODES[one].words}</span>
          </label>
        ))}
      </fieldset>
      {values.mode === "open" && (
        <Notice tone="warning" title="Code in a sandbox can send what it sees anywhere">
          <p>That includes the workspace. Private networks stay closed.</p>
        </Notice>
      )}
      {values.mode === "listed" && (
        <>
          <fieldset>
            <legend className="mb-1 font-medium">Services</legend>
            <div className="grid grid-cols-2 gap-x-4 max-md:grid-cols-1">
              {NETWORK_PRESETS.map((preset) => (
                <label key={preset.id} className={labelClass} title={preset.hosts.join(", ")}>
                  <Check
                    type="checkbox"
                    checked={values.presets.includes(preset.id)}
                    disabled={off}
                    onChange={({ target }) =>
                      set({
                        presets: target.checked
                          ? [...values.presets, preset.id]
                          : values.presets.filter((known) => known !== preset.id),
                      })
                    }
                  />
                  <span className="whitespace-nowrap">{preset.name}</span>
                  <span className="text-small text-ink-3">{preset.words}</span>
                </label>
              ))}
            </div>
          </fieldset>
          <div className="grid gap-2">
            <p className="font-medium" id={`${id}-hosts`}>
              Hosts
            </p>
            {values.hosts.length > 0 && (
              <ul className="grid gap-1" aria-labelledby={`${id}-hosts`}>
                {values.hosts.map((entry) => (
                  <li key={entry} className="flex min-h-7 items-center gap-2">
                    <span className="fact min-w-0 wrap-anywhere">{entry}</span>
                    {!off && (
                      <Button
                        size="sm"
                        look="quiet"
                        aria-label={`Remove ${entry}`}
                        onClick={() => set({ hosts: values.hosts.filter((known) => known !== entry) })}
                      >
                        Remove
                      </Button>
                    )}
                  </li>
                ))}
              </ul>
            )}
            {off && values.hosts.length === 0 && <p className="text-ink-3">None</p>}
            {!off && (
              <div className="flex flex-wrap items-start gap-2">
                <Field
                  label="Add a host"
                  {...host}
                  problem={host.problem ?? hostProblem}
                  onChange={(event) => {
                    setHostProblem(undefined);
                    host.onChange(event);
                  }}
                  autoComplete="off"
                  spellCheck={false}
                  frameClass="min-w-0 max-w-[360px] flex-1 basis-60"
                  hint={
                    ports
                      ? "registry.example.com, *.example.com or git.example.com:8443"
                      : "registry.example.com or *.example.com. This sandbox service can't limit a host to one port."
                  }
                />
                <Button className="mt-6" onClick={add}>
                  Add
                </Button>
              </div>
            )}
          </div>
        </>
      )}
      {form.done && <Notice tone="done" title="Saved" alert />}
    </FormCard>
  );
}

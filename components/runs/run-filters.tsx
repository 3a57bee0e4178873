"use client";

import { type RunFilter, usePeople } from "#client/live-runs.ts";
import { DAY_MS } from "#client/format.ts";
import type { RunStatus } from "#domain/lifecycle.ts";
import { Button } from "../ui/button.tsx";
import type { GlyphName } from "../ui/glyph.tsx";
import { Segments } from "../ui/segments.tsx";
import { Choice } from "../ui/select.tsx";

export interface RunChoices {
  agents: readonly { id: string; name: string }[];
  models: readonly { provider: string; model: string; name: string }[];
  /** Who looks. */
  me: string;
}

/** What a person has chosen: times and costs by how they are called, so that a list's filter stays the same. */
export interface RunWishes {
  status?: RunStatus | undefined;
  agentId: string;
  /** `provider|model` */
  model: string;
  since: keyof typeof SINCE;
  cost: keyof typeof COSTS;
  /** A person's id; empty for anyone. */
  personId: string;
}

const SINCE = { any: "Any time", day: "Last 24 hours", week: "Last 7 days", month: "Last 30 days" };
const SINCE_DAYS = { any: undefined, day: 1, week: 7, month: 30 };
const COSTS = { any: "Any cost", cent: "$0.01 or more", dime: "$0.10 or more", dollar: "$1 or more" };
const COST_MICRO_USD = { any: undefined, cent: 10_000, dime: 100_000, dollar: 1_000_000 };

export const NO_WISHES: RunWishes = { agentId: "", model: "", since: "any", cost: "any", personId: "" };

const STATES: readonly {
  value: RunStatus | undefined;
  name: string;
  glyph?: GlyphName;
  glyphClass?: string;
}[] = [
  { value: undefined, name: "All" },
  { value: "running", name: "Running", glyph: "active", glyphClass: "text-accent" },
  { value: "pending", name: "Queued", glyph: "waiting", glyphClass: "text-neutral" },
  { value: "completed", name: "Completed", glyph: "ready", glyphClass: "text-success" },
  { value: "failed", name: "Failed", glyph: "error", glyphClass: "text-danger" },
  { value: "cancelled", name: "Stopped", glyph: "stopped", glyphClass: "text-neutral" },
];

/** True where something is left out that the plain list has. */
export const isNarrowed = (wishes: RunWishes): boolean =>
  JSON.stringify(wishes) !== JSON.stringify(NO_WISHES);

/** The wishes as the list takes them. @param now epoch milliseconds */
export function filterOf(
  { status, agentId, model, since, cost, personId }: RunWishes,
  now: number,
): RunFilter {
  const days = SINCE_DAYS[since];
  const atLeast = COST_MICRO_USD[cost];
  const bar = model.indexOf("|");
  return {
    ...(status && { status }),
    ...(agentId !== "" && { agentId }),
    ...(bar > 0 && { provider: model.slice(0, bar), model: model.slice(bar + 1) }),
    ...(days !== undefined && { from: now - days * DAY_MS }),
    ...(atLeast !== undefined && { minCostMicroUsd: atLeast }),
    ...(personId !== "" && { personId }),
  };
}

const named = <K extends string>(names: Record<K, string>) =>
  (Object.entries(names) as [K, string][]).map(([value, name]) => ({ value, name }));

/** What the list shows: by state, person, agent, model, time and cost. */
export function RunFilters({
  wishes,
  onChange,
  agents,
  models,
  me,
}: RunChoices & { wishes: RunWishes; onChange: (wishes: RunWishes) => void }) {
  const people = usePeople();
  const set = (change: Partial<RunWishes>) => onChange({ ...wishes, ...change });
  return (
    <search className="flex flex-wrap items-center gap-2 max-sm:flex-nowrap max-sm:overflow-x-auto max-sm:py-1 max-sm:*:flex-none">
      <Segments label="Status" value={wishes.status} items={STATES} onChange={(status) => set({ status })} />
      <Choice
        label="Person"
        hidden
        className="w-auto"
        value={wishes.personId}
        options={[
          { value: "", name: "Anyone" },
          { value: me, name: "Me" },
          ...people.filter(({ id }) => id !== me).map(({ id, name }) => ({ value: id, name })),
        ]}
        onChange={(personId) => set({ personId })}
      />
      {agents.length > 0 && (
        <Choice
          label="Agent"
          hidden
          className="w-auto"
          value={wishes.agentId}
          options={[{ value: "", name: "Any agent" }, ...agents.map(({ id, name }) => ({ value: id, name }))]}
          onChange={(agentId) => set({ agentId })}
        />
      )}
      <Choice
        label="Model"
        hidden
        className="w-auto"
        value={wishes.model}
        options={[
          { value: "", name: "Any model" },
          ...models.map(({ provider, model, name }) => ({ value: `${provider}|${model}`, name })),
        ]}
        onChange={(model) => set({ model })}
      />
      <Choice
        label="Time"
        hidden
        className="w-auto"
        value={wishes.since}
        options={named(SINCE)}
        onChange={(since) => set({ since })}
      />
      <Choice
        label="Cost"
        hidden
        className="w-auto"
        value={wishes.cost}
        options={named(COSTS)}
        onChange={(cost) => set({ cost })}
      />
      {isNarrowed(wishes) && (
        <Button look="quiet" onClick={() => onChange(NO_WISHES)}>
          Show all
        </Button>
      )}
    </search>
  );
}

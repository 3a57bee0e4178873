"use client";

import { ChevronDown } from "lucide-react";
import { type ReactNode, useId } from "react";
import type { Models } from "#client/api.ts";
import type { Format } from "#client/format.ts";
import { useFormat } from "#client/locale.tsx";
import { type Environment, ENVIRONMENTS } from "#domain/catalog.ts";
import { Payer } from "../common/payer.tsx";
import { cn } from "../ui/cn.ts";
import { Glyph } from "../ui/glyph.tsx";
import { Icon } from "../ui/icon.tsx";
import { CapCell } from "./cap-cell.tsx";
import { CellSelect } from "./cell-select.tsx";
import { cellClass, cellNameClass, cellValueClass, rowCellClass, titleBlockClass } from "./title-block.ts";

export interface Choice {
  provider: string;
  model: string;
  environment: Environment;
  /** What it may cost, in dollars, as it is typed; empty is no cap. */
  cap: string;
}

type Provider = Models["providers"][number];
type Model = Provider["models"][number];

const TIERS = [
  { id: "fast", name: "Fast" },
  { id: "standard", name: "Standard" },
  { id: "premium", name: "Premium" },
] as const;

const prices = (model: Model, f: Format) =>
  model.priceKnown
    ? `${f.price(model.priceInMicroUsd)} / ${f.price(model.priceOutMicroUsd)}`
    : "price unknown";
const context = (model: Model, f: Format) => `${f.thousands(model.contextTokens)} context`;

/** The title block above the composer: what the session will be made of, and who pays. */
export function ConfigBar({
  models,
  choice,
  capProblem,
  onChange,
  mayProduction,
}: {
  models: Models;
  choice: Choice;
  /** What is wrong with the cap, and the id of the element that says so. */
  capProblem: { text: string; id: string } | undefined;
  onChange: (choice: Choice) => void;
  mayProduction: boolean;
}) {
  const f = useFormat();
  const provider = models.providers.find((p) => p.id === choice.provider);
  const model = provider?.models.find((m) => m.id === choice.model);
  if (!provider || !model) return null;
  return (
    <fieldset className={cn(titleBlockClass, "max-sm:flex-wrap")} aria-label="Session configuration">
      <CellSelect
        label="Provider"
        value={provider.id}
        shown={<span className="truncate">{provider.name}</span>}
        groups={[{ options: models.providers.map((p) => ({ value: p.id, name: p.name })) }]}
        onChange={(id) => {
          const next = models.providers.find((p) => p.id === id);
          const first = next?.models.find((m) => m.available) ?? next?.models[0];
          if (next && first) onChange({ ...choice, provider: next.id, model: first.id });
        }}
        className="w-[118px] max-sm:w-1/3"
      />
      <CellSelect
        label="Model"
        value={model.id}
        shown={
          <>
            <span className="truncate">{model.name}</span>
            <span className="fact font-normal text-ink-3 sm:max-[899px]:hidden">{prices(model, f)}</span>
          </>
        }
        groups={TIERS.map((tier, index) => ({
          name: tier.name,
          aside: index === 0 ? "in / out, USD per million tokens" : undefined,
          options: provider.models
            .filter((m) => m.tier === tier.id)
            .map((m) => ({
              value: m.id,
              name: m.name,
              row: <ModelRow model={m} provider={provider} />,
              disabled: !m.available,
            })),
        })).filter((group) => group.options.length > 0)}
        onChange={(id) => onChange({ ...choice, model: id })}
        className="min-w-0 flex-1 max-sm:w-2/3"
        wide
      />
      <EnvironmentCell
        value={choice.environment}
        onChange={(environment) => onChange({ ...choice, environment })}
        mayProduction={mayProduction}
      />
      <CapCell value={choice.cap} problem={capProblem} onChange={(cap) => onChange({ ...choice, cap })} />
      <div className={cn(cellClass, rowCellClass)}>
        <span className={cellNameClass}>Paid by</span>
        <span className={cellValueClass}>
          <Payer source={provider.keySource} provider={provider.name} />
        </span>
      </div>
    </fieldset>
  );
}

/** That a model is no more, since when, and what takes its place. */
function endedLabel(date: string | undefined, next: string | undefined): string {
  if (date === undefined) return next === undefined ? "ended" : `ended, use ${next}`;
  return next === undefined ? `ended ${date}` : `ended ${date}, use ${next}`;
}

/** A model of the list; a retired one stays, struck, with what takes its place. */
function ModelRow({ model, provider }: { model: Model; provider: Provider }): ReactNode {
  const f = useFormat();
  const next = provider.models.find((m) => m.id === model.replacement)?.name;
  const end = model.shutdownAt === null ? undefined : f.dayName(model.shutdownAt);
  if (!model.available)
    return (
      <>
        <span className="text-ink-3 line-through">{model.name}</span>
        <span className="text-ink-3">{endedLabel(end, next)}</span>
      </>
    );
  return (
    <>
      <span className="font-medium">{model.name}</span>
      <span className="text-ink-3">{context(model, f)}</span>
      {model.status === "deprecated" && (
        <span className="text-warning">{end === undefined ? "ends" : `ends ${end}`}</span>
      )}
      <span className="fact ml-auto">{prices(model, f)}</span>
    </>
  );
}

function EnvironmentCell({
  value,
  onChange,
  mayProduction,
}: {
  value: Environment;
  onChange: (value: Environment) => void;
  mayProduction: boolean;
}) {
  const name = useId();
  return (
    <fieldset className={cn(cellClass, rowCellClass)}>
      <legend className="sr-only">Environment</legend>
      <span className={cellNameClass} aria-hidden="true">
        Environment
      </span>
      <span className={cn(cellValueClass, "gap-3")}>
        {ENVIRONMENTS.map((environment) => {
          const chosen = environment === value;
          const disabledReason = environment === "production" && !mayProduction;
          return (
            <label
              key={environment}
              title={disabledReason ? "Only admins can work in production" : undefined}
              className={`inline-flex min-h-6 -my-[3px] items-center gap-1.5 rounded-xs has-[:focus-visible]:outline-2 has-[:focus-visible]:outline-offset-1 has-[:focus-visible]:outline-(--focus) ${chosen ? "" : "font-normal text-ink-3"} ${disabledReason ? "cursor-not-allowed" : "cursor-pointer"}`}
            >
              <input
                type="radio"
                className="sr-only"
                name={name}
                value={environment}
                checked={chosen}
                disabled={disabledReason}
                onChange={() => onChange(environment)}
              />
              <span className={chosen ? "is-accent" : ""}>
                <Glyph name={disabledReason ? "denied" : chosen ? "active" : "ready"} />
              </span>
              {environment}
            </label>
          );
        })}
      </span>
    </fieldset>
  );
}

/** The title block's shape, before the choices are known or where there are none. */
export function EmptyConfigBar() {
  return (
    <div className={titleBlockClass}>
      <div className={cn(cellClass, "hatch flex-1")}>
        <span className={cellNameClass}>Model</span>
        <span className={cn(cellValueClass, "text-ink-3")}>
          None set up
          <Icon as={ChevronDown} size="xs" className="ml-auto" />
        </span>
      </div>
    </div>
  );
}

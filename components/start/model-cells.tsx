"use client";

import type { ReactNode } from "react";
import type { Models } from "#client/api.ts";
import type { Format } from "#client/format.ts";
import { useFormat } from "#client/locale.tsx";
import { CellSelect } from "./cell-select.tsx";

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

/** Two cells of a title block: the provider, and one of its models. */
export function ModelCells({
  models,
  provider: providerId,
  model: modelId,
  onChange,
}: {
  models: Models;
  provider: string;
  model: string;
  onChange: (choice: { provider: string; model: string }) => void;
}) {
  const f = useFormat();
  const provider = models.providers.find((p) => p.id === providerId);
  const model = provider?.models.find((m) => m.id === modelId);
  if (!provider || !model) return null;
  return (
    <>
      <CellSelect
        label="Provider"
        value={provider.id}
        shown={<span className="truncate">{provider.name}</span>}
        groups={[{ options: models.providers.map((p) => ({ value: p.id, name: p.name })) }]}
        onChange={(id) => {
          const next = models.providers.find((p) => p.id === id);
          const first = next?.models.find((m) => m.available) ?? next?.models[0];
          if (next && first) onChange({ provider: next.id, model: first.id });
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
        onChange={(id) => onChange({ provider: provider.id, model: id })}
        className="min-w-0 flex-1 max-sm:w-2/3"
        wide
      />
    </>
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

"use client";

import Link from "next/link";
import { useFormat } from "#client/locale.tsx";
import type { PricedModel, PricedProvider } from "#domain/price-list.ts";
import { Card, CardHead } from "../ui/card.tsx";
import { Chip } from "../ui/chip.tsx";
import { type Column, DataTable } from "../ui/data-table.tsx";
import { ScrollRegion } from "../ui/scroll-region.tsx";
import { PageHead } from "./page-head.tsx";

/** Every model that Studio knows, with its price and what it needs: older ones are folded. */
export function PriceListScreen({
  providers,
  markupPercent,
}: {
  providers: readonly PricedProvider[];
  markupPercent: number;
}) {
  const surcharge = markupPercent - 100;
  return (
    <>
      <PageHead title="Models and prices">
        US dollars for a million tokens, as the providers publish them. With your own key you pay the provider
        these prices; credits {surcharge === 0 ? "cost the same" : `cost ${surcharge}% more`}.
      </PageHead>
      <div className="grid grid-cols-[minmax(0,1fr)] gap-5">
        {providers.map((provider) => (
          <Provider key={provider.id} provider={provider} />
        ))}
      </div>
    </>
  );
}

function Provider({ provider: { id, name, models } }: { provider: PricedProvider }) {
  const present = models.filter(({ status }) => status !== "retired");
  const older = models.filter(({ status }) => status === "retired");
  const columns = columnsFor(name);
  return (
    <Card aria-labelledby={`prices-${id}`}>
      <CardHead id={`prices-${id}`} title={name} />
      <ScrollRegion className="overflow-x-auto" landmark={false} label={`Models of ${name}`}>
        <DataTable
          labelledBy={`prices-${id}`}
          dense
          rows={present}
          columns={columns}
          rowKey={(model) => model.id}
        />
      </ScrollRegion>
      {older.length > 0 && (
        <details className="border-t border-line">
          <summary className="min-h-8 cursor-pointer px-3.5 py-1.5 text-small text-ink-2 touch:min-h-11">
            Older models ({older.length})
          </summary>
          <ScrollRegion className="overflow-x-auto" landmark={false} label={`Older models of ${name}`}>
            <DataTable
              caption={`Older models of ${name}`}
              dense
              rows={older}
              columns={columns}
              rowKey={(model) => model.id}
            />
          </ScrollRegion>
        </details>
      )}
    </Card>
  );
}

const columnsFor = (provider: string): Column<PricedModel>[] => [
  {
    name: "Model",
    isRowName: true,
    className: "min-w-48",
    render: (model) => <Name model={model} />,
  },
  {
    name: "Context",
    num: true,
    render: ({ contextTokens }) => <Tokens of={contextTokens} />,
  },
  { name: "In", num: true, render: (model) => <Price model={model} of="inMicroUsd" /> },
  { name: "Cached", num: true, render: (model) => <Price model={model} of="cachedMicroUsd" /> },
  { name: "Out", num: true, render: (model) => <Price model={model} of="outMicroUsd" /> },
  {
    name: "Needs",
    className: "text-small",
    render: (model) => <Needs model={model} provider={provider} />,
  },
];

function Tokens({ of }: { of: number }) {
  return <>{useFormat().thousands(of)}</>;
}

function Name({
  model: { name, status, shutdownAt, replacement, isVerified, verifiedAt },
}: {
  model: PricedModel;
}) {
  const f = useFormat();
  const end = shutdownAt === null ? "" : ` ${f.dayName(shutdownAt)}`;
  return (
    <span className="grid gap-0.5">
      <span className="flex flex-wrap items-center gap-x-2 font-medium">
        {name}
        {status === "retired" && <Chip tone="neutral">Ended{end}</Chip>}
        {status === "deprecated" && <Chip tone="warning">Ends{end}</Chip>}
      </span>
      <span className="text-small text-ink-3">
        {isVerified
          ? `Price of ${f.dayName(verifiedAt)}`
          : "No published price: the provider's dearest counts"}
      </span>
      {replacement && (
        <span className="text-small text-ink-2">
          Replaced by {replacement.name}: in <Difference of={replacement.inMicroUsd} />, out{" "}
          <Difference of={replacement.outMicroUsd} />
        </span>
      )}
    </span>
  );
}

/** How much more or less, with its sign. */
function Difference({ of }: { of: number }) {
  const f = useFormat();
  if (of === 0) return <>the same</>;
  return (
    <span className="fact">
      {of > 0 ? "+" : "−"}
      {f.price(Math.abs(of))}
    </span>
  );
}

function Price({
  model: { prices, longContext },
  of,
}: {
  model: PricedModel;
  of: keyof PricedModel["prices"];
}) {
  const f = useFormat();
  return (
    <span className="grid">
      <span>{f.price(prices[of])}</span>
      {longContext && (
        <span className="text-ink-3">
          {f.price(longContext[of])} above {f.thousands(longContext.aboveTokens)}
        </span>
      )}
    </span>
  );
}

function Needs({ model: { needs }, provider }: { model: PricedModel; provider: string }) {
  if (needs.kind === "direct") return <>Paid with your {provider} key</>;
  if (needs.kind === "openrouter") return <>Paid with your OpenRouter key</>;
  if (needs.kind === "platform") return <>Paid with credits</>;
  if (needs.kind === "credits")
    return (
      <span className="text-ink-2">
        Needs{" "}
        <Link className="link" href="/settings/billing">
          credits
        </Link>
        , or your own{" "}
        <Link className="link" href="/settings/providers">
          {provider} key
        </Link>
      </span>
    );
  return (
    <span className="text-ink-2">
      Needs your own{" "}
      <Link className="link" href="/settings/providers">
        {provider} key
      </Link>
      {needs.onOpenrouter && ", or one for OpenRouter"}
    </span>
  );
}

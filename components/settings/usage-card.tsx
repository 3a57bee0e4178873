"use client";

import { useRef, useState } from "react";
import { type ApiError, asApiError } from "../../lib/client/api.ts";
import { useFormat } from "../../lib/client/locale.tsx";
import { fetchUsage, type UsageReport } from "../../lib/client/settings.ts";
import { byModel, type Measure } from "../../lib/client/usage-chart.ts";
import { namesOf } from "../common/payer.tsx";
import { ProblemNotice } from "../common/problem-notice.tsx";
import { Notice } from "../ui/notice.tsx";
import { ScrollRegion } from "../ui/scroll-region.tsx";
import { UsageBars } from "./usage-bars.tsx";
import { plural } from "../../lib/domain/plural.ts";

const RANGES = [7, 30, 90];
const MEASURES: { id: Measure; name: string }[] = [
  { id: "cost", name: "Cost" },
  { id: "tokens", name: "Tokens" },
];
const PAYERS = { platform: "Credits", direct: "Your key", openrouter: "Your OpenRouter key" };

/** What model calls used and cost, by model and day: as bars or as a table. */
export function UsageCard({ initial }: { initial: UsageReport }) {
  const f = useFormat();
  const [report, setReport] = useState(initial);
  const [days, setDays] = useState(30);
  const [measure, setMeasure] = useState<Measure>("cost");
  const [asTable, setAsTable] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ApiError>();
  const asked = useRef(0);

  const show = async (range: number) => {
    asked.current += 1;
    const mine = asked.current;
    setDays(range);
    setBusy(true);
    setProblem(undefined);
    try {
      const found = await fetchUsage(range);
      if (mine === asked.current) setReport(found);
    } catch (error) {
      if (mine === asked.current) setProblem(asApiError(error));
    } finally {
      if (mine === asked.current) setBusy(false);
    }
  };

  return (
    <div className="grid grid-cols-[minmax(0,1fr)_380px] items-start gap-5 max-lg:grid-cols-[minmax(0,1fr)]">
      <section className="card" aria-labelledby="usage" aria-busy={busy}>
        <div className="card-head">
          <h2 id="usage">{measure === "cost" ? "Cost by model and day" : "Tokens by model and day"}</h2>
          <span className="fact text-small text-ink-3">
            {f.dayName(report.from)} – {f.dayName(report.to)}, UTC
          </span>
          <div className="ml-auto flex flex-wrap items-center gap-2">
            <fieldset className="seg" aria-label="Range">
              {RANGES.map((range) => (
                <button
                  key={range}
                  type="button"
                  aria-pressed={days === range}
                  onClick={() => void show(range)}
                >
                  {range} {plural(range, "day", "days")}
                </button>
              ))}
            </fieldset>
            <fieldset className="seg" aria-label="Show">
              {MEASURES.map(({ id, name }) => (
                <button key={id} type="button" aria-pressed={measure === id} onClick={() => setMeasure(id)}>
                  {name}
                </button>
              ))}
            </fieldset>
            <button
              type="button"
              className={`btn btn-sm ${asTable ? "" : "btn-quiet"}`}
              aria-pressed={asTable}
              onClick={() => setAsTable(!asTable)}
            >
              Table
            </button>
          </div>
        </div>
        {problem && (
          <div className="p-3">
            <ProblemNotice title="Couldn't load usage" error={problem} />
          </div>
        )}
        {!report.complete && (
          <div className="p-3">
            <Notice tone="warning" title="The oldest calls in this range are left out">
              <p>
                This report covers the latest {f.count(report.calls)} calls, back to{" "}
                {report.counted_from === null ? "" : f.momentUtc(Date.parse(report.counted_from))} UTC. Choose
                a shorter range to see all of them.
              </p>
            </Notice>
          </div>
        )}
        {report.usage.length === 0 ? (
          <p className="px-4 py-6 text-ink-2">No model calls in this range.</p>
        ) : asTable ? (
          <Groups report={report} />
        ) : (
          <UsageBars report={report} measure={measure} />
        )}
      </section>
      <ByModel report={report} />
    </div>
  );
}

function Groups({ report }: { report: UsageReport }) {
  const f = useFormat();
  return (
    <ScrollRegion label="Usage table" className="max-h-96 overflow-auto">
      <table className="table table-dense" aria-labelledby="usage">
        <thead>
          <tr>
            <th scope="col">Day</th>
            <th scope="col">Model</th>
            <th scope="col">Paid by</th>
            <th scope="col" className="num">
              Calls
            </th>
            <th scope="col" className="num">
              In
            </th>
            <th scope="col" className="num">
              Cached
            </th>
            <th scope="col" className="num">
              Out
            </th>
            <th scope="col" className="num">
              Cost
            </th>
          </tr>
        </thead>
        <tbody>
          {report.usage.map((group) => (
            <tr key={`${group.day} ${group.provider} ${group.model} ${group.key_source}`}>
              <td className="fact whitespace-nowrap">{f.dayName(group.day)}</td>
              <td className="whitespace-nowrap">{namesOf(group.provider, group.model).model}</td>
              <td className="whitespace-nowrap text-ink-2">{PAYERS[group.key_source]}</td>
              <td className="num">{f.count(group.calls)}</td>
              <td className="num">{f.tokens(group.input_tokens)}</td>
              <td className="num">{f.tokens(group.cached_tokens)}</td>
              <td className="num">{f.tokens(group.output_tokens)}</td>
              <td className="num" title={costNote(group)}>
                {group.unpriced_calls === group.calls
                  ? "unknown"
                  : `${group.estimated_calls > 0 ? "≤ " : ""}${f.amount(group.cost_micro_usd)}${group.unpriced_calls > 0 ? " + ?" : ""}`}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  );
}

/** Why a cost is not what the provider said, where that is so. */
function costNote(group: UsageReport["usage"][number]): string | undefined {
  const notes = [
    ...(group.estimated_calls > 0
      ? [
          `The provider reported no usable figures for ${group.estimated_calls} of these calls, so each counts as the most it could cost.`,
        ]
      : []),
    ...(group.unpriced_calls > 0
      ? [
          `${group.unpriced_calls} of these calls ${plural(group.unpriced_calls, "has", "have")} no price, so the cost is unknown.`,
        ]
      : []),
  ];
  return notes.length > 0 ? notes.join(" ") : undefined;
}

function ByModel({ report }: { report: UsageReport }) {
  const f = useFormat();
  const models = byModel(report);
  const total = (part: "keys" | "credits") => models.reduce((sum, model) => sum + model[part], 0);
  return (
    <section className="card" aria-labelledby="by-model">
      <div className="card-head">
        <h2 id="by-model">Where it went</h2>
        <span className="fact ml-auto text-small text-ink-3">
          {f.dollars(total("keys") + total("credits"))}
        </span>
      </div>
      <table className="table table-dense" aria-labelledby="by-model">
        <thead>
          <tr>
            <th scope="col">Model</th>
            <th scope="col" className="num">
              Calls
            </th>
            <th scope="col" className="num">
              Your keys
            </th>
            <th scope="col" className="num">
              Credits
            </th>
          </tr>
        </thead>
        <tbody>
          {models.map((model) => (
            <tr key={`${model.provider}/${model.model}`}>
              <td className="max-w-[140px] truncate">{namesOf(model.provider, model.model).model}</td>
              <td className="num">{f.count(model.calls)}</td>
              <td className="num">{f.dollars(model.keys)}</td>
              <td className="num">{f.dollars(model.credits)}</td>
            </tr>
          ))}
          <tr>
            <th scope="row" className="font-semibold!">
              Total
            </th>
            <td className="num font-semibold">{f.count(report.calls)}</td>
            <td className="num font-semibold">{f.dollars(total("keys"))}</td>
            <td className="num font-semibold">{f.dollars(total("credits"))}</td>
          </tr>
        </tbody>
      </table>
    </section>
  );
}

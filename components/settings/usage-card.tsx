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
import { billing as t } from "../../lib/client/messages/billing.ts";
import { fill, form } from "../../lib/client/messages/text.ts";

const RANGES = [7, 30, 90];
const MEASURES: { id: Measure; name: string }[] = [
  { id: "cost", name: t.cost },
  { id: "tokens", name: t.tokens },
];
const PAYERS = { platform: t.credits, direct: t.yourKey, openrouter: t.yourOpenRouterKey };

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
          <h2 id="usage">{measure === "cost" ? t.costByModelAndDay : t.tokensByModelAndDay}</h2>
          <span className="fact text-small text-ink-3">
            {fill(t.fromToUTC, { from: f.dayName(report.from), to: f.dayName(report.to) })}
          </span>
          <div className="ml-auto flex flex-wrap items-center gap-2">
            <fieldset className="seg" aria-label={t.range}>
              {RANGES.map((range) => (
                <button
                  key={range}
                  type="button"
                  aria-pressed={days === range}
                  onClick={() => void show(range)}
                >
                  {fill(form(t.countDays, range), { count: range })}
                </button>
              ))}
            </fieldset>
            <fieldset className="seg" aria-label={t.show}>
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
              {t.table}
            </button>
          </div>
        </div>
        {problem && (
          <div className="p-3">
            <ProblemNotice title={t.theUsageWasNotRead} error={problem} />
          </div>
        )}
        {!report.complete && (
          <div className="p-3">
            <Notice tone="warning" title={t.theOldestCallsOfThis}>
              <p>
                {fill(t.theReportCountsTheLatest, {
                  calls: f.count(report.calls),
                  since: report.counted_from === null ? "" : f.momentUtc(Date.parse(report.counted_from)),
                })}
              </p>
            </Notice>
          </div>
        )}
        {report.usage.length === 0 ? (
          <p className="px-4 py-6 text-ink-2">{t.noModelWasCalledIn}</p>
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
    <ScrollRegion label={t.usageAsATable} className="max-h-96 overflow-auto">
      <table className="table table-dense" aria-labelledby="usage">
        <thead>
          <tr>
            <th scope="col">{t.day}</th>
            <th scope="col">{t.model}</th>
            <th scope="col">{t.paidBy}</th>
            <th scope="col" className="num">
              {t.calls}
            </th>
            <th scope="col" className="num">
              {t.tokensIn}
            </th>
            <th scope="col" className="num">
              {t.cached}
            </th>
            <th scope="col" className="num">
              {t.out}
            </th>
            <th scope="col" className="num">
              {t.cost}
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
                  ? t.unknown
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
    ...(group.estimated_calls > 0 ? [fill(t.countEstimated, { count: group.estimated_calls })] : []),
    ...(group.unpriced_calls > 0 ? [fill(t.countUnpriced, { count: group.unpriced_calls })] : []),
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
        <h2 id="by-model">{t.whereItWent}</h2>
        <span className="fact ml-auto text-small text-ink-3">
          {f.dollars(total("keys") + total("credits"))}
        </span>
      </div>
      <table className="table table-dense" aria-labelledby="by-model">
        <thead>
          <tr>
            <th scope="col">{t.model}</th>
            <th scope="col" className="num">
              {t.calls}
            </th>
            <th scope="col" className="num">
              {t.yourKeys}
            </th>
            <th scope="col" className="num">
              {t.credits}
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
              {t.total}
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

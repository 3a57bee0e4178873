"use client";

import dynamic from "next/dynamic";
import { useFormat } from "#client/locale.tsx";
import type { UsageReport } from "#client/settings.ts";
import { type Measure, OTHERS, type Series, usageChart } from "#client/usage-chart.ts";
import { namesOf } from "../common/payer.tsx";

// The drawing's code comes with the first look at it; its words are there before.
const UsagePlot = dynamic(async () => (await import("./usage-plot.tsx")).UsagePlot, { ssr: false });

const nameOf = ({ key, provider, model }: Series) =>
  key === OTHERS ? "Other models" : namesOf(provider, model).model;
const colorOf = (index: number) => `var(--chart-${index + 1})`;

/** One bar per day, one color per model. The table view has the same figures. */
export function UsageBars({ report, measure }: { report: UsageReport; measure: Measure }) {
  const f = useFormat();
  const chart = usageChart(report, measure);
  const { series, days, total } = chart;
  const formatValue = measure === "cost" ? f.dollars : f.tokens;
  const axis = measure === "cost" ? f.amount : f.tokens;
  const highest = days.reduce((a, b) => (b.total > a.total ? b : a));
  const summary =
    measure === "cost"
      ? `Cost by day, ${f.dayName(report.from)} to ${f.dayName(report.to)}: ${formatValue(total)} in total, highest on ${f.dayName(highest.day)} with ${formatValue(highest.total)}. Use “Table” to see each figure.`
      : `Tokens by day, ${f.dayName(report.from)} to ${f.dayName(report.to)}: ${formatValue(total)} in total, highest on ${f.dayName(highest.day)} with ${formatValue(highest.total)}. Use “Table” to see each figure.`;
  return (
    <div className="px-4 pt-4 pb-3">
      <figure>
        <figcaption className="sr-only">{summary}</figcaption>
        <div className="h-[196px] font-mono [&_:focus-visible]:outline-2 [&_:focus-visible]:outline-offset-1 [&_:focus-visible]:outline-(--focus) [&_path]:forced-color-adjust-none">
          <UsagePlot
            chart={chart}
            title={measure === "cost" ? "Cost by model and day" : "Tokens by model and day"}
            axis={axis}
            formatValue={formatValue}
            dayName={f.dayName}
            nameOf={nameOf}
            colorOf={colorOf}
          />
        </div>
      </figure>
      <ul className="mt-3 flex flex-wrap gap-x-4 gap-y-1 text-small text-ink-2">
        {series.map((one, place) => (
          <li key={one.key} className="flex items-center gap-1.5">
            <span
              className="inline-block size-2.5 flex-none forced-color-adjust-none"
              style={{ background: colorOf(place) }}
              aria-hidden="true"
            />
            {nameOf(one)}
            <span className="fact text-ink-3">{formatValue(one.total)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

import { useFormat } from "../../lib/client/locale.tsx";
import type { UsageReport } from "../../lib/client/settings.ts";
import { type Measure, OTHERS, type Series, usageChart } from "../../lib/client/usage-chart.ts";
import { namesOf } from "../common/payer.tsx";
import { billing as t } from "../../lib/client/messages/billing.ts";
import { fill } from "../../lib/client/messages/text.ts";

const nameOf = ({ key, provider, model }: Series) =>
  key === OTHERS ? t.otherModels : namesOf(provider, model).model;
const colourOf = (index: number) => `var(--chart-${index + 1})`;

/** A bar a day, in a colour a model. Its figures stand in the table view too. */
export function UsageBars({ report, measure }: { report: UsageReport; measure: Measure }) {
  const f = useFormat();
  const { series, days, ticks, total } = usageChart(report, measure);
  const top = ticks.at(-1) ?? 1;
  const words = measure === "cost" ? f.dollars : f.tokens;
  const axis = measure === "cost" ? f.amount : f.tokens;
  const highest = days.reduce((a, b) => (b.total > a.total ? b : a));
  const summary = fill(measure === "cost" ? t.costByDayFromTo : t.tokensByDayFromTo, {
    from: f.dayName(report.from),
    to: f.dayName(report.to),
    total: words(total),
    day: f.dayName(highest.day),
    most: words(highest.total),
  });
  const index = new Map(series.map(({ key }, place) => [key, place]));
  // Six labels at most, the last day among them.
  const every = Math.ceil(days.length / 6);
  const thin = days.length > 31;
  return (
    <div className="px-4 pt-5 pb-3">
      <figure className="usage-chart">
        <figcaption className="sr">{summary}</figcaption>
        <div className="usage-axis" aria-hidden="true">
          {ticks.map((tick) => (
            <span key={tick} style={{ bottom: `${(tick / top) * 100}%` }}>
              {axis(tick)}
            </span>
          ))}
        </div>
        <div className="usage-plot" aria-hidden="true">
          {ticks.map((tick) => (
            <span key={tick} className="usage-line" style={{ bottom: `${(tick / top) * 100}%` }} />
          ))}
          {days.map((day, place) => (
            <span key={day.day} className="usage-day" title={`${f.dayName(day.day)}: ${words(day.total)}`}>
              {day.parts.map((part) => (
                <span
                  key={part.key}
                  className="usage-part"
                  style={{
                    width: thin ? "84%" : "72%",
                    height: `${(part.value / top) * 100}%`,
                    background: colourOf(index.get(part.key) ?? 0),
                  }}
                />
              ))}
              {(days.length - 1 - place) % every === 0 && (
                <span className="usage-name">{f.dayName(day.day)}</span>
              )}
            </span>
          ))}
        </div>
      </figure>
      <ul className="mt-7 flex flex-wrap gap-x-4 gap-y-1 text-small text-ink-2">
        {series.map((one, place) => (
          <li key={one.key} className="flex items-center gap-1.5">
            <span className="swatch" style={{ background: colourOf(place) }} aria-hidden="true" />
            {nameOf(one)}
            <span className="fact text-ink-3">{words(one.total)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

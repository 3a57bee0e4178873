"use client";

import { useFormat } from "#client/locale.tsx";
import type { UsageReport } from "#client/settings.ts";
import { FORECAST_DAYS } from "#domain/forecast.ts";
import { Card, CardHead } from "../ui/card.tsx";
import { Fact, Facts } from "../ui/facts.tsx";
import { Meter } from "../ui/meter.tsx";

/** How the month has gone so far, and how it is likely to end. */
export function MonthCard({ month }: { month: UsageReport["month"] }) {
  const f = useFormat();
  const { forecast_micro_usd: forecast, forecast_credits_micro_usd: credits, basis_days: days } = month;
  const time = f.wholeSeconds(month.sandbox_seconds * 1_000);
  const limit = month.sandbox_hours_limit;
  return (
    <Card aria-labelledby="month" data-testid="month">
      <CardHead id="month" title="This month">
        <span className="fact ml-auto text-small text-ink-3">{month.month}, UTC</span>
      </CardHead>
      <div className="grid gap-3 p-4">
        <Facts>
          <Fact name="So far">
            {f.dollars(month.spent_micro_usd)}, of that {f.dollars(month.spent_credits_micro_usd)} from
            credits
          </Fact>
          <Fact name="Forecast">
            {forecast === null || credits === null ? (
              <span className="text-ink-2">
                Not enough days yet: it takes {FORECAST_DAYS.least} whole days of use.
              </span>
            ) : (
              `${f.dollars(forecast)}, of that ${f.dollars(credits)} from credits`
            )}
          </Fact>
          <Fact name="Sandboxes">
            {time}
            {limit !== null && ` of ${f.count(limit)} h`}
          </Fact>
        </Facts>
        {limit !== null && (
          <Meter
            label="Sandbox hours this month"
            value={Math.min(month.sandbox_seconds, limit * 3_600)}
            max={limit * 3_600}
            valueText={`${time} of ${f.count(limit)} h`}
          />
        )}
        {forecast !== null && (
          <p className="text-small text-ink-3">
            What was spent, and for the days that are left the mean of the last {days} whole days.
          </p>
        )}
      </div>
    </Card>
  );
}

"use client";

import { Bar, BarChart, CartesianGrid, ResponsiveContainer, Tooltip, XAxis, YAxis } from "recharts";
import type { Series, UsageChart } from "#client/usage-chart.ts";
import { tooltipClass } from "../ui/hint.tsx";

type Day = UsageChart["days"][number];

/** One bar per day, one color per model; read by mouse, or by arrow keys once focused. */
export function UsagePlot({
  chart,
  title,
  axis,
  formatValue,
  dayName,
  nameOf,
  colorOf,
}: {
  chart: UsageChart;
  /** What a screen reader calls it. */
  title: string;
  /** A figure of the axis. */
  axis: (value: number) => string;
  /** A figure of a day. */
  formatValue: (value: number) => string;
  dayName: (day: string) => string;
  nameOf: (series: Series) => string;
  colorOf: (index: number) => string;
}) {
  const { series, days } = chart;
  const tick = { fill: "var(--ink-3)", fontSize: 11 };
  return (
    <ResponsiveContainer width="100%" height="100%">
      <BarChart data={[...days]} title={title} margin={{ top: 6, right: 14, bottom: 0, left: 0 }}>
        <CartesianGrid vertical={false} stroke="var(--line)" />
        <XAxis
          dataKey="day"
          tickFormatter={dayName}
          tick={tick}
          tickLine={false}
          axisLine={{ stroke: "var(--line-strong)" }}
          minTickGap={24}
        />
        <YAxis
          // A few hundredths of a cent have no more steps than their four places can tell apart.
          tickCount={Math.max(...days.map(({ total }) => total)) < 10_000 ? 3 : 5}
          tickFormatter={axis}
          tick={tick}
          tickLine={false}
          axisLine={false}
          width={64}
        />
        <Tooltip
          cursor={{ fill: "var(--hover)" }}
          isAnimationActive={false}
          content={<DayTip series={series} formatValue={formatValue} dayName={dayName} nameOf={nameOf} />}
        />
        {series.map((one, index) => (
          <Bar
            key={one.key}
            // A model's name has points in it, which a path of names would be cut at.
            dataKey={(day: Day) => day.parts.find(({ key }) => key === one.key)?.value ?? 0}
            name={nameOf(one)}
            stackId="day"
            fill={colorOf(index)}
            isAnimationActive={false}
          />
        ))}
      </BarChart>
    </ResponsiveContainer>
  );
}

/** A day's figures. The plot gives it what is pointed at. */
function DayTip({
  series,
  formatValue,
  dayName,
  nameOf,
  active = false,
  payload = [],
}: {
  series: readonly Series[];
  formatValue: (value: number) => string;
  dayName: (day: string) => string;
  nameOf: (series: Series) => string;
  active?: boolean;
  payload?: readonly { payload?: Day }[];
}) {
  const day = payload[0]?.payload;
  if (!active || !day) return null;
  const named = series.flatMap((one) => {
    const part = day.parts.find(({ key }) => key === one.key);
    return part ? [`${nameOf(one)}: ${formatValue(part.value)}`] : [];
  });
  return (
    <div className={tooltipClass}>
      {dayName(day.day)}: {formatValue(day.total)}
      {named.length > 1 && (
        <ul>
          {named.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      )}
    </div>
  );
}

"use client";

import { useMemo, useState } from "react";
import { clock } from "#client/format.ts";
import { useFormat } from "#client/locale.tsx";
import { type Bucket, bucketsOf, type InspectorRow } from "#domain/inspector.ts";
import { Segments } from "../ui/segments.tsx";

const BUCKETS = 60;
type Measure = "tokens" | "costMicroUsd" | "latencyMs";
const MEASURES: readonly { value: Measure; name: string }[] = [
  { value: "tokens", name: "Tokens" },
  { value: "costMicroUsd", name: "Cost" },
  { value: "latencyMs", name: "Latency" },
];

/** Tokens, cost or latency over the time of a session; the same figures stand in a table for those who listen. */
export function Activity({ rows, version }: { rows: readonly InspectorRow[]; version: number }) {
  const f = useFormat();
  const [measure, setMeasure] = useState<Measure>("tokens");
  // oxlint-disable-next-line react/exhaustive-deps -- the rows are one list that grows, and the version tells
  const buckets = useMemo(() => bucketsOf(rows, BUCKETS), [rows, version]);
  const most = Math.max(1, ...buckets.map((bucket) => bucket[measure]));
  const words = (bucket: Bucket): string =>
    measure === "tokens"
      ? `${f.tokens(bucket.tokens)} tokens`
      : measure === "costMicroUsd"
        ? f.dollars(bucket.costMicroUsd)
        : f.duration(bucket.latencyMs);
  const begin = rows[0]?.at ?? 0;
  const used = buckets.filter((bucket) => bucket[measure] > 0);
  return (
    <section aria-label="Over time" className="flex-none border-b border-line px-4 py-2 max-sm:hidden">
      <div className="flex items-end gap-4">
        <div aria-hidden="true" className="flex h-12 min-w-0 flex-1 items-end gap-px">
          {buckets.map((bucket) => (
            <span
              key={bucket.from}
              title={`${clock(bucket.from - begin)}: ${words(bucket)}`}
              className="min-w-0 flex-1 bg-ink-3/50 forced-colors:border"
              style={{
                height: `${bucket[measure] === 0 ? 0 : Math.max(4, (bucket[measure] / most) * 100)}%`,
              }}
            />
          ))}
        </div>
        <Segments label="Measure" value={measure} items={MEASURES} onChange={setMeasure} />
      </div>
      <table className="sr-only">
        <caption>{MEASURES.find(({ value }) => value === measure)?.name} over time</caption>
        <thead>
          <tr>
            <th scope="col">From</th>
            <th scope="col">Value</th>
          </tr>
        </thead>
        <tbody>
          {used.map((bucket) => (
            <tr key={bucket.from}>
              <th scope="row">{clock(bucket.from - begin)}</th>
              <td>{words(bucket)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

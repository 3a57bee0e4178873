"use client";

import { CHANNEL_LABELS, actionLabel, actorLabel, valueLabel } from "../../lib/client/audit-labels.ts";
import type { AuditRow, Pages } from "../../lib/client/live-settings.ts";
import { Moment } from "../common/moment.tsx";
import { MoreRows } from "./more-rows.tsx";

/** The entries, newest first, as they come. */
export function AuditTable({ log, filtered }: { log: Pages<AuditRow>; filtered: boolean }) {
  return (
    <section className="card" aria-label="Audit log">
      {!log.loading && log.rows.length === 0 ? (
        <p className="px-4 py-6 text-ink-2">
          {filtered
            ? "No entries match the filter."
            : "Nothing yet. Changes to settings, keys, and members appear here."}
        </p>
      ) : (
        <table className="table table-dense table-stack" aria-busy={log.loading}>
          <caption className="sr">Audit log</caption>
          <thead>
            <tr>
              <th scope="col">Time</th>
              <th scope="col">Who</th>
              <th scope="col">Action</th>
              <th scope="col">Target</th>
              <th scope="col">Change</th>
              <th scope="col">From</th>
            </tr>
          </thead>
          <tbody>
            {log.rows.map((row) => (
              <Row key={row.id} row={row} />
            ))}
          </tbody>
        </table>
      )}
      <MoreRows pages={log} reading="Loading the log" one="entry" other="entries" />
    </section>
  );
}

function Row({ row }: { row: AuditRow }) {
  const { name, key } = actorLabel(row);
  return (
    <tr data-testid="audit-entry">
      <td className="fact text-small whitespace-nowrap text-ink-2">
        <Moment at={row.at} />
      </td>
      <td className="wrap-anywhere">
        {name}
        {key && <span className="block text-small text-ink-2">{key}</span>}
      </td>
      <td>{actionLabel(row.action)}</td>
      <td className="wrap-anywhere">{row.targetPerson?.name ?? row.target}</td>
      <td className="max-w-[360px] text-small wrap-anywhere max-sm:basis-full">
        <Change before={row.before} after={row.after} />
      </td>
      <td className="text-small whitespace-nowrap text-ink-2">
        {row.via && CHANNEL_LABELS[row.via]}
        {row.address && <span className="block">{row.address}</span>}
      </td>
    </tr>
  );
}

/** What was there before, and what is there now. */
function Change({ before, after }: { before: string | null; after: string | null }) {
  return (
    <>
      {before !== null && <del className="text-ink-3">{valueLabel(before)}</del>}
      {before !== null && after !== null && <span aria-hidden="true"> → </span>}
      {after !== null && <ins className="no-underline">{valueLabel(after)}</ins>}
    </>
  );
}

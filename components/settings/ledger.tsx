"use client";

import Link from "next/link";
import { useFormat } from "../../lib/client/locale.tsx";
import { type LedgerRow, useLedger } from "../../lib/client/live-settings.ts";
import { Moment } from "../common/moment.tsx";
import { namesOf } from "../common/payer.tsx";
import { MoreRows } from "./more-rows.tsx";

/** What an entry is for, in words. */
function wordsOf(entry: LedgerRow): string {
  if (entry.kind === "grant") return entry.description;
  const [provider = "", ...model] = entry.description.split("/");
  const names = namesOf(provider, model.join("/"));
  return `Call to ${names.model}`;
}

/** Every entry of the credit account, newest first, as they come. */
export function Ledger() {
  const ledger = useLedger();
  return (
    <section className="card" aria-labelledby="ledger">
      <div className="card-head">
        <h2 id="ledger">Ledger</h2>
        <span className="text-small text-ink-3">Append-only</span>
      </div>
      {!ledger.loading && ledger.rows.length === 0 ? (
        <p className="px-4 py-6 text-ink-2">
          No entries yet. Credits you receive and the model calls they pay for appear here.
        </p>
      ) : (
        <table className="table table-dense table-stack" aria-labelledby="ledger" aria-busy={ledger.loading}>
          <thead>
            <tr>
              <th scope="col">Time</th>
              <th scope="col">Entry</th>
              <th scope="col">Session</th>
              <th scope="col" className="num">
                Amount
              </th>
              <th scope="col" className="num">
                Balance
              </th>
            </tr>
          </thead>
          <tbody>
            {ledger.rows.map((entry) => (
              <Row key={entry.id} entry={entry} />
            ))}
          </tbody>
        </table>
      )}
      <MoreRows pages={ledger} reading="Loading entries" one="entry" other="entries" />
    </section>
  );
}

function Row({ entry }: { entry: LedgerRow }) {
  const f = useFormat();
  const isCredit = entry.deltaMicroUsd > 0;
  return (
    <tr data-testid="ledger-entry">
      <td className="fact text-small whitespace-nowrap text-ink-2">
        <Moment at={entry.at} />
      </td>
      <td className="wrap-anywhere">{wordsOf(entry)}</td>
      <td className="text-small whitespace-nowrap">
        {entry.sessionId && (
          <Link className="link inline-block leading-6" href={`/studio/${entry.sessionId}`}>
            Open session
          </Link>
        )}
      </td>
      <td className={`num max-sm:ml-auto ${isCredit ? "text-success" : ""}`}>
        {isCredit && "+"}
        {f.amount(entry.deltaMicroUsd)}
      </td>
      <td className="num" title={f.amount(entry.balanceAfterMicroUsd)}>
        {f.amount(entry.balanceAfterMicroUsd)}
      </td>
    </tr>
  );
}

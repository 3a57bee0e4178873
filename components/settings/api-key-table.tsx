"use client";

import { DAY_MS } from "../../lib/client/format.ts";
import { useFormat } from "../../lib/client/locale.tsx";
import type { ApiKeyRow, Pages } from "../../lib/client/live-settings.ts";
import { useNow } from "../../lib/client/use-now.ts";
import { Ago } from "../common/ago.tsx";
import { MoreRows } from "./more-rows.tsx";

const KEY_START = "sk_studio_••••";
const SOON_MS = 7 * DAY_MS;

/** The keys, newest first: masked, with what each may do and when it was used last. */
export function ApiKeyTable({
  keys,
  onRevoke,
}: {
  keys: Pages<ApiKeyRow>;
  onRevoke: (row: ApiKeyRow) => void;
}) {
  if (!keys.loading && keys.rows.length === 0)
    return (
      <div className="card empty">
        <h2 className="text-title">No API keys yet</h2>
        <p>API keys let scripts and the CLI use Studio's API. Create your first one below.</p>
      </div>
    );
  return (
    <div className="card">
      <table className="table table-stack" aria-busy={keys.loading}>
        <caption className="sr">API keys</caption>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Key</th>
            <th scope="col">Scopes</th>
            <th scope="col">Environment</th>
            <th scope="col" className="max-lg:hidden">
              Created
            </th>
            <th scope="col">Last used</th>
            <th scope="col">Expires</th>
            <th scope="col">
              <span className="sr">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {keys.rows.map((row) => (
            <Row key={row.id} row={row} onRevoke={onRevoke} />
          ))}
        </tbody>
      </table>
      <MoreRows pages={keys} reading="Loading keys" one="key" other="keys" />
    </div>
  );
}

function Row({ row, onRevoke }: { row: ApiKeyRow; onRevoke: (row: ApiKeyRow) => void }) {
  const revoked = row.revokedAt !== null;
  return (
    <tr data-key={row.id}>
      <th
        scope="row"
        className={`max-w-[200px] font-medium wrap-anywhere max-sm:basis-full ${revoked ? "faint" : ""}`}
      >
        {row.name}
      </th>
      <td className="fact whitespace-nowrap">
        {KEY_START}
        {row.last4}
      </td>
      <td className="max-sm:basis-full">
        <span className="flex max-w-[360px] flex-wrap gap-1 py-0.5">
          {row.scopes.map((scope) => (
            <span key={scope} className="tag">
              {scope}
            </span>
          ))}
        </span>
      </td>
      <td>{row.environment}</td>
      <td className="whitespace-nowrap text-ink-2 max-lg:hidden">
        <Ago at={row.createdAt} />
      </td>
      <td className="whitespace-nowrap text-ink-2">
        <span className="sm:hidden">used </span>
        {row.lastUsedAt === null ? "never" : <Ago at={row.lastUsedAt} />}
      </td>
      <td className="whitespace-nowrap text-ink-2">
        <span className="sm:hidden">expires </span>
        <Expiry at={row.expiresAt} />
      </td>
      <td className="text-end max-sm:ml-auto">
        {row.revokedAt === null ? (
          <button
            type="button"
            className="btn btn-sm btn-danger"
            aria-label={`Revoke ${row.name}`}
            onClick={() => onRevoke(row)}
          >
            Revoke
          </button>
        ) : (
          <span className="text-small whitespace-nowrap text-ink-3">
            revoked <Ago at={row.revokedAt} />
          </span>
        )}
      </td>
    </tr>
  );
}

/** When a key ends: a warning within its last week. */
function Expiry({ at }: { at: number | null }) {
  const f = useFormat();
  const now = useNow(60_000);
  if (at === null) return <>never</>;
  if (now === null) return <>{"\u00a0"}</>;
  if (at <= now) return <span className="faint">expired</span>;
  if (at - now > SOON_MS) return <time dateTime={new Date(at).toISOString()}>{f.dateOf(at, now)}</time>;
  const days = Math.ceil((at - now) / DAY_MS);
  return <span className="text-warning">{days === 1 ? "within a day" : `in ${days} days`}</span>;
}

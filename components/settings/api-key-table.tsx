"use client";

import { DAY_MS } from "#client/format.ts";
import type { ApiKeyRow, Pages } from "#client/live-settings.ts";
import { useFormat } from "#client/locale.tsx";
import { useNow } from "#client/use-now.ts";
import { Ago } from "../common/ago.tsx";
import { Button } from "../ui/button.tsx";
import { Card, Empty } from "../ui/card.tsx";
import { Tag } from "../ui/chip.tsx";
import { type Column, PagedTable } from "../ui/data-table.tsx";

const KEY_START = "sk_studio_••••";
const SOON_MS = 7 * DAY_MS;

const columnsFor = (onRevoke: (row: ApiKeyRow) => void): Column<ApiKeyRow>[] => [
  {
    name: "Name",
    isRowName: true,
    className: "max-w-[200px] font-medium wrap-anywhere max-sm:basis-full",
    render: ({ name, revokedAt }) => <span className={revokedAt === null ? "" : "text-ink-3"}>{name}</span>,
  },
  { name: "Key", className: "fact whitespace-nowrap", render: ({ last4 }) => `${KEY_START}${last4}` },
  {
    name: "Scopes",
    className: "max-sm:basis-full",
    render: ({ scopes }) => (
      <span className="flex max-w-[360px] flex-wrap gap-1 py-0.5">
        {scopes.map((scope) => (
          <Tag key={scope}>{scope}</Tag>
        ))}
      </span>
    ),
  },
  { name: "Environment", render: ({ environment }) => environment },
  {
    name: "Created",
    hideBelow: "lg",
    className: "whitespace-nowrap text-ink-2",
    render: ({ createdAt }) => <Ago at={createdAt} />,
  },
  {
    name: "Last used",
    className: "whitespace-nowrap text-ink-2",
    render: ({ lastUsedAt }) => (
      <>
        <span className="sm:hidden">used </span>
        {lastUsedAt === null ? "never" : <Ago at={lastUsedAt} />}
      </>
    ),
  },
  {
    name: "Expires",
    className: "whitespace-nowrap text-ink-2",
    render: ({ expiresAt }) => (
      <>
        <span className="sm:hidden">expires </span>
        <Expiry at={expiresAt} />
      </>
    ),
  },
  {
    name: "Actions",
    isNameHidden: true,
    className: "text-end max-sm:ml-auto",
    render: (row) =>
      row.revokedAt === null ? (
        <Button size="sm" look="danger" aria-label={`Revoke ${row.name}`} onClick={() => onRevoke(row)}>
          Revoke
        </Button>
      ) : (
        <span className="text-small whitespace-nowrap text-ink-3">
          revoked <Ago at={row.revokedAt} />
        </span>
      ),
  },
];

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
      <Empty card title="No API keys yet">
        API keys let scripts and the CLI use Studio's API. Create your first one below.
      </Empty>
    );
  return (
    <Card>
      <PagedTable
        caption="API keys"
        stack
        pages={keys}
        columns={columnsFor(onRevoke)}
        rowKey={({ id }) => id}
        rowProps={({ id }) => ({ "data-key": id })}
        names={{ one: "key", other: "keys" }}
        empty={null}
      />
    </Card>
  );
}

/** When a key ends: a warning within its last week. */
function Expiry({ at }: { at: number | null }) {
  const f = useFormat();
  const now = useNow(60_000);
  if (at === null) return <>never</>;
  if (now === null) return <>{"\u00a0"}</>;
  if (at <= now) return <span className="text-ink-3">expired</span>;
  if (at - now > SOON_MS) return <time dateTime={new Date(at).toISOString()}>{f.dateOf(at, now)}</time>;
  const days = Math.ceil((at - now) / DAY_MS);
  return <span className="text-warning">{days === 1 ? "within a day" : `in ${days} days`}</span>;
}

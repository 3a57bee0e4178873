import { Plus } from "lucide-react";
import type { Action } from "#client/action.ts";
import type { KeyRow } from "#client/live-settings.ts";
import { plural } from "#domain/plural.ts";
import { Ago } from "../common/ago.tsx";
import { Button } from "../ui/button.tsx";
import { Card } from "../ui/card.tsx";
import { Chip } from "../ui/chip.tsx";
import { type Column, DataTable } from "../ui/data-table.tsx";
import type { GlyphName } from "../ui/glyph.tsx";
import { Icon } from "../ui/icon.tsx";
import type { ColorRole } from "../ui/tones.ts";
import { isEndpoint, masked, payerLabel } from "./providers.ts";

/** A provider, with its key where it has one. */
export interface ProviderEntry {
  id: string;
  name: string;
  letters: string;
  host: string;
  row: KeyRow | undefined;
}

interface RowActions {
  /** Why nothing may be changed; undefined where it may. */
  disabledReason: string | undefined;
  test: Action<[ProviderEntry]>;
  onEdit: (entry: ProviderEntry) => void;
  onRemove: (entry: ProviderEntry) => void;
}

const STATES: Record<KeyRow["status"] | "none", { glyph: GlyphName; tone: ColorRole; word: string }> = {
  active: { glyph: "done", tone: "success", word: "Active" },
  inactive: { glyph: "waiting", tone: "warning", word: "Not tested" },
  error: { glyph: "error", tone: "danger", word: "Rejected" },
  none: { glyph: "ready", tone: "neutral", word: "No key" },
};

/** Each provider in a row: its key, how it stands, who would pay, and what can be done. */
export function ProviderTable({
  entries,
  keys,
  platform,
  ...actions
}: { entries: readonly ProviderEntry[]; keys: readonly KeyRow[]; platform: readonly string[] } & RowActions) {
  const columns: Column<ProviderEntry>[] = [
    {
      name: "Provider",
      isRowName: true,
      className: "max-w-[280px] max-sm:max-w-none max-sm:basis-full",
      render: (entry) => <Who entry={entry} />,
    },
    {
      name: "Key",
      className: "fact whitespace-nowrap max-sm:hidden",
      render: ({ row }) => (row ? masked(row) : <span className="text-ink-3">—</span>),
    },
    {
      name: "State",
      className: "max-w-[220px] max-sm:max-w-none",
      render: ({ row }) => {
        const { word, ...look } = STATES[row?.status ?? "none"];
        return (
          <>
            <Chip {...look}>{word}</Chip>
            {row && row.status !== "active" && row.statusDetail && (
              <span className="block py-0.5 text-small wrap-anywhere text-ink-2">{row.statusDetail}</span>
            )}
          </>
        );
      },
    },
    {
      name: "Verified",
      hideBelow: "lg",
      className: "whitespace-nowrap text-ink-2",
      render: ({ row }) => row && (row.verifiedAt === null ? "never" : <Ago at={row.verifiedAt} />),
    },
    {
      name: "Who pays",
      className: "max-w-[200px] text-ink-2 max-sm:max-w-none",
      render: ({ id }) => payerLabel(id, keys, platform),
    },
    {
      name: "Actions",
      isNameHidden: true,
      className: "text-end max-sm:basis-full",
      render: (entry) => <RowButtons entry={entry} {...actions} />,
    },
  ];
  return (
    <Card>
      <DataTable
        caption="Model providers"
        stack
        columns={columns}
        rows={entries}
        rowKey={({ id }) => id}
        rowProps={({ id }) => ({ "data-provider": id })}
      />
    </Card>
  );
}

/** A provider's name, where it is, and what an endpoint offers. */
function Who({ entry }: { entry: ProviderEntry }) {
  const { name, letters, host, row } = entry;
  const offers = row?.models?.map((model) => model.name).join(", ");
  return (
    <span className="flex items-center gap-2.5 py-1">
      <span
        className="grid size-7 flex-none place-items-center rounded-sm border border-line-strong font-mono text-[11px] leading-none font-semibold"
        aria-hidden="true"
      >
        {letters}
      </span>
      <span className="min-w-0">
        <span className="block truncate font-medium">{name}</span>
        <span className="block truncate text-small text-ink-3" title={host}>
          {host.replace(/^https?:\/\//, "")}
        </span>
        {offers && (
          <span className="block truncate text-small text-ink-3" title={offers}>
            {row?.models?.length ?? 0} {plural(row?.models?.length ?? 0, "model", "models")}: {offers}
          </span>
        )}
      </span>
    </span>
  );
}

function RowButtons({
  entry,
  disabledReason,
  test,
  onEdit,
  onRemove,
}: { entry: ProviderEntry } & RowActions) {
  const { id, name, row } = entry;
  const isOff = disabledReason !== undefined;
  const isTesting = test.pending && test.args?.[0].id === id;
  const shared = { size: "sm", off: isOff || isTesting, title: disabledReason } as const;
  if (!row)
    return (
      <Button {...shared} onClick={() => onEdit(entry)} aria-label={`Add key for ${name}`}>
        <Icon as={Plus} size="sm" />
        Add key
      </Button>
    );
  const edit = isEndpoint(id) ? "Edit" : "Replace";
  return (
    <span className="inline-flex flex-wrap justify-end gap-1.5 whitespace-nowrap">
      <Button
        {...shared}
        onClick={() => test.run(entry)}
        aria-label={`${isTesting ? "Testing" : "Test"} ${name}`}
      >
        {isTesting ? "Testing" : "Test"}
      </Button>
      <Button
        {...shared}
        look={row.status === "error" && !isOff ? "primary" : "plain"}
        onClick={() => onEdit(entry)}
        aria-label={`${edit} ${name}`}
      >
        {edit}
      </Button>
      <Button {...shared} look="danger" onClick={() => onRemove(entry)} aria-label={`Remove ${name}`}>
        Remove
      </Button>
    </span>
  );
}

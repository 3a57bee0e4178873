import { Plus } from "lucide-react";
import type { KeyRow } from "../../lib/client/live-settings.ts";
import { Ago } from "../common/ago.tsx";
import { Glyph, type GlyphName } from "../ui/glyph.tsx";
import { isEndpoint, masked, payerLabel } from "./providers.ts";
import { plural } from "../../lib/domain/plural.ts";

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
  /** The provider whose key is being tested. */
  testing: string | undefined;
  onEdit: (entry: ProviderEntry) => void;
  onTest: (entry: ProviderEntry) => void;
  onRemove: (entry: ProviderEntry) => void;
}

const STATES: Record<KeyRow["status"] | "none", { glyph: GlyphName; role: string; word: string }> = {
  active: { glyph: "done", role: "is-success", word: "Active" },
  inactive: { glyph: "waiting", role: "is-warning", word: "Not tested" },
  error: { glyph: "error", role: "is-danger", word: "Rejected" },
  none: { glyph: "ready", role: "is-neutral", word: "No key" },
};

/** Each provider in a row: its key, how it stands, who would pay, and what can be done. */
export function ProviderTable({
  entries,
  keys,
  platform,
  ...actions
}: { entries: readonly ProviderEntry[]; keys: readonly KeyRow[]; platform: readonly string[] } & RowActions) {
  return (
    <div className="card">
      <table className="table table-stack">
        <caption className="sr">Model providers</caption>
        <thead>
          <tr>
            <th scope="col">Provider</th>
            <th scope="col">Key</th>
            <th scope="col">State</th>
            <th scope="col" className="max-lg:hidden">
              Verified
            </th>
            <th scope="col">Who pays</th>
            <th scope="col">
              <span className="sr">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {entries.map((entry) => (
            <Row key={entry.id} entry={entry} pays={payerLabel(entry.id, keys, platform)} {...actions} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ entry, pays, ...actions }: { entry: ProviderEntry; pays: string } & RowActions) {
  const { row } = entry;
  const { glyph, role, word } = STATES[row?.status ?? "none"];
  return (
    <tr data-provider={entry.id}>
      <th scope="row" className="max-w-[280px] max-sm:max-w-none max-sm:basis-full">
        <Who entry={entry} />
      </th>
      <td className="fact whitespace-nowrap max-sm:hidden">
        {row ? masked(row) : <span className="faint">—</span>}
      </td>
      <td className="max-w-[220px] max-sm:max-w-none">
        <span className={`chip ${role}`}>
          <Glyph name={glyph} />
          {word}
        </span>
        {row && row.status !== "active" && row.statusDetail && (
          <span className="block py-0.5 text-small wrap-anywhere text-ink-2">{row.statusDetail}</span>
        )}
      </td>
      <td className="whitespace-nowrap text-ink-2 max-lg:hidden">
        {row && (row.verifiedAt === null ? "never" : <Ago at={row.verifiedAt} />)}
      </td>
      <td className="max-w-[200px] text-ink-2 max-sm:max-w-none">{pays}</td>
      <td className="text-end max-sm:basis-full">
        <Actions entry={entry} {...actions} />
      </td>
    </tr>
  );
}

/** A provider's name, where it is, and what an endpoint offers. */
function Who({ entry }: { entry: ProviderEntry }) {
  const { name, letters, host, row } = entry;
  const offers = row?.models?.map((model) => model.name).join(", ");
  return (
    <span className="flex items-center gap-2.5 py-1">
      <span className="letter" aria-hidden="true">
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

function Actions({
  entry,
  disabledReason,
  testing,
  onEdit,
  onTest,
  onRemove,
}: { entry: ProviderEntry } & RowActions) {
  const { name, row } = entry;
  const off = disabledReason !== undefined;
  const busy = testing === entry.id;
  const press = (act: (entry: ProviderEntry) => void) => () => {
    if (!off && !busy) act(entry);
  };
  if (!row)
    return (
      <button
        type="button"
        className="btn btn-sm"
        aria-disabled={off}
        title={disabledReason}
        onClick={press(onEdit)}
        aria-label={`Add key for ${name}`}
      >
        <Plus className="i i-sm" aria-hidden="true" />
        Add key
      </button>
    );
  return (
    <span className="inline-flex flex-wrap justify-end gap-1.5 whitespace-nowrap">
      <button
        type="button"
        className="btn btn-sm"
        aria-disabled={off || busy}
        title={disabledReason}
        onClick={press(onTest)}
        aria-label={busy ? `Testing ${name}` : `Test ${name}`}
      >
        {busy ? "Testing" : "Test"}
      </button>
      <button
        type="button"
        className={`btn btn-sm ${row.status === "error" && !off ? "btn-primary" : ""}`}
        aria-disabled={off || busy}
        title={disabledReason}
        onClick={press(onEdit)}
        aria-label={isEndpoint(entry.id) ? `Edit ${name}` : `Replace ${name}`}
      >
        {isEndpoint(entry.id) ? "Edit" : "Replace"}
      </button>
      <button
        type="button"
        className="btn btn-sm btn-danger"
        aria-disabled={off || busy}
        title={disabledReason}
        onClick={press(onRemove)}
        aria-label={`Remove ${name}`}
      >
        Remove
      </button>
    </span>
  );
}

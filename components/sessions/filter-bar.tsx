"use client";

import { Search } from "lucide-react";
import type { SessionFilter, SessionGroup } from "../../lib/domain/session-filter.ts";
import { Glyph, type GlyphName } from "../ui/glyph.tsx";

const GROUPS: { group: SessionGroup | undefined; name: string; glyph?: GlyphName; role?: string }[] = [
  { group: undefined, name: "All" },
  { group: "waiting", name: "Waiting", glyph: "waiting", role: "text-warning" },
  { group: "active", name: "Active", glyph: "active", role: "text-accent" },
  { group: "idle", name: "Idle", glyph: "idle", role: "text-neutral" },
  { group: "stopped", name: "Stopped", glyph: "stopped", role: "text-neutral" },
  { group: "error", name: "Error", glyph: "error", role: "text-danger" },
];

/** True where the filter leaves something out that the plain list has. */
export function isNarrowed(filter: SessionFilter): boolean {
  return Object.values(filter).some((value) => value !== undefined && value !== "" && value !== false);
}

/** What the list shows: by title, state, environment, whose, and whether put away. */
export function FilterBar({
  filter,
  onChange,
}: {
  filter: SessionFilter;
  onChange: (filter: SessionFilter) => void;
}) {
  return (
    <search className="filters">
      <span className="filter-text">
        <Search className="i i-sm" aria-hidden="true" />
        <input
          className="input"
          type="search"
          aria-label="Search sessions"
          placeholder="Search sessions"
          data-filter
          maxLength={200}
          value={filter.text ?? ""}
          onChange={(event) => onChange({ ...filter, text: event.target.value })}
        />
        {(filter.text ?? "") === "" && (
          <kbd className="kbd max-sm:hidden!" aria-hidden="true">
            /
          </kbd>
        )}
      </span>
      <fieldset className="seg">
        <legend className="sr">Status</legend>
        {GROUPS.map(({ group, name, glyph, role }) => (
          <button
            key={name}
            type="button"
            aria-pressed={filter.group === group}
            onClick={() => onChange({ ...filter, group })}
          >
            {glyph && <Glyph name={glyph} className={role ?? ""} />}
            {name}
          </button>
        ))}
      </fieldset>
      <label className="sr" htmlFor="filter-environment">
        Environment
      </label>
      <select
        id="filter-environment"
        className="input w-auto!"
        value={filter.environment ?? ""}
        onChange={(event) => {
          const { value } = event.target;
          onChange({
            ...filter,
            environment: value === "development" || value === "production" ? value : undefined,
          });
        }}
      >
        <option value="">Any environment</option>
        <option value="development">development</option>
        <option value="production">production</option>
      </select>
      <fieldset className="seg">
        <legend className="sr">Started by</legend>
        <button
          type="button"
          aria-pressed={filter.mine !== true}
          onClick={() => onChange({ ...filter, mine: undefined })}
        >
          Anyone
        </button>
        <button
          type="button"
          aria-pressed={filter.mine === true}
          onClick={() => onChange({ ...filter, mine: true })}
        >
          Mine
        </button>
      </fieldset>
      <button
        type="button"
        className="btn btn-quiet"
        aria-pressed={filter.archived === true}
        onClick={() => onChange({ ...filter, archived: filter.archived ? undefined : true })}
      >
        {filter.archived ? "Back to sessions" : "Archive"}
      </button>
    </search>
  );
}

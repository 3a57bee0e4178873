"use client";

import { Search } from "lucide-react";
import type { SessionFilter } from "#domain/session-filter.ts";
import { Button } from "../ui/button.tsx";
import { Input } from "../ui/field.tsx";
import { Icon } from "../ui/icon.tsx";
import { Kbd } from "../ui/kbd.tsx";
import { Segments } from "../ui/segments.tsx";
import { Choice } from "../ui/select.tsx";

const GROUPS = [
  { value: undefined, name: "All" },
  { value: "waiting", name: "Waiting", glyph: "waiting", glyphClass: "text-warning" },
  { value: "active", name: "Active", glyph: "active", glyphClass: "text-accent" },
  { value: "idle", name: "Idle", glyph: "idle", glyphClass: "text-neutral" },
  { value: "stopped", name: "Stopped", glyph: "stopped", glyphClass: "text-neutral" },
  { value: "error", name: "Error", glyph: "error", glyphClass: "text-danger" },
] as const;
const OWNERS = [
  { value: undefined, name: "Anyone" },
  { value: true, name: "Mine" },
];
const ENVIRONMENT_OPTIONS = [
  { value: "", name: "Any environment" },
  { value: "development", name: "development" },
  { value: "production", name: "production" },
] as const;

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
  const set = (change: SessionFilter) => onChange({ ...filter, ...change });
  return (
    <search className="relative flex flex-wrap items-center gap-2 max-sm:flex-nowrap max-sm:overflow-x-auto max-sm:px-3 max-sm:py-2 max-sm:*:flex-none">
      <span className="relative flex-[0_1_240px] max-sm:w-[200px]">
        <Icon as={Search} size="sm" className="absolute top-1/2 left-[9px] -translate-y-1/2 text-ink-3" />
        <Input
          className="pl-[30px]"
          type="search"
          aria-label="Search sessions"
          placeholder="Search sessions"
          data-filter
          maxLength={200}
          value={filter.text ?? ""}
          onChange={(event) => set({ text: event.target.value })}
        />
        {(filter.text ?? "") === "" && (
          <Kbd className="absolute top-1/2 right-1.5 -translate-y-1/2 max-sm:hidden">/</Kbd>
        )}
      </span>
      <Segments
        label="Status"
        value={filter.group}
        items={GROUPS}
        onChange={(group) => set({ group })}
        itemClass="max-sm:min-h-10"
      />
      <Choice
        label="Environment"
        hidden
        className="w-auto"
        value={filter.environment ?? ""}
        options={ENVIRONMENT_OPTIONS}
        onChange={(value) => set({ environment: value === "" ? undefined : value })}
      />
      <Segments
        label="Started by"
        value={filter.mine}
        items={OWNERS}
        onChange={(mine) => set({ mine })}
        itemClass="max-sm:min-h-10"
      />
      <Button
        look="quiet"
        className="aria-pressed:bg-selected aria-pressed:text-ink"
        aria-pressed={filter.archived === true}
        onClick={() => set({ archived: filter.archived ? undefined : true })}
      >
        {filter.archived ? "Back to sessions" : "Archive"}
      </Button>
    </search>
  );
}

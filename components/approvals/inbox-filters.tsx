"use client";

import type { InboxFilter } from "#client/live-approvals.ts";
import { ENVIRONMENTS } from "#domain/catalog.ts";
import { ACT_KINDS } from "#domain/act-kinds.ts";
import { Button } from "../ui/button.tsx";
import { Segments } from "../ui/segments.tsx";
import { Choice } from "../ui/select.tsx";
import { KIND_NAMES } from "./kind-names.ts";

export const isNarrowed = ({ environment, act }: InboxFilter): boolean =>
  environment !== undefined || act !== undefined;

const PLACES = [
  { value: undefined, name: "All" },
  ...ENVIRONMENTS.map((value) => ({
    value,
    name: value === "production" ? "Production" : "Development",
  })),
];

/** What the inbox shows: of which environment, and of what kind. */
export function InboxFilters({
  filter,
  onChange,
}: {
  filter: InboxFilter;
  onChange: (filter: InboxFilter) => void;
}) {
  return (
    <search className="flex flex-wrap items-center gap-2 max-sm:flex-nowrap max-sm:overflow-x-auto max-sm:py-1 max-sm:*:flex-none">
      <Segments
        label="Environment"
        value={filter.environment}
        items={PLACES}
        onChange={(environment) => onChange({ ...filter, environment })}
      />
      <Choice
        label="Kind"
        hidden
        className="w-auto"
        value={filter.act ?? ""}
        options={[
          { value: "", name: "Any kind" },
          ...ACT_KINDS.map((value) => ({ value, name: KIND_NAMES[value] })),
        ]}
        onChange={(value) => onChange({ ...filter, act: ACT_KINDS.find((kind) => kind === value) })}
      />
      {isNarrowed(filter) && (
        <Button look="quiet" onClick={() => onChange({})}>
          Show all
        </Button>
      )}
    </search>
  );
}

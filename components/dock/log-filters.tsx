"use client";

import type { LogFaults, LogWishes } from "#client/log-search.ts";
import { Input } from "../ui/field.tsx";

const FIELDS = [
  { name: "text", label: "Filter log", placeholder: "Text or type", className: "w-44 max-sm:w-full" },
  { name: "types", label: "Types", placeholder: "Types, such as tool.*", className: "w-44 max-sm:w-full" },
  { name: "from", label: "From event", placeholder: "From", className: "w-16" },
  { name: "to", label: "To event", placeholder: "To", className: "w-16" },
] as const;

/** What of a log is wanted: by words, types and numbers. */
export function LogFilters({
  wishes,
  faults,
  onChange,
}: {
  wishes: LogWishes;
  faults: LogFaults;
  onChange: (wishes: LogWishes) => void;
}) {
  return (
    <search className="flex flex-wrap items-center gap-1.5">
      {FIELDS.map(({ name, label, placeholder, className }) => (
        <Input
          key={name}
          className={className}
          aria-label={label}
          aria-invalid={faults[name] !== undefined}
          title={faults[name]}
          placeholder={placeholder}
          inputMode={name === "from" || name === "to" ? "numeric" : "text"}
          autoComplete="off"
          spellCheck={false}
          value={wishes[name]}
          onChange={(event) => onChange({ ...wishes, [name]: event.target.value })}
        />
      ))}
    </search>
  );
}

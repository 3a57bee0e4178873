"use client";

import { Plus, X } from "lucide-react";
import { type ReactNode, useId, useState } from "react";
import type { DefinitionDraft, DefinitionValue } from "#client/definition-draft.ts";
import { Button } from "../ui/button.tsx";
import { Check, Field, TextField } from "../ui/field.tsx";
import { Icon } from "../ui/icon.tsx";

/** The text at a key; empty for what is none. */
export const textAt = (value: DefinitionValue, key: string): string => {
  const found = value[key];
  return typeof found === "string" ? found : found === undefined ? "" : JSON.stringify(found);
};

export const recordAt = (value: DefinitionValue, key: string): DefinitionValue => {
  const found = value[key];
  return typeof found === "object" && found !== null && !Array.isArray(found)
    ? (found as DefinitionValue)
    : {};
};

export const listAt = <T = unknown,>(value: DefinitionValue, key: string): T[] =>
  Array.isArray(value[key]) ? (value[key] as T[]) : [];

/** A record with some fields changed; undefined takes one away. */
export const changed = (value: DefinitionValue, change: DefinitionValue): DefinitionValue =>
  Object.fromEntries(Object.entries({ ...value, ...change }).filter(([, field]) => field !== undefined));

/** A text of the definition's own fields. @param optional an empty one is left out */
export function TextPart({
  draft,
  name,
  label,
  hint,
  optional = false,
  fact = false,
}: {
  draft: DefinitionDraft;
  name: string;
  label: string;
  hint?: ReactNode;
  optional?: boolean;
  fact?: boolean;
}) {
  return (
    <Field
      label={label}
      hint={hint}
      fact={fact}
      autoComplete="off"
      readOnly={draft.readOnly}
      value={textAt(draft.value, name)}
      problem={draft.problemAt(name)}
      onChange={({ target }) =>
        draft.set({ [name]: optional && target.value === "" ? undefined : target.value })
      }
    />
  );
}

/** A number as it is typed; what is none is kept as text, and said to be wrong. */
export function NumberPart({
  label,
  value,
  onChange,
  hint,
  problem,
  readOnly,
}: {
  label: string;
  value: unknown;
  onChange: (value: number | string | undefined) => void;
  hint?: ReactNode;
  problem?: string | undefined;
  readOnly: boolean;
}) {
  const shown = typeof value === "number" || typeof value === "string" ? String(value) : "";
  const [typed, setTyped] = useState(shown);
  const numberOf = (text: string) => {
    if (text.trim() === "") return undefined;
    const number = Number(text);
    return Number.isFinite(number) ? number : text;
  };
  // What is typed, such as “0.”, while it stands for what is there.
  const text = String(numberOf(typed) ?? "") === shown ? typed : shown;
  return (
    <Field
      label={label}
      hint={hint}
      problem={problem}
      inputMode="decimal"
      autoComplete="off"
      readOnly={readOnly}
      value={text}
      onChange={({ target }) => {
        setTyped(target.value);
        onChange(numberOf(target.value));
      }}
    />
  );
}

/** A list of texts, one a line. */
export function LinesPart({
  draft,
  name,
  label,
  hint,
  rows = 4,
}: {
  draft: DefinitionDraft;
  name: string;
  label: string;
  hint?: ReactNode;
  rows?: number;
}) {
  const lines = listAt<string>(draft.value, name).join("\n");
  const [typed, setTyped] = useState(lines);
  const linesOf = (text: string) => text.split("\n").filter((line) => line.trim() !== "");
  return (
    <TextField
      label={label}
      hint={hint}
      fact
      rows={rows}
      readOnly={draft.readOnly}
      problem={draft.problemAt(name)}
      value={linesOf(typed).join("\n") === lines ? typed : lines}
      onChange={({ target }) => {
        setTyped(target.value);
        const items = linesOf(target.value);
        draft.set({ [name]: items.length > 0 || draft.value[name] !== undefined ? items : undefined });
      }}
    />
  );
}

/** A box to tick, with its words. */
export function TickPart({
  label,
  checked,
  onChange,
  readOnly,
}: {
  label: ReactNode;
  checked: boolean;
  onChange: (checked: boolean) => void;
  readOnly: boolean;
}) {
  const id = useId();
  return (
    <span className="flex min-h-7 items-center gap-2 touch:min-h-11">
      <Check
        id={id}
        type="checkbox"
        checked={checked}
        disabled={readOnly}
        onChange={({ target }) => onChange(target.checked)}
      />
      <label htmlFor={id} className="wrap-anywhere">
        {label}
      </label>
    </span>
  );
}

/** JSON as it is typed: what can't be read is not taken over, and said to be wrong. */
export function JsonPart({
  label,
  value,
  onChange,
  hint,
  problem,
  readOnly,
  rows = 2,
}: {
  label: string;
  value: unknown;
  onChange: (value: unknown) => void;
  hint?: ReactNode;
  problem?: string | undefined;
  readOnly: boolean;
  rows?: number;
}) {
  const shown = JSON.stringify(value, null, rows > 2 ? 2 : 0) ?? "";
  const [typed, setTyped] = useState(shown);
  const read = parsed(typed);
  const isSame = read.ok && JSON.stringify(read.value) === JSON.stringify(value);
  const text = isSame || !read.ok ? typed : shown;
  return (
    <TextField
      label={label}
      hint={hint}
      fact
      rows={rows}
      readOnly={readOnly}
      problem={read.ok ? problem : "This isn't JSON, so it isn't taken over yet."}
      value={text}
      onChange={({ target }) => {
        setTyped(target.value);
        const now = parsed(target.value);
        if (now.ok) onChange(now.value);
      }}
    />
  );
}

function parsed(text: string): { ok: true; value: unknown } | { ok: false } {
  try {
    return { ok: true, value: JSON.parse(text) as unknown };
  } catch {
    return { ok: false };
  }
}

/** A list whose rows are added and taken away. */
export function Rows<T>({
  title,
  one,
  rows,
  onChange,
  make,
  readOnly,
  problem,
  children,
}: {
  title: string;
  /** What one row is called. */
  one: string;
  rows: readonly T[];
  onChange: (rows: T[]) => void;
  make: () => T;
  readOnly: boolean;
  problem?: string | undefined;
  children: (row: T, change: (row: T) => void, index: number) => ReactNode;
}) {
  const id = useId();
  return (
    <section aria-labelledby={id} className="grid grid-cols-[minmax(0,1fr)] gap-2">
      <h3 id={id} className="text-base font-semibold">
        {title}
      </h3>
      {problem !== undefined && <p className="text-small text-danger">{problem}</p>}
      {rows.length > 0 && (
        <ol className="grid grid-cols-[minmax(0,1fr)] gap-2">
          {rows.map((row, index) => (
            <li
              // oxlint-disable-next-line react/no-array-index-key -- rows have no other name while they are typed
              key={index}
              className="flex items-start gap-2 rounded-sm border border-line p-2.5"
            >
              <div className="min-w-0 flex-1">
                {children(
                  row,
                  (next) => onChange(rows.map((other, at) => (at === index ? next : other))),
                  index,
                )}
              </div>
              {!readOnly && (
                <Button
                  size="sm"
                  look="quiet"
                  icon
                  aria-label={`Remove ${one} ${index + 1}`}
                  onClick={() => onChange(rows.filter((_, at) => at !== index))}
                >
                  <Icon as={X} size="sm" />
                </Button>
              )}
            </li>
          ))}
        </ol>
      )}
      {!readOnly && (
        <Button size="sm" className="justify-self-start" onClick={() => onChange([...rows, make()])}>
          <Icon as={Plus} size="sm" />
          Add {one}
        </Button>
      )}
    </section>
  );
}

export const pairClass = "grid grid-cols-2 items-start gap-4 max-md:grid-cols-1";
export const tripleClass = "grid grid-cols-3 items-start gap-4 max-md:grid-cols-1";

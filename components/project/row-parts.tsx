"use client";

import { type ReactNode, useId } from "react";
import type { DefinitionValue } from "#client/definition-draft.ts";
import { Field, FieldNote } from "../ui/field.tsx";
import { Choice, type Option } from "../ui/select.tsx";
import { changed, textAt, TickPart } from "./parts.tsx";

/** A row of a list, and how it is changed. */
interface RowPart {
  row: DefinitionValue;
  change: (row: DefinitionValue) => void;
  name: string;
  label: string;
  readOnly: boolean;
}

/** A text of a row. @param optional an empty one is left out */
export function RowText({
  row,
  change,
  name,
  optional = false,
  ...field
}: RowPart & { optional?: boolean; fact?: boolean; placeholder?: string; problem?: string | undefined }) {
  return (
    <Field
      {...field}
      value={textAt(row, name)}
      onChange={({ target }) =>
        change(changed(row, { [name]: optional && target.value === "" ? undefined : target.value }))
      }
    />
  );
}

/** A text of a row that is one of some. */
export function RowChoice({
  row,
  change,
  name,
  label,
  readOnly,
  options,
}: RowPart & { options: readonly Option<string>[] }) {
  return (
    <Choice
      label={label}
      disabled={readOnly}
      value={textAt(row, name)}
      options={options}
      onChange={(chosen) => change({ ...row, [name]: chosen })}
    />
  );
}

/** Texts as what can be chosen by them; the one that stands there is among them, whatever it is. */
export const optionsWith = (current: string, texts: readonly string[]) =>
  [...new Set([...texts, ...(current === "" ? [] : [current])])].map((text) => ({ value: text, name: text }));

/** A list of names as boxes to tick, among them those that are chosen. */
export function NamesPart({
  legend,
  names,
  chosen,
  onChange,
  readOnly,
  problem,
}: {
  legend: ReactNode;
  names: readonly string[];
  chosen: readonly string[];
  onChange: (chosen: string[]) => void;
  readOnly: boolean;
  problem?: string | undefined;
}) {
  const id = useId();
  return (
    <fieldset className="grid gap-1">
      {legend}
      <div className="flex flex-wrap gap-x-4">
        {[...new Set([...names, ...chosen])].map((name) => (
          <TickPart
            key={name}
            label={<span className="fact">{name}</span>}
            readOnly={readOnly}
            checked={chosen.includes(name)}
            onChange={(isOn) => onChange(isOn ? [...chosen, name] : chosen.filter((one) => one !== name))}
          />
        ))}
      </div>
      <FieldNote id={id} problem={problem} />
    </fieldset>
  );
}

"use client";

import { Plus, X } from "lucide-react";
import { useState } from "react";
import { isRecord } from "#domain/project/paths.ts";
import { Button } from "../ui/button.tsx";
import { Field } from "../ui/field.tsx";
import { Icon } from "../ui/icon.tsx";
import { Choice } from "../ui/select.tsx";
import { changed, textAt, TickPart } from "./parts.tsx";

type Schema = Record<string, unknown>;
interface Row {
  name: string;
  required: boolean;
  schema: Schema;
}

const TYPES = ["string", "number", "integer", "boolean", "array", "object"].map((type) => ({
  value: type,
  name: type,
}));

/** Deeper ones are edited as JSON Schema. */
const MAX_LEVELS = 4;

function rowsOf(schema: Schema): Row[] {
  const required = Array.isArray(schema.required) ? schema.required : [];
  const properties = isRecord(schema.properties) ? schema.properties : {};
  return Object.entries(properties).map(([name, field]) => ({
    name,
    required: required.includes(name),
    schema: isRecord(field) ? field : {},
  }));
}

/** A schema with these fields; whatever else stands in it stays. */
function schemaOf(schema: Schema, rows: readonly Row[]): Schema {
  const required = rows.filter((row) => row.required).map(({ name }) => name);
  return changed(schema, {
    properties: Object.fromEntries(rows.map(({ name, schema: field }) => [name, field])),
    required: required.length > 0 || schema.required !== undefined ? required : undefined,
  });
}

/** A field of another type: what only the old one could have is gone. */
function ofType(schema: Schema, type: string): Schema {
  const next = changed(schema, {
    type,
    properties: undefined,
    required: undefined,
    items: undefined,
    ...(type !== "string" && { format: undefined, references: undefined }),
  });
  if (type === "object") return { ...next, properties: {}, required: [] };
  return type === "array" ? { ...next, items: { type: "string" } } : next;
}

/** The fields of an object, each with what is below it. */
export function SchemaRows({
  schema,
  onChange,
  readOnly,
  types,
  level = 1,
}: {
  schema: Schema;
  onChange: (schema: Schema) => void;
  readOnly: boolean;
  /** Slugs of entity types that a text can refer to. */
  types: readonly string[];
  level?: number;
}) {
  const [state, setState] = useState(() => ({ of: schema, rows: rowsOf(schema) }));
  // It was changed elsewhere: as code, or by somebody else.
  if (state.of !== schema) setState({ of: schema, rows: rowsOf(schema) });
  const { rows } = state;
  const twice = rows.find(({ name }, index) => rows.findIndex((other) => other.name === name) !== index);
  const put = (next: Row[]) => {
    // Two of one name can't stand in a schema: until one has another, they are here alone.
    const isWhole = new Set(next.map(({ name }) => name)).size === next.length;
    const written = isWhole ? schemaOf(schema, next) : schema;
    setState({ of: written, rows: next });
    if (isWhole) onChange(written);
  };
  const change = (index: number, row: Partial<Row>) =>
    put(rows.map((other, at) => (at === index ? { ...other, ...row } : other)));
  const newName = () => {
    let name = "field";
    for (let n = 2; rows.some((row) => row.name === name); n += 1) name = `field${n}`;
    return name;
  };
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-2">
      <ol className="grid grid-cols-[minmax(0,1fr)] gap-2">
        {rows.map((row, index) => (
          // oxlint-disable-next-line react/no-array-index-key -- its name is what is typed
          <li
            key={index}
            className="grid grid-cols-[minmax(0,1fr)] gap-2 rounded-sm border border-line p-2.5"
          >
            <div className="flex flex-wrap items-end gap-2">
              <Field
                label="Name"
                frameClass="min-w-0 flex-1 basis-36"
                fact
                readOnly={readOnly}
                value={row.name}
                problem={twice?.name === row.name ? "There are two of this name." : undefined}
                onChange={({ target }) => change(index, { name: target.value })}
              />
              <div className="w-28">
                <Choice
                  label="Type"
                  disabled={readOnly}
                  value={textAt(row.schema, "type")}
                  options={TYPES}
                  onChange={(type) => change(index, { schema: ofType(row.schema, type) })}
                />
              </div>
              <TickPart
                label="Required"
                readOnly={readOnly}
                checked={row.required}
                onChange={(required) => change(index, { required })}
              />
              {!readOnly && (
                <Button
                  size="sm"
                  look="quiet"
                  icon
                  className="ml-auto"
                  aria-label={`Remove field ${row.name}`}
                  onClick={() => put(rows.filter((_, at) => at !== index))}
                >
                  <Icon as={X} size="sm" />
                </Button>
              )}
            </div>
            <Details
              schema={row.schema}
              onChange={(next) => change(index, { schema: next })}
              readOnly={readOnly}
              types={types}
              level={level}
            />
          </li>
        ))}
      </ol>
      {!readOnly && (
        <Button
          size="sm"
          className="justify-self-start"
          onClick={() => put([...rows, { name: newName(), required: false, schema: { type: "string" } }])}
        >
          <Icon as={Plus} size="sm" />
          Add field
        </Button>
      )}
    </div>
  );
}

/** What a field of its type can have besides. */
function Details({
  schema,
  onChange,
  readOnly,
  types,
  level,
}: {
  schema: Schema;
  onChange: (schema: Schema) => void;
  readOnly: boolean;
  types: readonly string[];
  level: number;
}) {
  const type = textAt(schema, "type");
  const below = { readOnly, types, level: level + 1 };
  if ((type === "object" || type === "array") && level >= MAX_LEVELS)
    return <p className="text-small text-ink-3">What is below it is edited as JSON Schema.</p>;
  if (type === "object")
    return (
      <div className="border-l border-line-strong pl-3">
        <SchemaRows schema={schema} onChange={onChange} {...below} />
      </div>
    );
  if (type === "array") {
    const items = isRecord(schema.items) ? schema.items : {};
    return (
      <div className="grid grid-cols-[minmax(0,1fr)] gap-2 border-l border-line-strong pl-3">
        <div className="w-40">
          <Choice
            label="Each item"
            disabled={readOnly}
            value={textAt(items, "type")}
            options={[...(schema.items === undefined ? [{ value: "", name: "anything" }] : []), ...TYPES]}
            onChange={(next) => onChange({ ...schema, items: ofType(items, next) })}
          />
        </div>
        {schema.items !== undefined && (
          <Details schema={items} onChange={(next) => onChange({ ...schema, items: next })} {...below} />
        )}
      </div>
    );
  }
  if (type !== "string") return null;
  const choices = Array.isArray(schema.enum) ? schema.enum.filter((one) => typeof one === "string") : [];
  const reference = textAt(schema, "references");
  const known = types.includes(reference) || reference === "" ? types : [reference, ...types];
  return (
    <div className="flex flex-wrap gap-2">
      <Field
        label="Format"
        frameClass="min-w-0 flex-1 basis-28"
        fact
        readOnly={readOnly}
        placeholder="email, date, uri"
        value={textAt(schema, "format")}
        onChange={({ target }) =>
          onChange(changed(schema, { format: target.value === "" ? undefined : target.value }))
        }
      />
      <Field
        label="Only these values"
        frameClass="min-w-0 flex-1 basis-40"
        fact
        readOnly={readOnly}
        placeholder="open, closed"
        defaultValue={choices.join(", ")}
        key={choices.join("\n")}
        onBlur={({ target }) => {
          const values = target.value
            .split(",")
            .map((one) => one.trim())
            .filter((one) => one !== "");
          if (values.join("\n") !== choices.join("\n"))
            onChange(changed(schema, { enum: values.length > 0 ? values : undefined }));
        }}
      />
      <div className="min-w-0 flex-1 basis-36">
        <Choice
          label="Refers to"
          disabled={readOnly}
          value={reference}
          options={[{ value: "", name: "Nothing" }, ...known.map((slug) => ({ value: slug, name: slug }))]}
          onChange={(next) => onChange(changed(schema, { references: next === "" ? undefined : next }))}
        />
      </div>
    </div>
  );
}

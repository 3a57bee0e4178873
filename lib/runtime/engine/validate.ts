import type { Value } from "convex/values";
import { tableNumberOf } from "../storage/ids.ts";
import { decode, isPlainObject, type Json } from "./json.ts";

/** A validator as `convex` exports it (`ValidatorJSON`). */
export type Validator =
  | { type: "null" | "number" | "bigint" | "commitTs" | "boolean" | "string" | "bytes" | "any" }
  | { type: "literal"; value: Json }
  | { type: "id"; tableName: string }
  | { type: "array"; value: Validator }
  | { type: "record"; keys: Validator; values: Field }
  | { type: "object"; value: Record<string, Field> }
  | { type: "union"; value: Validator[] };
interface Field {
  fieldType: Validator;
  optional: boolean;
}
/** The number of a table, or undefined if no such table exists. */
export type TableNumbers = (name: string) => number | undefined;

const SCALARS: Record<string, (value: unknown) => boolean> = {
  null: (value) => value === null,
  number: (value) => typeof value === "number",
  bigint: (value) => typeof value === "bigint",
  commitTs: (value) => typeof value === "bigint",
  boolean: (value) => typeof value === "boolean",
  string: (value) => typeof value === "string",
  bytes: (value) => value instanceof ArrayBuffer,
  any: (value) => value !== undefined,
};
const NAMES: Record<string, string> = { number: "float64", bigint: "int64" };
const MAX_SHOWN = 4096;
const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** A value in the platform's notation, for messages: floats have a point, int64 an `n`. */
export function showValue(value: Value | undefined): string {
  const text = show(value, MAX_SHOWN);
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}

/** A value's text, of which more than `room` characters may be left out: a value of megabytes isn't written out. */
function show(value: Value | undefined, room: number): string {
  if (value === undefined) return "undefined";
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "number") return Number.isInteger(value) ? value.toFixed(1) : String(value);
  if (value instanceof ArrayBuffer) return `Bytes(${value.byteLength})`;
  if (Array.isArray(value)) return `[${joined(value, room, show)}]`;
  if (isPlainObject(value)) {
    const names = Object.keys(value).filter((name) => value[name] !== undefined);
    return `{${joined(names, room, (name, left) => `${showName(name)}: ${show(value[name], left)}`)}}`;
  }
  return JSON.stringify(typeof value === "string" ? value.slice(0, room + 1) : value);
}

function joined<T>(parts: readonly T[], room: number, showPart: (part: T, room: number) => string): string {
  let text = "";
  for (const [index, part] of parts.entries()) {
    if (text.length > room) break;
    text += `${index > 0 ? ", " : ""}${showPart(part, room - text.length)}`;
  }
  return text;
}

function showName(name: string): string {
  return IDENTIFIER.test(name) ? name : JSON.stringify(name);
}

/** A validator as it is written in code, for messages. */
export function showValidator(validator: Validator): string {
  const field = ({ fieldType, optional }: Field): string =>
    optional ? `v.optional(${showValidator(fieldType)})` : showValidator(fieldType);
  switch (validator.type) {
    case "literal":
      return `v.literal(${showValue(decode(validator.value))})`;
    case "id":
      return `v.id("${validator.tableName}")`;
    case "array":
      return `v.array(${showValidator(validator.value)})`;
    case "record":
      return `v.record(${showValidator(validator.keys)}, ${field(validator.values)})`;
    case "object": {
      const fields = Object.entries(validator.value).toSorted(([a], [b]) => (a < b ? -1 : 1));
      return `v.object({${fields.map(([name, type]) => `${name}: ${field(type)}`).join(", ")}})`;
    }
    case "union":
      return `v.union(${validator.value.map(showValidator).join(", ")})`;
    default:
      return `v.${NAMES[validator.type] ?? validator.type}()`;
  }
}

/**
 * Checks a value against a validator.
 * @returns null, or the platform's explanation of the first mismatch
 */
export function mismatch(
  validator: Validator,
  value: Value | undefined,
  tables: TableNumbers,
  path = "",
): string | null {
  const refused = (): string =>
    `Value does not match validator.${path ? `\nPath: ${path}` : ""}\nValue: ${showValue(value)}\nValidator: ${showValidator(validator)}`;
  switch (validator.type) {
    case "literal":
      return Object.is(value, decode(validator.value)) || value === decode(validator.value)
        ? null
        : refused();
    case "id":
      return idMismatch(validator.tableName, value, tables, path) ?? null;
    case "array":
      if (!Array.isArray(value)) return refused();
      for (let i = 0; i < value.length; i++) {
        const inner = mismatch(validator.value, value[i], tables, `${path}[${i}]`);
        if (inner) return inner;
      }
      return null;
    case "union":
      return validator.value.some((member) => mismatch(member, value, tables, path) === null)
        ? null
        : refused();
    case "record":
      if (!isPlainObject(value)) return refused();
      for (const [key, field] of Object.entries(value)) {
        const inner =
          mismatch(validator.keys, key, tables, `${path}.${key}`) ??
          mismatch(validator.values.fieldType, field, tables, `${path}.${key}`);
        if (inner) return inner;
      }
      return null;
    case "object":
      return isPlainObject(value) ? objectMismatch(validator, value, tables, path) : refused();
    default:
      return SCALARS[validator.type]?.(value) ? null : refused();
  }
}

function idMismatch(
  table: string,
  value: Value | undefined,
  tables: TableNumbers,
  path: string,
): string | null {
  const number = typeof value === "string" ? tableNumberOf(value) : null;
  if (number !== null && number === tables(table)) return null;
  const where = path ? `\nPath: ${path}` : "";
  return `${number === null ? "Value does not match validator." : `Found ID "${showValue(value).slice(1, -1)}" of another table, which does not match the table name in validator \`v.id("${table}")\`.`}${where}\nValue: ${showValue(value)}\nValidator: v.id("${table}")`;
}

function objectMismatch(
  validator: Extract<Validator, { type: "object" }>,
  value: Record<string, Value | undefined>,
  tables: TableNumbers,
  path: string,
): string | null {
  const context = (): string =>
    `${path ? `\nPath: ${path}` : ""}\n\nObject: ${showValue(value)}\nValidator: ${showValidator(validator)}`;
  for (const [name, { fieldType, optional }] of Object.entries(validator.value)) {
    const field = Object.hasOwn(value, name) ? value[name] : undefined;
    if (field === undefined) {
      if (optional) continue;
      return `Object is missing the required field \`${name}\`. Consider wrapping the field validator in \`v.optional(...)\` if this is expected.${context()}`;
    }
    const inner = mismatch(fieldType, field, tables, `${path}.${name}`);
    if (inner) return inner;
  }
  for (const name of Object.keys(value)) {
    if (value[name] !== undefined && !Object.hasOwn(validator.value, name)) {
      return `Object contains extra field \`${name}\` that is not in the validator.${context()}`;
    }
  }
  return null;
}

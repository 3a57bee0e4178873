import { z } from "zod";
import { PROJECT_LIMITS } from "./limits.ts";

/** Levels of a schema, the root included: as deep as a record can be. */
const MAX_SCHEMA_DEPTH = 10;

const FIELD_TYPES = ["string", "number", "integer", "boolean", "array", "object"] as const;

const slug = z
  .string()
  .max(PROJECT_LIMITS.keyChars)
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, "Use letters, digits, dots, hyphens, and underscores.");

/** A field of a record, as JSON Schema has it; keywords that are not named here are kept as they are. */
export interface FieldSchema {
  type: (typeof FIELD_TYPES)[number];
  properties?: Record<string, FieldSchema> | undefined;
  required?: string[] | undefined;
  items?: FieldSchema | undefined;
  enum?: unknown[] | undefined;
  /** The entity type whose record the field names. */
  references?: string | undefined;
  [keyword: string]: unknown;
}

const plain = z.looseObject({
  type: z.enum(FIELD_TYPES),
  format: z.string().max(100).optional(),
  enum: z.array(z.json()).min(1, "A list of values has at least one.").max(1_000).optional(),
  required: z.array(z.string()).max(1_000).optional(),
  references: slug.optional(),
});

type Fault = { path: PropertyKey[]; message: string };

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** What is wrong with a field, and with those below it. */
function faultsOf(field: unknown, path: PropertyKey[], depth: number): Fault[] {
  if (depth > MAX_SCHEMA_DEPTH)
    return [{ path, message: `A schema has at most ${MAX_SCHEMA_DEPTH} levels.` }];
  const read = plain.safeParse(field);
  if (!read.success)
    return read.error.issues.map((issue) => ({ path: [...path, ...issue.path], message: issue.message }));
  const { type, properties, required, items, references } = read.data;
  const faults: Fault[] = [];
  if (references !== undefined && type !== "string")
    faults.push({ path: [...path, "references"], message: "Only text fields can name another record." });
  if (type === "object") {
    if (!isRecord(properties))
      faults.push({ path: [...path, "properties"], message: "An object needs its properties." });
    else {
      for (const [name, below] of Object.entries(properties))
        faults.push(...faultsOf(below, [...path, "properties", name], depth + 1));
      for (const [index, name] of (required ?? []).entries())
        if (!Object.hasOwn(properties, name))
          faults.push({ path: [...path, "required", index], message: `There's no property “${name}”.` });
    }
  } else if (required !== undefined)
    faults.push({ path: [...path, "required"], message: "Only an object has required properties." });
  if (type === "array" && items !== undefined) faults.push(...faultsOf(items, [...path, "items"], depth + 1));
  return faults;
}

const recordSchema = z.custom<FieldSchema>().superRefine((value, ctx) => {
  const root = isRecord(value) && value.type === "object";
  const faults = root
    ? faultsOf(value, [], 1)
    : [{ path: ["type"], message: "The schema of a record is an object." }];
  for (const { path, message } of faults.slice(0, 50)) ctx.addIssue({ code: "custom", path, message });
});

const top = (schema: FieldSchema, name: string) =>
  isRecord(schema.properties) && Object.hasOwn(schema.properties, name);

/** An entity type: a kind of record, its fields, and how it is shown and searched. */
export const entityTypeSchema = z
  .strictObject({
    name: z.string().trim().min(1, "Give it a name.").max(PROJECT_LIMITS.keyChars),
    slug,
    schema: recordSchema,
    searchFields: z.array(z.string().min(1).max(200)).max(100).optional(),
    displayConfig: z
      .strictObject({
        titleField: z.string().max(200).optional(),
        subtitleField: z.string().max(200).optional(),
        descriptionField: z.string().max(200).optional(),
      })
      .optional(),
    boundToRole: z.string().min(1).max(PROJECT_LIMITS.keyChars).optional(),
    userIdField: z.string().min(1).max(200).optional(),
  })
  .superRefine((type, ctx) => {
    const unknown = (path: PropertyKey[], field: string) =>
      ctx.addIssue({ code: "custom", path, message: `The schema has no field “${field}”.` });
    const isThere = (field: string) => top(type.schema, field.replace(/^data\./, "").split(".")[0]!);
    for (const [index, field] of (type.searchFields ?? []).entries())
      if (!isThere(field)) unknown(["searchFields", index], field);
    for (const [name, field] of Object.entries(type.displayConfig ?? {}))
      if (field !== undefined && !isThere(field)) unknown(["displayConfig", name], field);
    if (type.userIdField !== undefined && type.boundToRole === undefined)
      ctx.addIssue({
        code: "custom",
        path: ["userIdField"],
        message: "It says which user a record stands for, so it needs boundToRole.",
      });
  });

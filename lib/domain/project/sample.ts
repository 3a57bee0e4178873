import type { FieldSchema } from "./entity-schema.ts";
import { isRecord } from "./paths.ts";

const MAX_DEPTH = 10;

const TEXTS: Readonly<Record<string, string>> = {
  email: "ada@example.com",
  uri: "https://example.com",
  url: "https://example.com",
  date: "2030-01-31",
  time: "09:30:00",
  "date-time": "2030-01-31T09:30:00Z",
  uuid: "00000000-0000-4000-8000-000000000000",
};

/** A value that a field could have, to try things with. */
export function sampleOf(schema: FieldSchema | undefined, depth = 1): unknown {
  if (!isRecord(schema) || depth > MAX_DEPTH) return "";
  if (Array.isArray(schema.enum) && schema.enum.length > 0) return schema.enum[0];
  switch (schema.type) {
    case "string":
      return schema.references === undefined
        ? (TEXTS[typeof schema.format === "string" ? schema.format : ""] ?? "text")
        : `${schema.references}-1`;
    case "number":
    case "integer":
      return 1;
    case "boolean":
      return true;
    case "array":
      return schema.items ? [sampleOf(schema.items, depth + 1)] : [];
    case "object":
      return Object.fromEntries(
        Object.entries(schema.properties ?? {}).map(([name, field]) => [name, sampleOf(field, depth + 1)]),
      );
  }
}

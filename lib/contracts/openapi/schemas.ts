import { z } from "zod";
import { diffSchema, envelopeSchema } from "#domain/events.ts";
import { askedSchema } from "#domain/questions.ts";
import { sessionSchema } from "#domain/session.ts";
import { apiKeySchema } from "../account.ts";
import { agentJson } from "../agents.ts";
import { auditEntrySchema } from "../audit.ts";
import { ledgerEntrySchema } from "../billing.ts";
import { exportLine } from "../exports.ts";
import { fileEntrySchema, fileSchema, folderSchema } from "../files.ts";
import { problemSchema } from "../problem.ts";
import { providerKeySchema } from "../providers.ts";
import { ruleJson } from "../rules.ts";
import { okResponse } from "../route.ts";
import { pendingApprovalSchema, runSchema } from "../sessions.ts";
import { settingsSchema } from "../settings.ts";
import type { JsonSchema } from "./types.ts";

/** The schemas that have a name in the document, and stand there once. */
const NAMED: Record<string, z.ZodType> = {
  Agent: agentJson,
  ApprovalRule: ruleJson,
  ApiKey: apiKeySchema,
  AuditEntry: auditEntrySchema,
  Diff: diffSchema,
  Event: envelopeSchema,
  ExportLine: exportLine,
  File: fileSchema,
  FileEntry: fileEntrySchema,
  Folder: folderSchema,
  LedgerEntry: ledgerEntrySchema,
  Ok: okResponse,
  PendingApproval: pendingApprovalSchema,
  Problem: problemSchema,
  ProviderKey: providerKeySchema,
  Question: askedSchema,
  Run: runSchema,
  Session: sessionSchema,
  Settings: settingsSchema,
};

const names = z.registry<{ id: string }>();
for (const [id, schema] of Object.entries(NAMED)) names.add(schema, { id });

/** What a zod schema says that is noise for a reader, or that JSON Schema says in another way. */
function tidy(zodSchema: z.core.$ZodTypes, json: JsonSchema): void {
  const said = z.globalRegistry.get(zodSchema)?.description;
  if (said !== undefined) json.description = said;
  if (json.maximum === Number.MAX_SAFE_INTEGER) delete json.maximum;
  if (json.minimum === Number.MIN_SAFE_INTEGER) delete json.minimum;
  // The format says it; the pattern is four lines of digits.
  if (json.format === "date-time" || json.format === "date" || json.format === "email") delete json.pattern;
  const { def } = zodSchema._zod;
  if (def.type === "pipe" && def.out._zod.def.type === "boolean") json.type = "boolean";
}

const ownRefs = (json: string) => json.replaceAll('"#/$defs/', '"#/components/schemas/');

/**
 * A schema as JSON Schema 2020-12, as what is sent: what may be left out is not required, and a field that a later
 * version adds breaks no reader. Named parts are references into `#/components/schemas`.
 */
function convert(schema: z.ZodType): { json: JsonSchema; named: Record<string, JsonSchema> } {
  const made: JsonSchema = z.toJSONSchema(schema, {
    io: "input",
    metadata: names,
    override: ({ zodSchema, jsonSchema }) => tidy(zodSchema, jsonSchema),
  });
  const { $schema: _, $defs = {}, ...json } = made;
  return JSON.parse(ownRefs(JSON.stringify({ json, named: $defs })));
}

/** A schema for a place in the document. */
export const jsonSchema = (schema: z.ZodType): JsonSchema => convert(schema).json;

/** Every named schema. */
export function namedSchemas(): Record<string, JsonSchema> {
  const all = Object.values(NAMED).map((schema) => convert(schema).named);
  return Object.fromEntries(
    all.flatMap((named) => Object.entries(named)).toSorted(([a], [b]) => a.localeCompare(b)),
  );
}

import { PlatformError } from "./errors.ts";
import type { Validator } from "./validate.ts";

const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/;
const MAX_NAME = 64;
const SYSTEM_FIELDS = new Set(["_id", "_creationTime"]);
const RESERVED_INDEXES = new Set(["by_id", "by_creation_time"]);

/** A table as `schema.export()` gives it, as far as names go. */
export interface DeclaredTable {
  tableName: string;
  indexes: { indexDescriptor: string; fields: string[] }[];
  documentType: Validator | null;
}

/** @throws PlatformError for names that the platform does not take */
export function checkNames({ tableName, indexes, documentType }: DeclaredTable): void {
  if (!isName(tableName) || tableName.startsWith("_")) refuse("table", tableName, "");
  if (documentType) checkFields(documentType, tableName, true);
  for (const { indexDescriptor: name, fields } of indexes) {
    if (!isName(name) || name.startsWith("_") || RESERVED_INDEXES.has(name)) {
      refuse("index", name, ` of table "${tableName}"`);
    }
    if (fields.length === 0) {
      throw new PlatformError(`The index "${name}" of table "${tableName}" has no fields.`);
    }
    if (new Set(fields).size < fields.length) {
      throw new PlatformError(`The index "${name}" of table "${tableName}" names a field twice.`);
    }
  }
}

function isName(name: string): boolean {
  return IDENTIFIER.test(name) && name.length <= MAX_NAME;
}

function refuse(what: string, name: string, where: string): never {
  throw new PlatformError(
    `Invalid ${what} name "${name}"${where}: names consist of at most ${MAX_NAME} letters, digits and underscores, and begin with a letter.`,
  );
}

function checkFields(validator: Validator, table: string, top: boolean): void {
  if (validator.type === "union") {
    for (const member of validator.value) checkFields(member, table, top);
  } else if (validator.type === "array") {
    checkFields(validator.value, table, false);
  } else if (validator.type === "record") {
    checkFields(validator.values.fieldType, table, false);
  } else if (validator.type === "object") {
    for (const [name, { fieldType }] of Object.entries(validator.value)) {
      const reserved = top && name.startsWith("_") && !SYSTEM_FIELDS.has(name);
      if (!IDENTIFIER.test(name) || reserved) refuse("field", name, ` of table "${table}"`);
      checkFields(fieldType, table, false);
    }
  }
}

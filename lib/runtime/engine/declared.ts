import type { Validator } from "./validate.ts";

interface DeclaredIndex {
  indexDescriptor: string;
  fields: string[];
}
interface DeclaredSearchIndex {
  indexDescriptor: string;
  searchField: string;
  filterFields: string[];
}
interface DeclaredVectorIndex {
  indexDescriptor: string;
  vectorField: string;
  dimensions: number;
  filterFields: string[];
}
/** What `schema.export()` says of one table, as far as it is used here. */
export interface DeclaredTable {
  tableName: string;
  indexes: DeclaredIndex[];
  stagedDbIndexes?: DeclaredIndex[];
  searchIndexes?: DeclaredSearchIndex[];
  stagedSearchIndexes?: DeclaredSearchIndex[];
  vectorIndexes?: DeclaredVectorIndex[];
  stagedVectorIndexes?: DeclaredVectorIndex[];
  documentType: Validator | null;
}
export interface ExportedSchema {
  tables: DeclaredTable[];
  schemaValidation: boolean;
}

export const SCHEDULED = "_scheduled_functions";
export const STORAGE = "_storage";
export const BY_DUE = "by_due";
/** The tables that every component has. */
export const SYSTEM_TABLES: DeclaredTable[] = [
  {
    tableName: SCHEDULED,
    indexes: [{ indexDescriptor: BY_DUE, fields: ["state.kind", "scheduledTime"] }],
    documentType: null,
  },
  { tableName: STORAGE, indexes: [], documentType: null },
];

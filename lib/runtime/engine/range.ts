import { AFTER_ALL_KEYS, encodeKey, prefixEnd } from "../storage/keys.ts";
import type { Order } from "../storage/sqlite.ts";
import { requireEnabled, type Index, type Table, type Tables } from "./catalog.ts";
import { PlatformError } from "./errors.ts";
import { decodeOptional, type Json } from "./json.ts";

interface RangeExpression {
  type: "Eq" | "Gt" | "Gte" | "Lt" | "Lte";
  fieldPath: string;
  value: Json;
}
/** Where a query reads from, as `convex` writes it. */
export type Source =
  | { type: "FullTableScan"; tableName: string; order: Order | null }
  | { type: "IndexRange"; indexName: string; range: RangeExpression[]; order: Order | null };

/** A source resolved: lo <= key < hi of one index. */
export interface Bounds {
  readonly table: Table;
  readonly index: Index;
  readonly lo: Uint8Array;
  readonly hi: Uint8Array;
  readonly order: Order;
}

/** The name of the table that a query reads from. */
export const tableNameOf = (source: Source): string =>
  source.type === "IndexRange" ? source.indexName.slice(0, source.indexName.indexOf(".")) : source.tableName;

/**
 * @returns null for a table that nothing declares and nobody has written to yet
 * @throws PlatformError for unknown indexes and ranges that do not follow the index's fields
 */
export function resolveSource(tables: Tables, source: Source): Bounds | null {
  const tableName = tableNameOf(source);
  const indexName =
    source.type === "IndexRange" ? source.indexName.slice(tableName.length + 1) : "by_creation_time";
  const table = tables.table(tableName);
  const order = source.order ?? "asc";
  if (!table && (indexName === "by_creation_time" || indexName === "by_id")) return null;
  requireEnabled(table, indexName);
  const index = table?.indexes.get(indexName);
  if (!table || !index || index.isSearch)
    throw new PlatformError(`Index ${tableName}.${indexName} not found.`);
  const range = source.type === "IndexRange" ? source.range : [];
  return { table, index, order, ...keyRange(index, range, `${tableName}.${indexName}`) };
}

function keyRange(
  index: Index,
  range: readonly RangeExpression[],
  fullName: string,
): { lo: Uint8Array; hi: Uint8Array } {
  const equal: RangeExpression[] = [];
  let lower: RangeExpression | undefined;
  let upper: RangeExpression | undefined;
  for (const expression of range) {
    const expected = index.fields[equal.length];
    if (lower && upper) {
      throw new PlatformError(
        "Incorrect operator used in `withIndex`: cannot chain more operators after both `.gt` and `.lt` were already used.",
      );
    }
    if (expression.fieldPath !== expected) {
      throw new PlatformError(
        `Tried to query index ${fullName} but the query didn't use the index fields in order. Index fields: ${JSON.stringify(index.fields)}; expected "${expected ?? "no further field"}", got "${expression.fieldPath}".`,
      );
    }
    if (expression.type === "Eq") {
      if (lower || upper) throw new PlatformError("An index range cannot use `eq` after a comparison.");
      equal.push(expression);
    } else if (expression.type === "Gt" || expression.type === "Gte") {
      if (lower) throw new PlatformError("An index range can have only one lower bound.");
      lower = expression;
    } else {
      if (upper) throw new PlatformError("An index range can have only one upper bound.");
      upper = expression;
    }
  }
  const values = equal.map((expression) => decodeOptional(expression.value));
  const keyOf = (expression: RangeExpression): Uint8Array =>
    encodeKey([...values, decodeOptional(expression.value)]);
  const prefix = encodeKey(values);
  let lo = prefix;
  let hi = equal.length > 0 ? prefixEnd(prefix) : AFTER_ALL_KEYS;
  if (lower) lo = lower.type === "Gte" ? keyOf(lower) : prefixEnd(keyOf(lower));
  if (upper) hi = upper.type === "Lt" ? keyOf(upper) : prefixEnd(keyOf(upper));
  return { lo, hi };
}

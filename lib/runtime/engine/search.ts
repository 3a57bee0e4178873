import { compareKeys, encodeKey, prefixEnd } from "../storage/keys.ts";
import type { Row } from "../storage/sqlite.ts";
import { type Index, requireEnabled, searchPart, type Tables } from "./catalog.ts";
import { sizeOf } from "./database.ts";
import { PlatformError } from "./errors.ts";
import { decodeDocument, decodeOptional, fieldAt, textOf, type Document, type Json } from "./json.ts";
import type { Transaction } from "./transaction.ts";
import { tokens } from "./words.ts";

/** A search as `convex` writes it. */
export interface SearchSource {
  type: "Search";
  /** `table.index` */
  indexName: string;
  filters: (
    | { type: "Search"; fieldPath: string; value: string }
    | { type: "Eq"; fieldPath: string; value: Json }
  )[];
}
interface Found {
  row: Row;
  document: Document;
  /** How many of the words the document has. */
  words: number;
}

/** A filter: the field has that value. */
interface Equal {
  path: string;
  value: ReturnType<typeof decodeOptional>;
  key: Uint8Array;
}

/** The platform's limits of one search. */
const MAX_WORDS = 16;
const MAX_FILTERS = 8;
const MAX_RESULTS = 1024;
const MAX_MATCHES = 32_000;
/** Documents that are looked at for each word, the newest, where a filter says which part of the index. */
const MAX_MATCHES_OF_PART = 1_024;

/**
 * The documents that have any of the words (the last one may be the beginning of a word), those with more
 * of them first, then the newest. Their keys are their places in this order.
 * @throws PlatformError for an index that is not there, and filters on fields that it does not have
 */
export function search(transaction: Transaction, tables: Tables, source: SearchSource): Row[] {
  const [tableName = "", indexName = ""] = source.indexName.split(".");
  const table = tables.table(tableName);
  requireEnabled(table, indexName);
  const index = table?.indexes.get(indexName);
  if (!index?.isSearch) throw new PlatformError(`Search index ${source.indexName} not found.`);
  const { text, equal } = filtersOf(index, source);
  const part = equal.find(({ path }) => path === index.fields[2]);
  const found = new Map<string, Found>();
  const words = tokens(text).slice(0, MAX_WORDS);
  for (const [i, word] of words.entries()) {
    note(found, matches(transaction, index, { word, isPrefix: i === words.length - 1, part }));
  }
  const kept = [...found.values()].filter(({ document }) =>
    equal.every(({ path, key }) => compareKeys(encodeKey([fieldAt(document, path)]), key) === 0),
  );
  const ageOf = ({ document }: Found): number => Number(document["_creationTime"]);
  return kept
    .toSorted((a, b) => b.words - a.words || ageOf(b) - ageOf(a))
    .slice(0, MAX_RESULTS)
    .map(({ row }, place) => {
      transaction.countRead(sizeOf(row));
      return { key: encodeKey([place]), body: row.body, size: row.size };
    });
}

function filtersOf(index: Index, { filters, indexName }: SearchSource) {
  const [, searched, ...filterable] = index.fields;
  let text = "";
  const equal: Equal[] = [];
  for (const filter of filters) {
    const fits =
      filter.type === "Search" ? filter.fieldPath === searched : filterable.includes(filter.fieldPath);
    if (!fits) {
      throw new PlatformError(
        `The search index ${indexName} does not ${filter.type === "Search" ? "search" : "filter by"} the field "${filter.fieldPath}".`,
      );
    }
    if (filter.type === "Search") text = filter.value;
    else {
      const value = decodeOptional(filter.value);
      equal.push({ path: filter.fieldPath, value, key: encodeKey([value]) });
    }
  }
  if (equal.length > MAX_FILTERS) {
    throw new PlatformError(`A search can have at most ${MAX_FILTERS} filter conditions.`);
  }
  return { text, equal };
}

function matches(
  transaction: Transaction,
  index: Index,
  { word, isPrefix, part }: { word: string; isPrefix: boolean; part: Equal | undefined },
): Row[] {
  const whole = encodeKey([...(part ? searchPart(part.value) : []), word]);
  // Without the end of the text, whatever goes on with it is inside, too.
  const lo = isPrefix ? whole.subarray(0, -1) : whole;
  const hi = prefixEnd(lo);
  transaction.reads.ranges.push({ index: index.number, lo, hi });
  return part
    ? transaction.reader.scan(index.number, lo, hi, "desc", MAX_MATCHES_OF_PART)
    : transaction.reader.scan(index.number, lo, hi, "asc", MAX_MATCHES);
}

/** A document counts once a word, however many of its own words begin with that. */
function note(found: Map<string, Found>, rows: readonly Row[]): void {
  const counted = new Set<string>();
  for (const row of rows) {
    const document = decodeDocument(row.body);
    const id = textOf(document["_id"]);
    if (counted.has(id)) continue;
    counted.add(id);
    const known = found.get(id);
    if (known) {
      known.words++;
      continue;
    }
    found.set(id, { row, document, words: 1 });
  }
}

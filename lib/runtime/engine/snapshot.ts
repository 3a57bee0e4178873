import { compareKeys, encodeKey } from "../storage/keys.ts";
import type { Order, Row, Store, StoredDocument } from "../storage/sqlite.ts";
import { Catalog } from "./catalog.ts";
import { decodeDocument, textOf } from "./json.ts";

/** What reads need of the storage. */
export type Reader = Pick<Store, "document" | "scan" | "scanDocuments" | "scanIds">;
/** Documents as they were before a transaction touched them; null where there was none. */
export type Before = Map<string, { table: number; stored: StoredDocument } | null>;

/** The data without a transaction's own writes: the present, with what it changed put back. */
export class Snapshot implements Reader {
  private readonly store: Reader;
  private readonly catalog: Catalog;
  private readonly before: Before;

  constructor(store: Reader, catalog: Catalog, before: Before) {
    this.store = store;
    this.catalog = catalog;
    this.before = before;
  }

  document(id: string): StoredDocument | undefined {
    const before = this.before.get(id);
    return before === undefined ? this.store.document(id) : before?.stored;
  }

  scan(index: number, lo: Uint8Array, hi: Uint8Array, order: Order, limit: number): Row[] {
    const present = this.store.scan(index, lo, hi, order, limit + this.before.size);
    const rows = present.filter(({ body }) => !this.before.has(textOf(decodeDocument(body)["_id"])));
    for (const { table, stored } of this.earlier()) {
      const found = this.catalog.index(table, index);
      if (!found) continue;
      for (const key of Catalog.keys(found, decodeDocument(stored.body))) {
        if (compareKeys(key, lo) >= 0 && compareKeys(key, hi) < 0) rows.push({ ...stored, key });
      }
    }
    return sorted(rows, order).slice(0, limit);
  }

  scanDocuments(index: number, lo: Uint8Array, hi: Uint8Array, order: Order, limit: number): Row[] {
    return this.scan(index, lo, hi, order, limit);
  }

  scanIds(table: number, lo: string, hi: string, order: Order, limit: number) {
    const present = this.store.scanIds(table, lo, hi, order, limit + this.before.size);
    const rows = present
      .filter(({ id }) => !this.before.has(id))
      .map((row) => ({ ...row, key: encodeKey([row.id]) }));
    for (const [id, before] of this.before) {
      if (before?.table !== table || id < lo || id >= hi) continue;
      rows.push({ ...before.stored, id, key: encodeKey([id]) });
    }
    return sorted(rows, order).slice(0, limit);
  }

  private *earlier() {
    for (const before of this.before.values()) if (before) yield before;
  }
}

function sorted<T extends { key: Uint8Array }>(rows: T[], order: Order): T[] {
  const sign = order === "asc" ? 1 : -1;
  return rows.toSorted((a, b) => sign * compareKeys(a.key, b.key));
}

import type { Value } from "convex/values";
import { FIRST_USER_TABLE, tableNumberOf } from "../storage/ids.ts";
import { encodeKey } from "../storage/keys.ts";
import type { Store } from "../storage/sqlite.ts";
import { fullName, splitName } from "./component-path.ts";
import { STORAGE, SYSTEM_TABLES, type DeclaredTable, type ExportedSchema } from "./declared.ts";
import { PlatformError } from "./errors.ts";
import { decodeDocument, fieldAt, textOf, type Document } from "./json.ts";
import { checkNames } from "./schema-names.ts";
import { mismatch, type Validator } from "./validate.ts";
import { SEARCH, tokens } from "./words.ts";

export interface Index {
  readonly number: number;
  readonly name: string;
  /**
   * Dotted paths, ending with `_creationTime` and `_id` unless the index is `by_id`. Of a search index:
   * `$search`, the searched field, and those to filter by.
   */
  readonly fields: readonly string[];
  readonly isSearch: boolean;
  /** `by_id` is served by the table of documents itself. */
  readonly isById: boolean;
}
/** A declared index of vectors; it has no entries in storage. */
export interface VectorIndex {
  readonly name: string;
  readonly field: string;
  readonly dimensions: number;
  readonly filterFields: readonly string[];
}
export interface Table {
  /** As its component calls it. */
  readonly name: string;
  /** The component that it belongs to, by its path. */
  readonly component: string;
  readonly number: number;
  readonly indexes: Map<string, Index>;
  vectors: ReadonlyMap<string, VectorIndex>;
  /** Indexes that are kept up to date and cannot be queried yet. */
  staged: ReadonlySet<string>;
  validator: Validator | null;
}
function indexOf(number: number, name: string, fields: string[]): Index {
  return { number, name, fields, isById: name === "by_id", isSearch: fields[0] === SEARCH };
}

/** @throws PlatformError if an index of the table is there, and may not be used yet */
export function requireEnabled(table: Table | undefined, index: string): void {
  if (!table?.staged.has(index)) return;
  throw new PlatformError(
    `Index ${table.name}.${index} is currently staged and not available to query until it is enabled.`,
  );
}

/** Where a search index keeps the words of documents with that value: no word is a boolean. */
export const searchPart = (value: Value | undefined): (Value | undefined)[] => [true, value];

const FIRST_SYSTEM_TABLE = 1;
const CHUNK = 1_000;
const REPORT_EVERY_MS = 1_000;

/** The tables that one component knows: its own. */
export interface Tables {
  table(name: string): Table | undefined;
  /** The table, made on the spot if nothing declares it (a schema is optional in Convex). */
  ensure(name: string): Table;
  /** What a read of a table that is not there is noted as, and its making as a write: no document has it as its id. */
  absence(name: string): string;
  /** The names of the tables that are no system tables. */
  names(): string[];
  readonly number: (name: string) => number | undefined;
  /** The table that an id belongs to. */
  tableOf(id: string): Table | undefined;
  /** Why a document may not be in its table, or null. */
  problem(table: Table, document: Document): string | null;
}

export interface CatalogHooks {
  /** Told of each table there is, by its full name. */
  onTable?: ((name: string, number: number) => void) | undefined;
  /** Told how far a long check or the filling of an index has come. */
  onProgress?: ((text: string) => void) | undefined;
}

/** The tables and indexes that exist, in memory and in the database alike. */
export class Catalog {
  private readonly store: Store;
  private readonly byName = new Map<string, Table>();
  private readonly byNumber = new Map<number, Table>();
  private readonly views = new Map<string, Tables>();
  private changed = false;
  private readonly hooks: CatalogHooks;

  constructor(store: Store, hooks: CatalogHooks = {}) {
    this.store = store;
    this.hooks = hooks;
  }

  /** What one component sees. */
  of(component: string): Tables {
    const known = this.views.get(component);
    if (known) return known;
    const prefix = fullName(component, "");
    const find = (name: string): Table | undefined => {
      const table = this.byName.get(prefix + name);
      // A name with a separator in it must not lead into a component.
      return table?.component === component ? table : undefined;
    };
    const view: Tables = {
      table: find,
      ensure: (name) => find(name) ?? this.make(component, name),
      absence: (name) => `table ${prefix}${name}`,
      number: (name) => find(name)?.number,
      names: () =>
        [...this.byName.values()]
          .filter((table) => table.component === component && !table.name.startsWith("_"))
          .map((table) => table.name),
      tableOf: (id) => {
        const table = this.tableOf(id);
        return table?.component === component ? table : undefined;
      },
      problem: (table, document) => this.problem(table, document),
    };
    this.views.set(component, view);
    return view;
  }

  index(table: number, index: number): Index | undefined {
    const indexes = this.byNumber.get(table)?.indexes.values() ?? [];
    return [...indexes].find(({ number }) => number === index);
  }

  /** The table that an id belongs to, whichever component's. */
  tableOf(id: string): Table | undefined {
    const number = tableNumberOf(id);
    return number === null ? undefined : this.byNumber.get(number);
  }

  /**
   * Makes tables and indexes as the schemas say, fills new indexes from the documents there are, drops
   * undeclared ones, and checks stored documents against a changed validator.
   * @param schemas each component's as exported text, or null, by its path
   * @throws PlatformError with the first document that does not fit; nothing is changed then
   */
  deploy(schemas: Readonly<Record<string, string | null>>): void {
    this.store.begin();
    try {
      this.load();
      for (const [component, exported] of Object.entries(schemas)) {
        const schema = exported === null ? null : (JSON.parse(exported) as ExportedSchema);
        for (const declared of schema?.tables ?? []) checkNames(declared);
        for (const declared of [...SYSTEM_TABLES, ...(schema?.tables ?? [])])
          this.applyTable(component, declared, schema?.schemaValidation ?? false);
      }
      this.store.commit();
    } catch (error) {
      this.store.rollback();
      throw error;
    }
    this.changed = false;
  }

  /** Every table there is. */
  all(): Table[] {
    return [...this.byNumber.values()];
  }

  /** Removes all documents of a table, with their files' content. */
  clear({ number, name, indexes }: Table): void {
    if (name === STORAGE) {
      this.store.sql("DELETE FROM blobs WHERE file IN (SELECT id FROM documents WHERE tbl = ?)").run(number);
    }
    const remove = this.store.sql("DELETE FROM entries WHERE idx = ?");
    for (const index of indexes.values()) remove.run(index.number);
    this.store.sql("DELETE FROM documents WHERE tbl = ?").run(number);
  }

  /** Forgets an empty table that nothing declares. */
  drop(table: Table): void {
    for (const index of table.indexes.values()) this.dropIndex(table, index);
    this.store.sql("DELETE FROM tables WHERE number = ?").run(table.number);
    this.byNumber.delete(table.number);
    this.byName.delete(fullName(table.component, table.name));
  }

  /** Gives empty tables other numbers, which no table besides them has. */
  renumber(numbers: ReadonlyMap<Table, number>): void {
    const tables = this.store.sql("UPDATE tables SET number = ? WHERE number = ?");
    const indexes = this.store.sql("UPDATE indexes SET tbl = ? WHERE tbl = ?");
    const move = (from: number, to: number): void => {
      tables.run(to, from);
      indexes.run(to, from);
    };
    // First all away, since one's new number may be another's old one.
    const moves = [...numbers].map(([table, to], i) => ({ from: table.number, over: -1 - i, to }));
    for (const { from, over } of moves) move(from, over);
    for (const { over, to } of moves) move(over, to);
    this.reload();
  }

  /** A number that no table has. */
  freeNumber(isSystem: boolean): number {
    const first = isSystem ? FIRST_SYSTEM_TABLE : FIRST_USER_TABLE;
    const last = isSystem ? FIRST_USER_TABLE - 1 : Number.MAX_SAFE_INTEGER;
    const row = this.store
      .sql("SELECT max(number) AS top FROM tables WHERE number BETWEEN ? AND ?")
      .get(first, last);
    return ((row?.["top"] as number | null) ?? first - 1) + 1;
  }

  private make(component: string, name: string): Table {
    this.changed = true;
    return this.createTable(component, name);
  }

  /** Forgets what a rolled-back transaction added, or a whole batch of them. */
  restore(batch: boolean): void {
    if (!this.changed && !batch) return;
    this.changed = false;
    this.reload();
  }

  /** Forgets what a rolled-back part of a transaction added; the rest of it may have added tables, too. */
  restorePart(): void {
    if (this.changed) this.reload();
  }

  private reload(): void {
    const before = new Map(this.byName);
    this.load();
    for (const [name, table] of this.byName) {
      table.validator = before.get(name)?.validator ?? null;
      table.vectors = before.get(name)?.vectors ?? table.vectors;
      table.staged = before.get(name)?.staged ?? table.staged;
    }
  }

  /**
   * The keys of a document in an index: one, or one a word in a search index. There each word stands a second time
   * behind the value of the first field to filter by, so that a search with that filter reads no more than its part.
   */
  static keys(index: Index, document: Document): Uint8Array[] {
    if (!index.isSearch) return [encodeKey(index.fields.map((field) => fieldAt(document, field)))];
    const [, searched = "", first] = index.fields;
    const text = fieldAt(document, searched);
    if (typeof text !== "string") return [];
    const place = [document["_creationTime"], document["_id"]];
    const words = tokens(text);
    const all = words.map((word) => encodeKey([word, ...place]));
    if (first === undefined) return all;
    const value = fieldAt(document, first);
    return [...all, ...words.map((word) => encodeKey([...searchPart(value), word, ...place]))];
  }

  private load(): void {
    this.byName.clear();
    this.byNumber.clear();
    const rows = this.store.sql("SELECT number, name FROM tables").all();
    for (const row of rows) {
      const { component, name } = splitName(row["name"] as string);
      this.remember(component, name, row["number"] as number);
    }
    for (const row of this.store.sql("SELECT number, tbl, name, fields FROM indexes").all()) {
      const fields = JSON.parse(row["fields"] as string) as string[];
      const name = row["name"] as string;
      this.byNumber
        .get(row["tbl"] as number)
        ?.indexes.set(name, indexOf(row["number"] as number, name, fields));
    }
  }

  private remember(component: string, name: string, number: number): Table {
    const table: Table = {
      name,
      component,
      number,
      indexes: new Map(),
      vectors: new Map(),
      staged: new Set(),
      validator: null,
    };
    const full = fullName(component, name);
    this.byName.set(full, table);
    this.byNumber.set(number, table);
    this.hooks.onTable?.(full, number);
    return table;
  }

  private createTable(component: string, name: string): Table {
    const number = this.freeNumber(name.startsWith("_"));
    this.store.sql("INSERT INTO tables(number, name) VALUES(?, ?)").run(number, fullName(component, name));
    const table = this.remember(component, name, number);
    this.createIndex(table, "by_id", ["_id"]);
    this.createIndex(table, "by_creation_time", ["_creationTime", "_id"]);
    return table;
  }

  private createIndex(table: Table, name: string, fields: string[]): void {
    const done = this.store
      .sql("INSERT INTO indexes(tbl, name, fields) VALUES(?, ?, ?)")
      .run(table.number, name, JSON.stringify(fields));
    const index = indexOf(Number(done.lastInsertRowid), name, fields);
    table.indexes.set(name, index);
    if (index.isById) return;
    this.eachDocument(table, `index ${table.name}.${name}`, (document, rowid) => {
      for (const key of Catalog.keys(index, document)) this.store.addEntry(index.number, key, rowid);
    });
  }

  private dropIndex(table: Table, index: Index): void {
    this.store.sql("DELETE FROM entries WHERE idx = ?").run(index.number);
    this.store.sql("DELETE FROM indexes WHERE number = ?").run(index.number);
    table.indexes.delete(index.name);
  }

  private applyTable(component: string, declared: DeclaredTable, validate: boolean): void {
    const { tableName, stagedDbIndexes = [], stagedSearchIndexes = [], stagedVectorIndexes = [] } = declared;
    const table = this.of(component).table(tableName) ?? this.createTable(component, tableName);
    const wanted = new Map(
      [...declared.indexes, ...stagedDbIndexes].map((index) => [
        index.indexDescriptor,
        [...index.fields, "_creationTime", "_id"],
      ]),
    );
    const searchIndexes = [...(declared.searchIndexes ?? []), ...stagedSearchIndexes];
    for (const { indexDescriptor, searchField, filterFields } of searchIndexes) {
      wanted.set(indexDescriptor, [SEARCH, searchField, ...filterFields]);
    }
    for (const index of table.indexes.values()) {
      if (index.isById || index.name === "by_creation_time") continue;
      const fields = wanted.get(index.name);
      if (fields && JSON.stringify(fields) === JSON.stringify(index.fields)) wanted.delete(index.name);
      else this.dropIndex(table, index);
    }
    for (const [name, fields] of wanted) this.createIndex(table, name, fields);
    table.vectors = new Map(
      [...(declared.vectorIndexes ?? []), ...stagedVectorIndexes].map(
        ({ indexDescriptor: name, vectorField: field, dimensions, filterFields }) => [
          name,
          { name, field, dimensions, filterFields },
        ],
      ),
    );
    const staged = [...stagedDbIndexes, ...stagedSearchIndexes, ...stagedVectorIndexes];
    table.staged = new Set(staged.map(({ indexDescriptor }) => indexDescriptor));
    table.validator = validate ? declared.documentType : null;
    this.checkStored(table);
  }

  private checkStored(table: Table): void {
    const wanted = JSON.stringify(table.validator);
    const row = this.store.sql("SELECT checked FROM tables WHERE number = ?").get(table.number);
    if (row?.["checked"] === wanted) return;
    if (table.validator) {
      this.eachDocument(table, `schema of ${table.name}`, (document) => {
        const problem = this.problem(table, document);
        if (!problem) return;
        throw new PlatformError(
          `Schema validation failed: document ${textOf(document["_id"])} in table "${table.name}" does not match the schema: ${problem}`,
        );
      });
    }
    this.store.sql("UPDATE tables SET checked = ? WHERE number = ?").run(wanted, table.number);
  }

  private problem(table: Table, document: Document): string | null {
    if (!table.validator) return null;
    const { _id: _, _creationTime: __, ...fields } = document;
    return mismatch(table.validator, fields, this.of(table.component).number);
  }

  private eachDocument(table: Table, what: string, visit: (document: Document, rowid: number) => void): void {
    let after = 0;
    let done = 0;
    let reportedMs = performance.now();
    for (;;) {
      const rows = this.store
        .sql("SELECT rowid, body FROM documents WHERE tbl = ? AND rowid > ? ORDER BY rowid LIMIT ?")
        .all(table.number, after, CHUNK);
      for (const row of rows) {
        after = row["rowid"] as number;
        visit(decodeDocument(row["body"] as string), after);
      }
      done += rows.length;
      if (performance.now() - reportedMs > REPORT_EVERY_MS) {
        reportedMs = performance.now();
        this.hooks.onProgress?.(`${what}: ${done} documents of ${this.count(table)}`);
      }
      if (rows.length < CHUNK) return;
    }
  }

  private count(table: Table): number {
    const row = this.store.sql("SELECT count(*) AS n FROM documents WHERE tbl = ?").get(table.number);
    return Number(row?.["n"]);
  }
}

import { createHash } from "node:crypto";
import { PIECE_BYTES } from "../engine/files.ts";
import { Catalog, type Table } from "../engine/catalog.ts";
import { STORAGE } from "../engine/declared.ts";
import { systemClock } from "../engine/clock.ts";
import { CreationTimes, Database, isTableName } from "../engine/database.ts";
import { schemasOf, type ComponentParts } from "../engine/engine.ts";
import { PlatformError } from "../engine/errors.ts";
import { decode, textOf, type Document, type JsonObject } from "../engine/json.ts";
import { Transaction } from "../engine/transaction.ts";
import { newId, tableNumberOf } from "../storage/ids.ts";
import { Store } from "../storage/sqlite.ts";
import { LAST_IMPORT } from "./last-import.ts";
import { planNumbers } from "./numbers.ts";
import {
  isWithin,
  openSource,
  type ImportJob,
  type ImportRequest,
  type Source,
  type SourceTable,
} from "./source.ts";

/** The last instant of a `Date`, in milliseconds. */
const LAST_TIME = 8.64e15;

/**
 * Brings a file's rows into a database that nothing else uses, in one transaction: whatever is wrong with them, or
 * ends the process, changes nothing.
 * @returns how many documents it wrote
 * @throws PlatformError that says what is wrong with the file
 */
export async function importFile(
  database: string,
  parts: Readonly<Record<string, ComponentParts>>,
  { id, file, request }: ImportJob,
): Promise<number> {
  const source = await openSource(file, request);
  const store = new Store(database);
  try {
    const catalog = new Catalog(store);
    catalog.deploy(schemasOf(parts));
    store.begin();
    const written = await new Import(store, catalog, parts).run(source, request);
    store.setMeta(LAST_IMPORT, JSON.stringify({ id, written }));
    store.commit();
    return written;
  } catch (error) {
    store.rollback();
    throw error;
  } finally {
    store.close();
  }
}

class Import {
  private readonly store: Store;
  private readonly catalog: Catalog;
  private readonly parts: Readonly<Record<string, ComponentParts>>;
  private readonly databases = new Map<string, Database>();
  private readonly times: CreationTimes;
  private readonly transaction: Transaction;

  constructor(store: Store, catalog: Catalog, parts: Readonly<Record<string, ComponentParts>>) {
    this.store = store;
    this.catalog = catalog;
    this.parts = parts;
    this.times = new CreationTimes(Number(store.meta("creationTime") ?? 0));
    this.transaction = new Transaction({
      store,
      writable: true,
      ts: 0n,
      now: systemClock.now(),
      limits: false,
    });
  }

  async run(source: Source, request: ImportRequest): Promise<number> {
    for (const table of source.tables) this.check(table);
    this.makeRoom(source, request);
    const numbers = new Map<Table, number>();
    for (const wanted of source.tables) {
      const number = wanted.number ?? (await firstNumber(wanted));
      if (number !== null) numbers.set(this.tableOf(wanted), number);
    }
    this.catalog.renumber(planNumbers(this.catalog, numbers, (table) => this.isEmpty(table)));
    let written = 0;
    for (const table of source.tables) {
      try {
        written += await this.fill(table, source);
      } catch (error) {
        if (!(error instanceof Error) || this.store.failure) throw error;
        throw new PlatformError(`Table "${table.name}": ${error.message}`);
      }
    }
    this.store.setMeta("creationTime", String(this.times.last));
    return written;
  }

  private check({ component, name }: SourceTable): void {
    if (!Object.hasOwn(this.parts, component)) {
      throw new PlatformError(`The app has no component "${component}" for the table "${name}".`);
    }
    if (name !== STORAGE && !isTableName(name)) throw new PlatformError(`"${name}" is no name of a table.`);
  }

  private tableOf({ component, name }: SourceTable): Table {
    return this.catalog.of(component).ensure(name);
  }

  private isEmpty({ indexes }: Table): boolean {
    const index = indexes.get("by_creation_time")?.number ?? -1;
    return this.store.sql("SELECT 1 FROM entries WHERE idx = ? LIMIT 1").get(index) === undefined;
  }

  /** Removes what the mode has the import take the place of. */
  private makeRoom({ tables }: Source, { component: base, mode }: ImportRequest): void {
    const imported = new Set(tables.map((table) => this.tableOf(table)));
    for (const table of imported) {
      if (mode === "replace" || mode === "replaceAll") this.catalog.clear(table);
      else if (mode === "requireEmpty" && !this.isEmpty(table)) {
        throw new PlatformError(
          `The table "${table.name}" has documents already. Use --append to add to them, or --replace to replace them.`,
        );
      }
    }
    if (mode !== "replaceAll") return;
    for (const table of this.catalog.all()) {
      if (!isWithin(table.component, base) || imported.has(table) || table.name.startsWith("_")) continue;
      this.catalog.clear(table);
      const { schema = null } = this.parts[table.component] ?? {};
      if (!Object.hasOwn(schema?.tables ?? {}, table.name)) this.catalog.drop(table);
    }
  }

  private async fill(source: SourceTable, { content }: Source): Promise<number> {
    const { component, name } = source;
    const table = this.tableOf(source);
    const database = this.databaseOf(component);
    let count = 0;
    for await (const row of source.rows()) {
      const document = this.documentOf(row, table);
      if (name === STORAGE) {
        const id = textOf(document["_id"]);
        database.restore(this.transaction, name, await this.storeFile(document, content(component, id)));
      } else {
        database.restore(this.transaction, name, document);
      }
      // Nobody reads before the import ends, and then everything has changed.
      this.transaction.writes.length = 0;
      this.transaction.before.clear();
      count++;
    }
    return count;
  }

  private documentOf(row: JsonObject, { number, name }: Table): Document {
    const value = decode(row) as Document;
    const { _id: id = newId(number, this.transaction.now), _creationTime: time } = value;
    if (typeof id !== "string" || tableNumberOf(id) !== number) {
      throw new PlatformError(`${JSON.stringify(row["_id"])} is no id of the table "${name}".`);
    }
    if (this.store.document(id)) throw new PlatformError(`There is already a document with the id ${id}.`);
    if (time !== undefined && !(typeof time === "number" && time >= 0 && time <= LAST_TIME)) {
      throw new PlatformError(`The document ${id} has a _creationTime that is no time.`);
    }
    return { ...value, _id: id, _creationTime: time ?? this.times.next(this.transaction.now) };
  }

  /** Stores a file's content. @returns its row, which says of it what is true */
  private async storeFile(row: Document, pieces: AsyncIterable<Uint8Array> | undefined): Promise<Document> {
    const id = textOf(row["_id"]);
    if (!pieces) throw new PlatformError(`The content of the file ${id} is missing.`);
    const hash = createHash("sha256");
    let size = 0;
    let n = 0;
    let rest = Buffer.alloc(0);
    for await (const piece of pieces) {
      hash.update(piece);
      size += piece.length;
      rest = Buffer.concat([rest, piece]);
      for (; rest.length >= PIECE_BYTES; rest = rest.subarray(PIECE_BYTES)) {
        this.store.addPiece(id, n++, rest.subarray(0, PIECE_BYTES));
      }
    }
    if (rest.length > 0) this.store.addPiece(id, n, rest);
    const digest = hash.digest();
    const said = textOf(row["sha256"]);
    if (Number(row["size"]) !== size || ![digest.toString("base64"), digest.toString("hex")].includes(said)) {
      throw new PlatformError(`The content of the file ${id} is not what its row says.`);
    }
    const { _id, _creationTime, contentType } = row;
    const type = typeof contentType === "string" ? { contentType } : {};
    return { _id, _creationTime, sha256: digest.toString("base64"), size, ...type };
  }

  private databaseOf(component: string): Database {
    const known = this.databases.get(component);
    if (known) return known;
    const database = new Database(this.catalog.of(component), this.times);
    this.databases.set(component, database);
    return database;
  }
}

/** The number that the ids of a table's rows carry, by the first one's; null if it has none. */
async function firstNumber({ rows }: SourceTable): Promise<number | null> {
  for await (const { _id: id } of rows()) return typeof id === "string" ? tableNumberOf(id) : null;
  return null;
}

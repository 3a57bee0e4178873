import fs from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { DATABASE, StartError } from "./data-folder.ts";
import { APP, fullName, splitName } from "./engine/component-path.ts";
import { FIRST_USER_TABLE } from "./storage/ids.ts";
import { ZipWriter } from "./zip.ts";

const CHUNK = 1_000;
const STORAGE = "_storage";

interface Table {
  name: string;
  number: number;
}

/**
 * Writes a folder's documents and files as a snapshot that `npx convex import` takes: a ZIP with
 * `<table>/documents.jsonl`, `_tables/documents.jsonl` for the ids, and `_storage/<id>` for the files
 * (docs.convex.dev/database/import-export). A runtime may be using the folder: it is one moment's state.
 * @param files whether the stored files' content is written, too
 * @returns how many documents there are of each table
 * @throws StartError
 */
export function exportData(data: string, file: string, files = true): Record<string, number> {
  const source = path.join(data, DATABASE);
  if (!fs.existsSync(source)) throw new StartError(`There is no data in ${data}.`);
  if (fs.existsSync(file)) throw new StartError(`${file} is there already; it is not overwritten.`);
  const partial = `${file}.partial`;
  fs.mkdirSync(path.dirname(path.resolve(file)), { recursive: true });
  fs.rmSync(partial, { force: true });
  const db = new DatabaseSync(source, { readOnly: true, timeout: 5000 });
  const zip = new ZipWriter(partial);
  try {
    // One read, so that all tables are of the same moment.
    db.exec("BEGIN");
    const counts = writeAll(db, zip, files);
    zip.finish();
    fs.renameSync(partial, file);
    return counts;
  } catch (error) {
    zip.close();
    fs.rmSync(partial, { force: true });
    const reason = error instanceof Error ? error.message : String(error);
    throw new StartError(`The export failed: ${reason}.`, { cause: error });
  } finally {
    db.close();
  }
}

/** Components' tables lie below their components' folders, with tables of ids of their own. */
function folderOf(component: string): string {
  return component === APP ? "" : `_components/${component.replaceAll("/", "/_components/")}/`;
}

function writeAll(db: DatabaseSync, zip: ZipWriter, files: boolean): Record<string, number> {
  const all = db.prepare("SELECT name, number FROM tables ORDER BY number").all() as unknown as Table[];
  const counts: Record<string, number> = {};
  const components = new Set(all.map(({ name }) => splitName(name).component));
  for (const component of components) {
    const folder = folderOf(component);
    const exported = all.filter(({ name, number }) => {
      const own = splitName(name);
      return own.component === component && (number >= FIRST_USER_TABLE || (files && own.name === STORAGE));
    });
    const names = exported.map(
      (table) => `${JSON.stringify({ name: splitName(table.name).name, id: table.number })}\n`,
    );
    zip.add(`${folder}_tables/documents.jsonl`, [Buffer.from(names.join(""))]);
    for (const table of exported) {
      let count = 0;
      const lines = function* (): Generator<Uint8Array> {
        for (const bodies of documents(db, table)) {
          count += bodies.length;
          yield Buffer.from(bodies.map((body) => `${body}\n`).join(""));
        }
      };
      const name = `${folder}${splitName(table.name).name}`;
      zip.add(`${name}/documents.jsonl`, lines());
      counts[name] = count;
    }
    if (files) writeFiles(db, zip, component);
  }
  return counts;
}

function* documents(db: DatabaseSync, table: Table): Generator<string[]> {
  const select = db.prepare(
    "SELECT rowid, body FROM documents WHERE tbl = ? AND rowid > ? ORDER BY rowid LIMIT ?",
  );
  let after = 0;
  for (;;) {
    const rows = select.all(table.number, after, CHUNK);
    if (rows.length > 0) yield rows.map(({ body }) => body as string);
    after = Number(rows.at(-1)?.["rowid"] ?? after);
    if (rows.length < CHUNK) return;
  }
}

function writeFiles(db: DatabaseSync, zip: ZipWriter, component: string): void {
  const ids = db
    .prepare("SELECT d.id FROM documents d JOIN tables t ON t.number = d.tbl WHERE t.name = ?")
    .all(fullName(component, STORAGE));
  const select = db.prepare("SELECT bytes FROM blobs WHERE file = ? AND n = ?");
  for (const { id } of ids) {
    const pieces = function* (): Generator<Uint8Array> {
      for (let n = 0; ; n++) {
        const row = select.get(id as string, n);
        if (!row) return;
        yield row["bytes"] as Uint8Array;
      }
    };
    zip.add(`${folderOf(component)}${STORAGE}/${String(id)}`, pieces());
  }
}

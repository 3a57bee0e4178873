import fs from "node:fs";
import { APP, childPath } from "../engine/component-path.ts";
import { STORAGE } from "../engine/declared.ts";
import { PlatformError } from "../engine/errors.ts";
import type { JsonObject } from "../engine/json.ts";
import { rowsOf, type Pieces } from "./rows.ts";
import { ZipReader, type ZipEntry } from "./zip-reader.ts";

export const MODES = ["requireEmpty", "append", "replace", "replaceAll"] as const;
export const FORMATS = ["jsonLines", "jsonArray", "csv", "zip"] as const;
/** What is to be imported, as `npx convex import` says it. */
export interface ImportRequest {
  /** Of one table's file; null for a ZIP. */
  tableName: string | null;
  /** The component that it is for, by its path. */
  component: string;
  mode: (typeof MODES)[number];
  format: (typeof FORMATS)[number];
}

export interface ImportJob {
  /** Names the import in the data, so that a crash cannot leave open whether it was done. */
  id: string;
  /** The uploaded file. */
  file: string;
  request: ImportRequest;
}

/** The rows of one table, to be read any number of times. */
export interface SourceTable {
  component: string;
  name: string;
  /** The number that its ids carry, where the file says so. */
  number: number | null;
  rows: () => AsyncGenerator<JsonObject>;
}
/** All that an import brings. */
export interface Source {
  tables: SourceTable[];
  /** The content of a stored file; undefined where the import has none. */
  content: (component: string, id: string) => Pieces | undefined;
}

const NESTED = /^_components\/([A-Za-z0-9_-]+)\//;

/** Whether a component is this one or below it. */
export function isWithin(component: string, base: string): boolean {
  return base === APP || component === base || component.startsWith(`${base}/`);
}

/** @throws PlatformError if the file is nothing that can be imported */
export async function openSource(file: string, request: ImportRequest): Promise<Source> {
  if (request.format === "zip") return openSnapshot(new ZipReader(file), request.component);
  const { component, format, tableName } = request;
  if (tableName === null) throw new PlatformError("The import must name its table.");
  const read = (): Pieces => fs.createReadStream(file);
  const table = { component, name: tableName, number: null, rows: () => rowsOf(format, read()) };
  return { tables: [table], content: () => undefined };
}

async function openSnapshot(zip: ZipReader, base: string): Promise<Source> {
  const documents = new Map<string, ZipEntry>();
  const files = new Map<string, ZipEntry>();
  for (const entry of zip.entries) {
    const { component, rest } = place(entry.name, base);
    const [folder = "", name = "", ...more] = rest.split("/");
    if (more.length > 0) continue;
    if (name === "documents.jsonl") documents.set(`${component};${folder}`, entry);
    // Hosted exports give a file its type's ending.
    else if (folder === STORAGE && name !== "") files.set(`${component};${name.split(".")[0]}`, entry);
  }
  const withFiles = new Set([...files.keys()].map((file) => file.split(";")[0]));
  const tables: SourceTable[] = [];
  const numbers = new Map<string, Map<string, number>>();
  for (const [key, entry] of documents) {
    const [component = APP, name = ""] = key.split(";");
    if (name === "_tables") continue;
    // An export without files knows of them, and leaves those that are here as they are.
    if (name === STORAGE && !withFiles.has(component) && entry.size > 0) continue;
    const rows = () => located(rowsOf("jsonLines", zip.pieces(entry)), entry.name);
    if (!numbers.has(component))
      numbers.set(component, await numbersIn(zip, documents.get(`${component};_tables`)));
    tables.push({ component, name, number: numbers.get(component)?.get(name) ?? null, rows });
  }
  if (tables.length === 0) {
    throw new PlatformError("The archive holds no table: there is no <table>/documents.jsonl in it.");
  }
  const content = (component: string, id: string): Pieces | undefined => {
    const entry = files.get(`${component};${id}`);
    return entry && zip.pieces(entry);
  };
  return { tables, content };
}

/** The component that a path of the archive is in, and the rest of the path. */
function place(name: string, base: string): { component: string; rest: string } {
  let component = base;
  let rest = name;
  for (;;) {
    const [whole, child] = NESTED.exec(rest) ?? [];
    if (whole === undefined || child === undefined) return { component, rest };
    component = childPath(component, child);
    rest = rest.slice(whole.length);
  }
}

/** The numbers of a component's tables, by name, as its `_tables` says. */
async function numbersIn(zip: ZipReader, entry: ZipEntry | undefined): Promise<Map<string, number>> {
  const numbers = new Map<string, number>();
  if (!entry) return numbers;
  for await (const { id, name } of located(rowsOf("jsonLines", zip.pieces(entry)), entry.name)) {
    if (typeof name !== "string" || !Number.isInteger(id)) {
      throw new PlatformError(`${entry.name}: each row must have a table's name and its number.`);
    }
    numbers.set(name, id as number);
  }
  return numbers;
}

async function* located(rows: AsyncGenerator<JsonObject>, name: string): AsyncGenerator<JsonObject> {
  try {
    yield* rows;
  } catch (error) {
    const isOurs = error instanceof PlatformError && !error.message.startsWith(name);
    throw isOurs ? new PlatformError(`${name}: ${error.message}`) : error;
  }
}

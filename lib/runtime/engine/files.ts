import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { newId, tableNumberOf } from "../storage/ids.ts";
import { type Tables } from "./catalog.ts";
import { STORAGE } from "./declared.ts";
import type { Database } from "./database.ts";
import { PlatformError } from "./errors.ts";
import { decodeDocument, textOf } from "./json.ts";
import type { Transaction } from "./transaction.ts";
import type { Store } from "../storage/sqlite.ts";

/** Of a stored file; `sha256` is in base64, as in the rows of `_storage`. */
export interface FileInfo {
  id: string;
  size: number;
  sha256: string;
  contentType: string | null;
}
/** A whole file. */
export interface FileContent {
  bytes: Uint8Array;
  contentType: string | null;
}

/** Files are stored in pieces, so that a part can be read without the rest. In bytes. */
export const PIECE_BYTES = 512 * 1024;
const UPLOAD_TTL_MS = 3_600_000;
const SECRET = "uploadSecret";
/** How files were named in the platform's early days. */
const UUID = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

/** The files of `ctx.storage`: rows of `_storage`, and their content beside them, changed together. */
export class Files {
  private readonly component: string;
  private readonly tables: Tables;
  private readonly database: Database;
  /** The deployment's own address, which the files' addresses begin with. */
  private readonly url: string;

  constructor(component: string, tables: Tables, database: Database, url: string) {
    this.component = component;
    this.tables = tables;
    this.database = database;
    this.url = url;
  }

  /** @throws PlatformError if the content is not what `sha256` (base64 or hex) says */
  store(transaction: Transaction, content: FileContent, sha256?: string): string {
    const id = this.newFile(transaction.now);
    const { bytes } = content;
    transaction.meter.charge("filesWritten", 1);
    transaction.meter.charge("fileWriteBytes", bytes.length);
    for (let n = 0; n * PIECE_BYTES < bytes.length; n++) {
      transaction.store.addPiece(id, n, bytes.subarray(n * PIECE_BYTES, (n + 1) * PIECE_BYTES));
    }
    const digest = createHash("sha256").update(bytes).digest();
    return this.finish(
      transaction,
      { id, size: bytes.length, sha256: digest.toString("base64"), contentType: content.contentType },
      sha256,
    );
  }

  /** The id of a file whose pieces are about to be stored. */
  newFile(nowMs: number): string {
    const table = this.tables.table(STORAGE);
    if (!table) throw new Error("the table of files is missing");
    return newId(table.number, nowMs);
  }

  /** Makes stored pieces a file. @throws PlatformError if the content is not what `expected` says */
  finish(transaction: Transaction, file: FileInfo, expected?: string): string {
    const hex = Buffer.from(file.sha256, "base64").toString("hex");
    if (expected !== undefined && expected !== file.sha256 && expected.toLowerCase() !== hex) {
      throw new PlatformError(`Sha256 mismatch. Expected: ${expected} Actual: ${file.sha256}`);
    }
    const { id, size, sha256, contentType } = file;
    const row = { sha256, size, ...(contentType ? { contentType } : {}) };
    return this.database.insert(transaction, STORAGE, row, id);
  }

  /** @throws PlatformError for what cannot be the id of a file. @param method what was called with it */
  checkId(id: string, method: string): void {
    const table = this.tables.tableOf(id);
    const isOther = table !== undefined && table.name !== STORAGE;
    // One of another component's is well-formed, and nothing's here.
    if (!isOther && (tableNumberOf(id) !== null || UUID.test(id))) return;
    const reason = isOther
      ? `Invalid storage ID. Storage ID cannot be an ID on any table other than '${STORAGE}'.`
      : `Invalid storage ID: "${id}". Storage ID should be an Id of '${STORAGE}' table, or a UUID string.`;
    throw new PlatformError(`Invalid argument \`storageId\` for \`storage.${method}\`: ${reason}`);
  }

  info(transaction: Transaction, id: string): FileInfo | null {
    if (this.tables.tableOf(id)?.name !== STORAGE) return null;
    const body = this.database.read(transaction, id);
    if (body === null) return null;
    const row = decodeDocument(body);
    const contentType = textOf(row["contentType"]) || null;
    return { id, size: Number(row["size"]), sha256: textOf(row["sha256"]), contentType };
  }

  content(transaction: Transaction, id: string): FileContent | null {
    const info = this.info(transaction, id);
    if (!info) return null;
    transaction.meter.charge("filesRead", 1);
    transaction.meter.charge("fileReadBytes", info.size);
    return { bytes: readPieces(transaction.store, info), contentType: info.contentType };
  }

  /** @throws PlatformError if there is no such file */
  remove(transaction: Transaction, id: string): void {
    if (!this.info(transaction, id)) throw new PlatformError(`storage id ${id} not found`);
    this.database.removeSystem(transaction, id);
    transaction.store.removePieces(id);
  }

  urlOf(transaction: Transaction, id: string): string | null {
    return this.info(transaction, id) ? `${this.url}/api/storage/${id}` : null;
  }

  /** An address that takes one file, for an hour. */
  uploadUrl(transaction: Transaction): string {
    let secret = transaction.store.meta(SECRET);
    if (secret === undefined) {
      secret = randomBytes(32).toString("hex");
      transaction.store.setMeta(SECRET, secret);
    }
    const owner = Buffer.from(this.component).toString("base64url");
    const until = `${Math.floor(transaction.now) + UPLOAD_TTL_MS}.${randomBytes(12).toString("hex")}.${owner}`;
    return `${this.url}/api/storage/upload?token=${until}.${sign(secret, until)}`;
  }
}

/** Which component's file a token of `uploadUrl` is for; null where it is not good, or "expired". */
export function uploadTarget(
  store: Store,
  token: string,
  nowMs: number,
): { component: string } | "expired" | null {
  const secret = store.meta(SECRET);
  const at = token.lastIndexOf(".");
  if (secret === undefined || at < 0) return null;
  const given = Buffer.from(token.slice(at + 1));
  const right = Buffer.from(sign(secret, token.slice(0, at)));
  const isOurs = given.length === right.length && timingSafeEqual(given, right);
  if (!isOurs) return null;
  if (parseInt(token, 10) <= nowMs) return "expired";
  return { component: Buffer.from(token.slice(0, at).split(".")[2] ?? "", "base64url").toString() };
}

function sign(secret: string, text: string): string {
  return createHmac("sha256", secret).update(text).digest("base64url");
}

function readPieces(store: Store, { id, size }: FileInfo): Uint8Array {
  const bytes = new Uint8Array(size);
  for (let n = 0; n * PIECE_BYTES < size; n++) {
    const piece = store.piece(id, n);
    if (!piece) throw new Error(`piece ${n} of the file ${id} is missing`);
    bytes.set(piece, n * PIECE_BYTES);
  }
  return bytes;
}

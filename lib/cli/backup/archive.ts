import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { Readable, Transform } from "node:stream";
import { text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { createZstdCompress, createZstdDecompress } from "node:zlib";
import { Decrypter, Encrypter } from "age-encryption";
import { extract, pack } from "tar-stream";
import { VERSION } from "#domain/version.ts";
import { StartFailure } from "../up/options.ts";
import { FORMAT, isPart, MANIFEST, type Manifest, manifestSchema } from "./manifest.ts";
import type { Snapshot } from "./snapshot.ts";

/*
 * A backup is a tar archive, compressed by zstd and encrypted by age: their own programs read it, too.
 * See https://age-encryption.org and RFC 8878.
 */

const MANIFEST_BYTES = 50_000_000;

type Bytes = ReadableStream<Uint8Array>;

/** Counts and hashes what passes. */
class Measure extends Transform {
  bytes = 0;
  readonly #hash = createHash("sha256");

  override _transform(chunk: Buffer, _encoding: string, done: (error: null, chunk: Buffer) => void): void {
    this.bytes += chunk.length;
    this.#hash.update(chunk);
    done(null, chunk);
  }

  sha256(): string {
    return this.#hash.digest("hex");
  }
}

/**
 * Writes a snapshot into one file, which appears under its name once it is whole and on the disk.
 * @param recipient whose key opens it, as age writes it (`age1…`); null for a backup that anybody can read
 * @returns its size in bytes
 */
export async function writeArchive(
  { folder, names, checkpoints }: Snapshot,
  file: string,
  recipient: string | null,
): Promise<number> {
  const tar = pack();
  const files: Manifest["files"] = [];
  const fill = async () => {
    for (const name of names) {
      const place = path.join(folder, name);
      const { size } = fs.statSync(place);
      const measure = new Measure();
      await pipeline(fs.createReadStream(place), measure, tar.entry({ name, size, mode: 0o600 }));
      files.push({ path: name, bytes: measure.bytes, sha256: measure.sha256() });
    }
    const createdAt = new Date().toISOString();
    const manifest: Manifest = { format: FORMAT, version: VERSION, createdAt, checkpoints, files };
    tar.entry({ name: MANIFEST, mode: 0o600 }, JSON.stringify(manifest));
    tar.finalize();
  };
  const filling = fill().catch((error: unknown) => {
    tar.destroy(error as Error);
  });
  const partial = `${file}.partial`;
  try {
    const compressed = tar.pipe(createZstdCompress());
    tar.once("error", (error) => compressed.destroy(error));
    let body: Readable = compressed;
    if (recipient !== null) {
      const encrypter = new Encrypter();
      encrypter.addRecipient(recipient);
      const sealed = await encrypter.encrypt(Readable.toWeb(compressed) as Bytes);
      body = Readable.fromWeb(sealed as Parameters<typeof Readable.fromWeb>[0]);
    }
    fs.rmSync(partial, { force: true });
    await pipeline(body, fs.createWriteStream(partial, { mode: 0o600, flags: "wx", flush: true }));
    await filling;
    fs.renameSync(partial, file);
    return fs.statSync(file).size;
  } catch (error) {
    fs.rmSync(partial, { force: true });
    throw error;
  }
}

/** Whether a file is encrypted: age's own first line. */
function isSealed(file: string): boolean {
  const head = Buffer.alloc(21);
  const open = fs.openSync(file, "r");
  try {
    fs.readSync(open, head);
  } finally {
    fs.closeSync(open);
  }
  return head.toString("latin1") === "age-encryption.org/v1";
}

async function opened(file: string, identities: readonly string[]): Promise<Readable> {
  const sealed = fs.createReadStream(file);
  if (!isSealed(file)) return sealed;
  if (identities.length === 0)
    throw new StartFailure("the backup is encrypted. Name the file of its key with --key.");
  const decrypter = new Decrypter();
  for (const identity of identities) decrypter.addIdentity(identity);
  try {
    const plain = await decrypter.decrypt(Readable.toWeb(sealed) as Bytes);
    return Readable.fromWeb(plain as Parameters<typeof Readable.fromWeb>[0]);
  } catch (error) {
    sealed.destroy();
    throw new StartFailure(`this key doesn't open the backup (${(error as Error).message}).`);
  }
}

/**
 * Reads a backup whole, and compares each file with what the backup says of it.
 * @param into an empty folder that gets its files; null to check it alone
 * @throws StartFailure where it is damaged, cut off, of another kind, or of a newer Studio
 */
export async function readArchive(
  file: string,
  identities: readonly string[],
  into: string | null,
): Promise<Manifest> {
  const found = new Map<string, { bytes: number; sha256: string }>();
  let told: string | undefined;
  const untar = extract();
  const take = async () => {
    for await (const entry of untar) {
      const { name, type } = entry.header;
      if (type !== "file" || !isPart(name) || found.has(name))
        throw new StartFailure(`it holds something that is no part of a backup (${name.slice(0, 100)}).`);
      if (name === MANIFEST) {
        if ((entry.header.size ?? 0) > MANIFEST_BYTES) throw new StartFailure("its manifest is too large.");
        told = await text(entry);
        continue;
      }
      const measure = new Measure();
      const target = into === null ? undefined : path.join(into, name);
      if (target !== undefined) fs.mkdirSync(path.dirname(target), { recursive: true, mode: 0o700 });
      const sink =
        target === undefined
          ? new Transform({ transform: (_chunk, _encoding, done) => done() }).resume()
          : fs.createWriteStream(target, { mode: 0o600, flags: "wx", flush: true });
      await pipeline(entry, measure, sink);
      found.set(name, { bytes: measure.bytes, sha256: measure.sha256() });
    }
  };
  try {
    const body = await opened(file, identities);
    await Promise.all([pipeline(body, createZstdDecompress(), untar), take()]);
  } catch (error) {
    if (error instanceof StartFailure) throw error;
    throw new StartFailure(`the backup is damaged or cut off (${(error as Error).message}).`);
  }
  return checked(told, found);
}

function checked(
  told: string | undefined,
  found: ReadonlyMap<string, { bytes: number; sha256: string }>,
): Manifest {
  if (told === undefined) throw new StartFailure("the backup is cut off: it has no manifest.");
  const read = manifestSchema.safeParse(JSON.parse(told));
  if (!read.success)
    throw new StartFailure(`the backup can't be read: ${read.error.issues[0]?.message ?? "unknown"}.`);
  const { files } = read.data;
  const damaged = files.filter(({ path: name, bytes, sha256 }) => {
    const there = found.get(name);
    return there?.bytes !== bytes || there.sha256 !== sha256;
  });
  if (damaged.length > 0 || files.length !== found.size)
    throw new StartFailure(
      `the backup is damaged: ${damaged[0]?.path ?? "a file"} isn't what was written into it.`,
    );
  return read.data;
}

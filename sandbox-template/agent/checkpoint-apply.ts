import { createHash, randomUUID } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { type Change, isFolder } from "#domain/rewind-plan.ts";
import { SYMLINK } from "#net/git-tree.ts";

const READ_BYTES = 32_000_000;
const PERMISSIONS = 0o777;
const WRITABLE = 0o700;

/** What is read of the saved objects. */
export interface Objects {
  read: (oids: string[]) => Map<string, Buffer>;
  /** @throws Error where one is missing */
  sizes: (oids: string[]) => Map<string, number>;
}

/**
 * Changes a workspace in place. Each file is replaced in one step, and a change that is done already is none: what broke
 * off in the middle is done again from the start.
 */
export class Application {
  readonly #root: string;
  readonly #objects: Objects;
  /** Folders that were opened for writing, by the bytes of their path as Latin-1, and how they are left. */
  readonly #opened = new Map<string, number>();
  /** Places where something stood in the way. */
  readonly missed = new Set<string>();

  constructor(root: string, objects: Objects) {
    this.#root = root;
    this.#objects = objects;
  }

  /** @throws Error where an object is missing: then nothing has been changed */
  run(changes: readonly Change[]): void {
    const files = changes.filter(({ to }) => to !== undefined && !isFolder(to));
    const sizes = this.#objects.sizes([...new Set(files.map(({ to }) => to!.oid))]);
    try {
      for (const change of changes.toReversed()) if (change.from) this.#clear(change);
      for (const { place, to } of changes) if (to && isFolder(to)) this.#folder(place, to.mode);
      this.#files(files, sizes);
    } finally {
      for (const [name, mode] of [...this.#opened].toReversed()) {
        const folder = Buffer.from(name, "latin1");
        if (fs.lstatSync(folder, { throwIfNoEntry: false })?.isDirectory()) fs.chmodSync(folder, mode);
      }
    }
  }

  #at(place: string): Buffer {
    return Buffer.concat([Buffer.from(`${this.#root}/`), Buffer.from(place, "latin1")]);
  }

  /** Whether a place can be written to: all above it are folders, no link among them. Those that are missing are made. */
  #reach(place: string): boolean {
    const above = path.posix.dirname(place);
    if (above === ".") {
      this.#open(Buffer.from(this.#root));
      return true;
    }
    if (!this.#reach(above)) return false;
    const folder = this.#at(above);
    const stat = fs.lstatSync(folder, { throwIfNoEntry: false });
    if (!stat) fs.mkdirSync(folder);
    else if (!stat.isDirectory()) return false;
    this.#open(folder);
    return true;
  }

  #open(folder: Buffer): void {
    const { mode } = fs.lstatSync(folder);
    if ((mode & WRITABLE) === WRITABLE) return;
    const key = folder.toString("latin1");
    if (!this.#opened.has(key)) this.#opened.set(key, mode & PERMISSIONS);
    fs.chmodSync(folder, (mode & PERMISSIONS) | WRITABLE);
  }

  /** Takes away what is not to be there, or is to be of another kind. */
  #clear({ place, from, to }: Change): void {
    const [was, becomes] = [isFolder(from!), to !== undefined && isFolder(to)];
    // A file is replaced by another in one step.
    if (to !== undefined && was === becomes) return;
    const there = this.#at(place);
    const stat = fs.lstatSync(there, { throwIfNoEntry: false });
    if (!stat || stat.isDirectory() !== was) return;
    if (!this.#reach(place)) return void this.missed.add(place);
    if (!was) fs.unlinkSync(there);
    else
      try {
        fs.rmdirSync(there);
      } catch (error) {
        // What checkpoints leave out, or what was kept, is in it.
        if ((error as NodeJS.ErrnoException).code !== "ENOTEMPTY") throw error;
        if (to !== undefined) this.missed.add(place);
      }
  }

  #folder(place: string, mode: number): void {
    const there = this.#at(place);
    if (!this.#reach(place)) return void this.missed.add(place);
    const stat = fs.lstatSync(there, { throwIfNoEntry: false });
    if (!stat) fs.mkdirSync(there);
    else if (!stat.isDirectory()) return void this.missed.add(place);
    fs.chmodSync(there, (mode & PERMISSIONS) | WRITABLE);
    // Files are still to be written into it.
    this.#opened.set(there.toString("latin1"), mode & PERMISSIONS);
  }

  #files(files: readonly Change[], sizes: Map<string, number>): void {
    let group: Change[] = [];
    let bytes = 0;
    const flush = () => {
      if (group.length === 0) return;
      const contents = this.#objects.read([...new Set(group.map(({ to }) => to!.oid))]);
      for (const { place, to } of group) this.#file(place, to!, contents.get(to!.oid)!);
      group = [];
      bytes = 0;
    };
    for (const file of files) {
      const size = sizes.get(file.to!.oid) ?? 0;
      if (bytes + size > READ_BYTES) flush();
      group.push(file);
      bytes += size;
    }
    flush();
  }

  #file(place: string, { mode, oid }: { mode: number; oid: string }, content: Buffer): void {
    const named = createHash("sha1").update(`blob ${content.length}\0`).update(content).digest("hex");
    // The sandbox could have written into what it keeps.
    if (named !== oid) throw new Error("an object is another");
    const there = this.#at(place);
    const stat = fs.lstatSync(there, { throwIfNoEntry: false });
    const stands = stat !== undefined && !stat.isFile() && !stat.isSymbolicLink();
    if (stands || !this.#reach(place)) return void this.missed.add(place);
    const draft = Buffer.concat([
      Buffer.from(path.posix.dirname(there.toString("latin1")), "latin1"),
      Buffer.from(`/.studio-${randomUUID()}`),
    ]);
    try {
      if (mode === SYMLINK) fs.symlinkSync(content, draft);
      else {
        fs.writeFileSync(draft, content, { flag: "wx", mode: 0o600 });
        fs.chmodSync(draft, mode & PERMISSIONS);
      }
      fs.renameSync(draft, there);
    } catch (error) {
      fs.rmSync(draft, { force: true });
      throw error;
    }
  }
}

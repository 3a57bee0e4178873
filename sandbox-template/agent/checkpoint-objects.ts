import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { deflateSync } from "node:zlib";
import { isTree, type TreeEntry } from "#net/git-tree.ts";
import { type ObjectType, PackWriter } from "./checkpoint-pack.ts";

const KILL_MS = 120_000;
const MAX_OUTPUT = 256_000_000;

/** Git's order: a folder counts as if its name ended with a slash. */
function compareEntries(a: TreeEntry, b: TreeEntry): number {
  const key = (entry: TreeEntry) =>
    isTree(entry) ? Buffer.concat([entry.name, Buffer.from("/")]) : entry.name;
  return Buffer.compare(key(a), key(b));
}

const encodeTree = (entries: TreeEntry[]): Buffer =>
  Buffer.concat(
    entries
      .toSorted(compareEntries)
      .flatMap(({ mode, name, oid }) => [
        Buffer.from(`${mode.toString(8)} `),
        name,
        Buffer.from([0]),
        Buffer.from(oid, "hex"),
      ]),
  );

/** Where objects go: each has git's own name. */
export interface ObjectSink {
  blob: (content: Buffer) => string;
  tree: (entries: TreeEntry[]) => string;
  /** Whether it needn't be given an object again. */
  holds?: (oid: string) => boolean;
}

const named = (type: ObjectType, content: Buffer) => {
  const header = Buffer.from(`${type} ${content.length}\0`);
  return { header, oid: createHash("sha1").update(header).update(content).digest("hex") };
};

/** Names objects without storing them. */
export const NAMES_ONLY: ObjectSink = {
  blob: (content) => named("blob", content).oid,
  tree: (entries) => named("tree", encodeTree(entries)).oid,
};

/**
 * The shadow repository: git's objects of the workspace, apart from any repository in it. It writes bytes as they are:
 * no attribute, filter or line ending of the workspace is looked at.
 */
export class Shadow implements ObjectSink {
  readonly folder: string;
  /** Objects that an earlier checkpoint of the chain holds. */
  readonly known: Set<string>;
  /** Objects that are new. */
  readonly added = new Set<string>();

  readonly #pack: PackWriter | undefined;

  private constructor(folder: string, known: Iterable<string>, pack?: PackWriter) {
    this.folder = folder;
    this.known = new Set(known);
    this.#pack = pack;
  }

  /** The repository with what it holds. */
  static open(folder: string, known: Iterable<string>): Shadow {
    return new Shadow(folder, known);
  }

  /** An empty one in its place. @param pack the file that all of it is to be written into, until `takePack` */
  static create(folder: string, pack?: string): Shadow {
    fs.rmSync(folder, { recursive: true, force: true });
    fs.mkdirSync(path.dirname(folder), { recursive: true });
    const made = spawnSync("git", ["init", "-q", "--bare", "--template=", "--object-format=sha1", folder], {
      env: gitEnvironment() as unknown as NodeJS.ProcessEnv,
      timeout: KILL_MS,
    });
    if (made.status !== 0) throw new Error(`git init: ${made.stderr.toString("utf8").trim()}`);
    return new Shadow(folder, [], pack === undefined ? undefined : new PackWriter(pack));
  }

  /** Ends the pack that all was written into, and takes it in. */
  takePack(file: string): void {
    this.#pack?.end();
    const from = fs.openSync(file, "r");
    try {
      this.git(["index-pack", "--stdin"], { stdin: from });
    } finally {
      fs.closeSync(from);
    }
  }

  holds(oid: string): boolean {
    return this.known.has(oid);
  }

  blob(content: Buffer): string {
    return this.#write("blob", content);
  }

  tree(entries: TreeEntry[]): string {
    return this.#write("tree", encodeTree(entries));
  }

  commit(text: string): string {
    return this.#write("commit", Buffer.from(text));
  }

  #write(type: ObjectType, content: Buffer): string {
    const { header, oid } = named(type, content);
    if (this.known.has(oid) || this.added.has(oid)) return oid;
    this.added.add(oid);
    if (this.#pack) {
      this.#pack.add(type, content);
      return oid;
    }
    const folder = path.join(this.folder, "objects", oid.slice(0, 2));
    fs.mkdirSync(folder, { recursive: true });
    const file = path.join(folder, oid.slice(2));
    // Whatever a checkpoint that broke off has left there is replaced.
    fs.rmSync(file, { force: true });
    fs.writeFileSync(file, deflateSync(Buffer.concat([header, content]), { level: 1 }));
    return oid;
  }

  /** Runs git in it to its end. @throws Error with git's words */
  git(args: string[], options: { input?: Buffer | string; stdin?: number; stdout?: number } = {}): Buffer {
    const ran = spawnSync(
      "git",
      ["-c", "core.looseCompression=1", "-c", "pack.compression=1", "-c", "gc.auto=0", ...args],
      {
        cwd: this.folder,
        env: { ...gitEnvironment(), GIT_DIR: this.folder } as unknown as NodeJS.ProcessEnv,
        timeout: KILL_MS,
        killSignal: "SIGKILL",
        maxBuffer: MAX_OUTPUT,
        stdio: [options.stdin ?? "pipe", options.stdout ?? "pipe", "pipe"],
        ...(options.input !== undefined && { input: options.input }),
      },
    );
    if (ran.status !== 0 || ran.error)
      throw new Error(
        `git ${args[0]}: ${ran.error?.message ?? ran.stderr.toString("utf8").trim().slice(-500)}`,
      );
    return ran.stdout ?? Buffer.alloc(0);
  }
}

/** Nothing of the machine's or the person's configuration says how objects are kept. */
function gitEnvironment() {
  const { PATH = "" } = process.env;
  return {
    PATH,
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_ATTR_NOSYSTEM: "1",
    LC_ALL: "C",
  };
}

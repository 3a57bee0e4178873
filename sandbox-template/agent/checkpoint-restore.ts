import fs from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { RULES, skippedIn } from "#domain/checkpoint-rules.ts";
import { isTree, parseBatch, parseTree, SYMLINK, treeOfCommit, type TreeEntry } from "#net/git-tree.ts";
import { NAMES_ONLY, Shadow } from "./checkpoint-objects.ts";
import { AGENT_DATABASE, AGENT_STORE, ROOT, SHADOW, writeState } from "./checkpoint-state.ts";
import { type Limits, Walk } from "./checkpoint-walk.ts";

export interface RestoreOptions extends Limits {
  /** Its packs, from the whole one on. */
  packs: string[];
  commit: string;
}

const READ_BYTES = 32_000_000;

/** Reads objects of the shadow repository, many at a time. */
export class Reader {
  readonly #shadow: Shadow;

  constructor(shadow: Shadow) {
    this.#shadow = shadow;
  }

  /** Contents by object. */
  read(oids: string[]): Map<string, Buffer> {
    return parseBatch(this.#shadow.git(["cat-file", "--batch"], { input: `${oids.join("\n")}\n` }));
  }

  sizes(oids: string[]): Map<string, number> {
    if (oids.length === 0) return new Map();
    const out = this.#shadow.git(["cat-file", "--batch-check=%(objectname) %(objectsize)"], {
      input: `${oids.join("\n")}\n`,
    });
    const lines = out.toString("latin1").trim().split("\n");
    return new Map(
      lines.map((line) => {
        const [oid = "", size] = line.split(" ");
        if (size === "missing") throw new Error(`${oid} is missing`);
        return [oid, Number(size)];
      }),
    );
  }

  one(oid: string): Buffer {
    const content = this.read([oid]).get(oid);
    if (!content) throw new Error(`${oid} is missing`);
    return content;
  }
}

interface Planned {
  place: Buffer;
  mode: number;
  oid: string;
}

/** Makes a folder what a tree says: what is not in it goes, but for the names that checkpoints leave out. */
export class Restoration {
  readonly #reader: Reader;
  readonly #skip: Set<string>;
  readonly #files: Planned[] = [];
  readonly #folders: { place: Buffer; mode: number }[] = [];

  constructor(reader: Reader, skip: readonly string[]) {
    this.#reader = reader;
    this.#skip = new Set(skip);
  }

  run(root: string, tree: string): void {
    let level: { place: Buffer; oid: string }[] = [{ place: Buffer.from(root), oid: tree }];
    while (level.length > 0) {
      const trees = this.#reader.read([...new Set(level.map(({ oid }) => oid))]);
      level = level.flatMap(({ place, oid }) => this.#folder(place, parseTree(trees.get(oid)!)));
    }
    this.#write();
    // Last, and the innermost first: some may not be written to.
    for (const { place, mode } of this.#folders.toReversed()) fs.chmodSync(place, mode & 0o777);
  }

  #folder(place: Buffer, entries: TreeEntry[]): { place: Buffer; oid: string }[] {
    const wanted = new Map(entries.map((entry) => [entry.name.toString("latin1"), entry]));
    for (const name of fs.readdirSync(place, { encoding: "buffer" })) {
      const text = name.toString("latin1");
      const entry = wanted.get(text);
      const there = Buffer.concat([place, Buffer.from("/"), name]);
      if (this.#skip.has(text) && !entry) continue;
      const isFolder = fs.lstatSync(there).isDirectory();
      if (entry && isFolder && isTree(entry)) continue;
      fs.rmSync(there, { recursive: true, force: true });
    }
    const below: { place: Buffer; oid: string }[] = [];
    for (const entry of entries) {
      const { name, mode, oid } = entry;
      const there = Buffer.concat([place, Buffer.from("/"), name]);
      if (!isTree(entry)) {
        this.#files.push({ place: there, mode, oid });
        continue;
      }
      fs.mkdirSync(there, { recursive: true });
      fs.chmodSync(there, 0o700);
      this.#folders.push({ place: there, mode });
      below.push({ place: there, oid });
    }
    return below;
  }

  #write(): void {
    const sizes = this.#reader.sizes([...new Set(this.#files.map(({ oid }) => oid))]);
    let group: Planned[] = [];
    let bytes = 0;
    const flush = () => {
      if (group.length === 0) return;
      const contents = this.#reader.read([...new Set(group.map(({ oid }) => oid))]);
      for (const { place, mode, oid } of group) {
        const content = contents.get(oid)!;
        if (mode === SYMLINK) fs.symlinkSync(content, place);
        else {
          fs.writeFileSync(place, content, { flag: "wx", mode: 0o600 });
          fs.chmodSync(place, mode & 0o777);
        }
      }
      group = [];
      bytes = 0;
    };
    for (const file of this.#files) {
      const size = sizes.get(file.oid) ?? 0;
      if (bytes + size > READ_BYTES) flush();
      group.push(file);
      bytes += size;
    }
    flush();
  }
}

/** What the agent's store allows is forgotten: Studio keeps what was allowed, and what was let run could write it. */
export function forgetAllowed(store: string): void {
  const file = path.join(store, AGENT_DATABASE);
  if (!fs.existsSync(file)) return;
  const db = new DatabaseSync(file, { timeout: 2_000 });
  try {
    db.exec("update session set permission = null where parent_id is null");
    db.exec("delete from permission");
  } finally {
    db.close();
  }
}

/** Takes packs into the shadow repository, in their order. */
export function unpack(shadow: Shadow, packs: readonly string[]): void {
  for (const file of packs) {
    const from = fs.openSync(file, "r");
    try {
      shadow.git(["index-pack", "--stdin", "--fix-thin"], { stdin: from });
    } finally {
      fs.closeSync(from);
    }
  }
}

/** Brings a sandbox, whose agent does not run, to a checkpoint. @returns the workspace's tree as it then is */
export function restore({ packs, commit, ...given }: RestoreOptions) {
  const shadow = Shadow.create(SHADOW);
  unpack(shadow, packs);
  const reader = new Reader(shadow);
  const root = treeOfCommit(reader.one(commit));
  if (root === undefined) throw new Error("no checkpoint");
  const parts = new Map(parseTree(reader.one(root)).map(({ name, oid }) => [name.toString("latin1"), oid]));
  const [workspace, agent, rules] = [parts.get("workspace"), parts.get("agent"), parts.get(RULES)];
  if (workspace === undefined || agent === undefined) throw new Error("no checkpoint of a session");
  // What it left out by name, and not what would be left out now: its files are compared with it.
  const limits = {
    ...given,
    skip: rules === undefined ? given.skip : skippedIn(reader.one(rules).toString("utf8")),
  };
  new Restoration(reader, limits.skip).run(ROOT, workspace);
  fs.rmSync(AGENT_STORE, { recursive: true, force: true });
  fs.mkdirSync(AGENT_STORE, { recursive: true });
  new Restoration(reader, []).run(AGENT_STORE, agent);
  forgetAllowed(AGENT_STORE);
  const walk = new Walk(ROOT, limits, new Map(), NAMES_ONLY);
  const tree = walk.run();
  const known = shadow
    .git(["cat-file", "--batch-all-objects", "--batch-check=%(objectname)"])
    .toString("latin1")
    .trim()
    .split("\n");
  writeState({ commit, root, known, seen: walk.seen });
  return { tree, files: walk.files };
}

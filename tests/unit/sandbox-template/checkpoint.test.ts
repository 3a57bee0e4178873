import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { NOT_SAVED } from "#domain/checkpoints.ts";
import { bundleAgent } from "../../../sandbox-template/bundle.ts";

/** The program of the template as sandboxes have it: its sources would be translated at each of many starts. */
const programs = fs.mkdtempSync(path.join(os.tmpdir(), "programs-"));
const PROGRAM = path.join(programs, "checkpoint.mjs");
const NODE = path.resolve("node_modules/node/bin/node");
const base = fs.mkdtempSync(path.join(os.tmpdir(), "checkpoint-"));
const LIMITS = { skip: NOT_SAVED, maxFileBytes: 100_000, maxBytes: 1_000_000, maxFiles: 1_000 };

interface Place {
  root: string;
  home: string;
}
interface Saved {
  error?: string;
  unchanged: boolean;
  commit: string;
  whole: boolean;
  bytes: number;
  sha256: string;
  tree: string;
  files: number;
  leftOut: { path: string; reason: string }[];
  leftOutCount: number;
}

let count = 0;
let place: Place;
const makePlace = (): Place => {
  count += 1;
  const made = { root: path.join(base, `w${count}`), home: path.join(base, `h${count}`) };
  fs.mkdirSync(made.root);
  fs.mkdirSync(path.join(made.home, ".local/share/opencode"), { recursive: true });
  return made;
};
const databaseOf = ({ home }: Place) => path.join(home, ".local/share/opencode/opencode.db");

beforeEach(() => {
  place = makePlace();
  const db = new DatabaseSync(databaseOf(place));
  db.exec("pragma journal_mode = wal; create table session (id, parent_id, permission)");
  db.exec("create table permission (what); insert into permission values ('all')");
  db.exec("insert into session values ('one', null, 'all')");
  db.close();
});
beforeAll(async () => await bundleAgent(process.cwd(), programs, ["checkpoint"]));
afterAll(() => {
  execFileSync("chmod", ["-R", "u+rwx", base]);
  for (const folder of [base, programs]) fs.rmSync(folder, { recursive: true, force: true });
});

function run(act: string, { root, home }: Place, given: object): unknown {
  const ran = spawnSync(NODE, [PROGRAM, act], {
    encoding: "utf8",
    env: {
      ...process.env,
      STUDIO_ROOT: root,
      STUDIO_HOME: home,
      STUDIO_CHECKPOINT: JSON.stringify({ ...LIMITS, ...given }),
    },
  });
  if (ran.status !== 0) throw new Error(ran.stderr);
  return JSON.parse(ran.stdout);
}

let packs: string[] = [];
beforeEach(() => {
  packs = [];
});
function save(given: object = {}): Saved {
  const pack = path.join(base, `${count}-${packs.length}.pack`);
  const saved = run("save", place, { pack, ...given }) as Saved;
  if (saved.error !== undefined) throw new Error(saved.error);
  if (!saved.unchanged) packs.push(pack);
  return saved;
}
const restore = (into: Place, commit: string, of = packs) =>
  run("restore", into, { packs: of, commit }) as { error?: string; tree: string };

const write = (name: string, content: string | Buffer, mode = 0o644) => {
  const file = path.join(place.root, name);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, content, { mode });
  fs.chmodSync(file, mode);
};

/** Everything below a folder, byte for byte, with modes and links. */
function contentOf(root: string): Record<string, string> {
  const all: Record<string, string> = {};
  const walk = (folder: Buffer, name: string) => {
    for (const entry of fs.readdirSync(folder, { encoding: "buffer" })) {
      const at = Buffer.concat([folder, Buffer.from("/"), entry]);
      const stat = fs.lstatSync(at);
      const key = `${name}/${entry.toString("latin1")}`;
      const mode = stat.isSymbolicLink() ? "link" : (stat.mode & 0o777).toString(8);
      if (stat.isDirectory()) {
        all[key] = `folder ${mode}`;
        walk(at, key);
      } else if (stat.isSymbolicLink()) all[key] = `link ${fs.readlinkSync(at)}`;
      else if (stat.isFile())
        all[key] = `${mode} ${createHash("sha1").update(fs.readFileSync(at)).digest("hex")}`;
    }
  };
  walk(Buffer.from(root), "");
  return all;
}

test("odd files come back byte for byte: attributes, nested repositories, empty folders, modes, names", () => {
  write(
    ".gitattributes",
    "* text=auto eol=crlf\n*.id ident\n*.x filter=lfs\n*.u working-tree-encoding=UTF-16\n",
  );
  write("crlf.txt", "a\r\nb\nc\r");
  write("a.id", "$Id$\n");
  write("a.x", "no pointer\n");
  write("a.u", "text\n");
  write(".gitignore", ".env\n");
  write(".env", "A=1\n", 0o600);
  write("run.sh", "#!/bin/sh\n", 0o755);
  write("Case", "1");
  write("case", "2");
  write("line\nbreak", "x");
  fs.writeFileSync(Buffer.concat([Buffer.from(`${place.root}/latin-`), Buffer.from([0xe9])]), "y");
  fs.mkdirSync(path.join(place.root, "empty/in it"), { recursive: true });
  fs.symlinkSync("/etc/passwd", path.join(place.root, "out"));
  fs.symlinkSync("nowhere", path.join(place.root, "dangling"));
  const git = (folder: string, ...args: string[]) =>
    execFileSync("git", ["-C", folder, "-c", "user.name=a", "-c", "user.email=a@b", ...args]);
  write("nested/z.txt", "z\n");
  for (const folder of [place.root, path.join(place.root, "nested")]) git(folder, "init", "-q", "-b", "main");
  git(path.join(place.root, "nested"), "add", "-A");
  git(path.join(place.root, "nested"), "commit", "-qm", "unpushed");
  write("nested/z.txt", "stashed\n");
  git(path.join(place.root, "nested"), "stash", "-q");
  write("closed/in.txt", "x");
  fs.chmodSync(path.join(place.root, "closed"), 0o500);

  const { commit, tree, leftOutCount } = save();
  expect(leftOutCount).toBe(0);
  const other = makePlace();
  fs.writeFileSync(path.join(other.root, "of the project"), "goes");
  fs.mkdirSync(path.join(other.root, "node_modules"));
  expect(restore(other, commit)).toMatchObject({ tree });
  fs.rmdirSync(path.join(other.root, "node_modules"));
  expect(contentOf(other.root)).toEqual(contentOf(place.root));
  expect(git(path.join(other.root, "nested"), "stash", "list").toString()).toContain("stash@{0}");
});

test("the agent's conversations come back as they were written, and what was allowed in them does not", () => {
  const db = new DatabaseSync(databaseOf(place));
  // Not in the main file yet, and its writer goes on.
  db.exec("insert into session values ('two', 'one', 'mine')");
  const { commit } = save();
  db.close();
  const other = makePlace();
  restore(other, commit);
  const back = new DatabaseSync(databaseOf(other), { readOnly: true });
  expect(back.prepare("select id, permission from session order by id").all()).toEqual([
    { id: "one", permission: null },
    { id: "two", permission: "mine" },
  ]);
  expect(back.prepare("select * from permission").all()).toEqual([]);
  back.close();
});

test("what is new alone travels, and nothing where nothing is", () => {
  for (let name = 0; name < 50; name += 1) write(`f${name}`, Buffer.alloc(1_000, `${name} `));
  const first = save();
  expect(first).toMatchObject({ whole: true, unchanged: false });
  expect(save({ previous: first.commit })).toMatchObject({ unchanged: true, tree: first.tree });
  write("f7", Buffer.concat([Buffer.alloc(1_000, "7 "), Buffer.from("more")]));
  fs.rmSync(path.join(place.root, "f8"));
  const second = save({ previous: first.commit });
  expect(second).toMatchObject({ whole: false, files: 49 });
  expect(second.bytes).toBeLessThan(4_000);
  expect(second.sha256).toBe(createHash("sha256").update(fs.readFileSync(packs[1]!)).digest("hex"));
  const other = makePlace();
  expect(restore(other, second.commit)).toMatchObject({ tree: second.tree });
  expect(contentOf(other.root)).toEqual(contentOf(place.root));
  // The sandbox that it was restored to goes on with the chain.
  place = other;
  write("f9", "changed");
  expect(save({ previous: second.commit })).toMatchObject({ whole: false });
});

test("a shadow repository that is lost, spoiled or of another checkpoint is begun again", () => {
  write("a", "1");
  const first = save();
  write("a", "2");
  expect(save({ previous: "0".repeat(40) })).toMatchObject({ whole: true });
  const shadow = path.join(place.home, ".local/share/studio/checkpoints.git");
  const { commit } = save({ previous: first.commit });
  fs.rmSync(path.join(shadow, "objects"), { recursive: true });
  write("a", "3");
  expect(save({ previous: commit })).toMatchObject({ whole: true });
  fs.rmSync(shadow, { recursive: true });
  write("a", "4");
  const last = save({ previous: commit });
  expect(last).toMatchObject({ whole: true });
  const other = makePlace();
  restore(other, last.commit, packs.slice(-1));
  expect(fs.readFileSync(path.join(other.root, "a"), "utf8")).toBe("4");
});

test("what is too much, or no file, is left out and named, and the rest is saved", () => {
  write("small", "kept");
  write("large", Buffer.alloc(LIMITS.maxFileBytes + 1));
  execFileSync("sh", ["-c", "mkfifo pipe; truncate -s 2G huge"], { cwd: place.root });
  // As a socket's is left by a server that was killed.
  execFileSync(NODE, ["-e", "require('node:net').createServer().listen('socket', () => process.exit())"], {
    cwd: place.root,
  });
  // Where this may be made.
  spawnSync("mknod", ["device", "c", "1", "3"], { cwd: place.root });
  write("node_modules/x", "made again");
  const saved = save();
  const special = fs.readdirSync(place.root).filter((name) => /pipe|socket|device/.test(name));
  expect(special.length).toBeGreaterThan(1);
  expect(new Set(saved.leftOut.map(({ path: name, reason }) => `${name}: ${reason}`))).toEqual(
    new Set(["large: large", "huge: large", ...special.map((name) => `${name}: special`)]),
  );
  expect(saved.leftOut.find(({ path: name }) => name === "huge")).toMatchObject({ bytes: 2 ** 31 });
  for (const name of ["huge", ...special]) fs.rmSync(path.join(place.root, name));
  execFileSync("sh", ["-c", "mkfifo pipe"], { cwd: place.root });
  for (let name = 0; name < 4; name += 1) write(`t${name}`, Buffer.alloc(40_000 + name, `${name}`));
  const cut = save({ maxBytes: 100_000 });
  // The largest go first.
  expect(cut.leftOut.map(({ path: name }) => name)).toEqual(expect.arrayContaining(["t3", "t2"]));
  expect(cut).toMatchObject({ files: 3, leftOutCount: 4 });
  const few = save({ maxFiles: 2 });
  expect(few.files).toBe(2);
  expect(few.leftOut.map(({ reason }) => reason)).toContain("many");
});

test("what is left out by name is the checkpoint's own to say, whatever is left out later", () => {
  write("dist/app.js", "built");
  write("node_modules/a/index.js", "kept here");
  const { commit, tree } = save({ skip: ["dist"] });
  const into = makePlace();
  fs.mkdirSync(path.join(into.root, "dist"));
  fs.writeFileSync(path.join(into.root, "dist/other.js"), "of a snapshot");
  const restored = run("restore", into, { packs, commit, skip: ["node_modules"] });
  expect(restored).toMatchObject({ tree });
  expect(Object.keys(contentOf(into.root)).toSorted()).toEqual([
    "/dist",
    "/dist/other.js",
    "/node_modules",
    "/node_modules/a",
    "/node_modules/a/index.js",
  ]);
  // With another list it is another checkpoint, though no file has changed.
  expect(save({ skip: ["dist"], previous: commit }).unchanged).toBe(true);
  expect(save({ skip: ["dist", "tmp"], previous: commit }).unchanged).toBe(false);
});

test("how a session began is saved while its agent starts, whose database is not touched", () => {
  write("a.txt", "of the project");
  // As an agent holds it that changes how its tables are made: a reader is in its way now.
  const db = new DatabaseSync(databaseOf(place));
  db.exec("pragma journal_mode = delete; begin exclusive");
  const began = save({ withoutAgent: true });
  db.exec("rollback");
  db.close();
  const into = makePlace();
  fs.writeFileSync(databaseOf(into), "of another");
  expect(restore(into, began.commit).tree).toBe(began.tree);
  expect(fs.readFileSync(path.join(into.root, "a.txt"), "utf8")).toBe("of the project");
  expect(fs.existsSync(databaseOf(into))).toBe(false);
  // The next one leans on it, and has the conversation.
  const next = save({ previous: began.commit });
  expect(next).toMatchObject({ unchanged: false, whole: false, tree: began.tree });
  restore(into, next.commit);
  expect(fs.existsSync(databaseOf(into))).toBe(true);
});

test("a pack that is spoiled is refused, and so is a commit that is not in it", () => {
  write("a", "1");
  const { commit } = save();
  const bytes = fs.readFileSync(packs[0]!);
  bytes[bytes.length >> 1]! ^= 1;
  fs.writeFileSync(`${packs[0]}.spoiled`, bytes);
  expect(restore(makePlace(), commit, [`${packs[0]}.spoiled`]).error).toMatch(/index-pack/);
  expect(restore(makePlace(), "1".repeat(40)).error).toMatch(/missing/);
});

import { execFileSync, spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { NOT_SAVED } from "#domain/checkpoints.ts";
import { bundleAgent } from "../../../sandbox-template/bundle.ts";

/** The program of the template as sandboxes have it: its sources would be translated at each of many starts. */
const programs = fs.mkdtempSync(path.join(os.tmpdir(), "programs-"));
const PROGRAM = path.join(programs, "checkpoint.mjs");
const NODE = path.resolve("node_modules/node/bin/node");
const base = fs.mkdtempSync(path.join(os.tmpdir(), "rewind-"));
const LIMITS = { skip: NOT_SAVED, maxFileBytes: 100_000, maxBytes: 1_000_000, maxFiles: 1_000 };

let count = 0;
let root = "";
let home = "";
let packs: string[] = [];

beforeEach(() => {
  count += 1;
  root = path.join(base, `w${count}`);
  home = path.join(base, `h${count}`);
  packs = [];
  fs.mkdirSync(root);
  fs.mkdirSync(path.dirname(database()), { recursive: true });
  remember("create table session (id, parent_id, permission); create table permission (what)");
});
beforeAll(async () => await bundleAgent(process.cwd(), programs, ["checkpoint"]));
afterAll(() => {
  execFileSync("chmod", ["-R", "u+rwx", base]);
  for (const folder of [base, programs]) fs.rmSync(folder, { recursive: true, force: true });
});

const database = () => path.join(home, ".local/share/opencode/opencode.db");
function remember(sql: string): void {
  const db = new DatabaseSync(database());
  db.exec("pragma journal_mode = wal");
  db.exec(sql);
  db.close();
}
function conversations(): unknown[] {
  const db = new DatabaseSync(database());
  const rows = db.prepare("select id from session order by id").all();
  db.close();
  return rows.map(({ id }) => id);
}

function run(act: string, given: object): unknown {
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

let last: string | undefined;
beforeEach(() => {
  last = undefined;
});
function save(given: { skip?: string[] } = {}): string {
  const pack = path.join(base, `${count}-${packs.length}.pack`);
  const saved = run("save", { pack, ...(last && { previous: last }), ...given }) as {
    unchanged: boolean;
    commit: string;
  };
  if (!saved.unchanged) {
    packs.push(pack);
    last = saved.commit;
  }
  return last!;
}

interface Rewound {
  error?: string;
  missing?: true;
  counts: { added: number; changed: number; deleted: number };
  listed: { path: string; change: string; byHand: boolean }[];
  open: string[];
  openCount: number;
  kept: string[];
}
interface Rewind {
  safety?: string | null;
  files?: boolean;
  conversation?: boolean;
  packs?: string[];
  overwrite?: string[];
  keep?: string[];
  only?: string;
}
const rewind = (target: string, base: string | null, given: Rewind = {}) =>
  run("rewind", {
    target,
    base,
    safety: last,
    packs: [],
    files: true,
    conversation: false,
    overwrite: [],
    keep: [],
    own: [".env", "opencode.json"],
    only: null,
    maxListed: 10,
    maxNamed: 5,
    ...given,
  }) as Rewound;
const preview = (target: string, base: string | null, given: Rewind = {}) =>
  rewind(target, base, { ...given, safety: null });

const write = (name: string, content: string, mode = 0o644) => {
  const file = path.join(root, name);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, content, { mode });
  fs.chmodSync(file, mode);
};
const read = (name: string) => fs.readFileSync(path.join(root, name), "utf8");
const has = (name: string) => fs.lstatSync(path.join(root, name), { throwIfNoEntry: false }) !== undefined;
const remove = (name: string) => fs.rmSync(path.join(root, name), { recursive: true });

describe("a rewind of the files", () => {
  test("brings back what was changed, deleted and made, with modes, links and odd names, and undoes it", () => {
    write("a.txt", "one");
    write("run.sh", "echo", 0o755);
    write("deep/er/b.txt", "b");
    write("ü \n.txt", "odd");
    fs.symlinkSync("a.txt", path.join(root, "link"));
    fs.mkdirSync(path.join(root, "empty"));
    write("locked/in.txt", "in");
    fs.chmodSync(path.join(root, "locked"), 0o555);
    const first = save();
    fs.chmodSync(path.join(root, "locked"), 0o755);
    write("a.txt", "two");
    write("run.sh", "echo", 0o644);
    remove("deep");
    write("deep", "a file now");
    remove("link");
    remove("empty");
    remove("locked");
    fs.symlinkSync("/etc", path.join(root, "locked"));
    write("new/c.txt", "c");
    const second = save();
    expect(preview(first, second)).toMatchObject({
      counts: { added: 3, changed: 4, deleted: 1 },
      openCount: 0,
    });
    expect(read("a.txt")).toBe("two");
    expect(rewind(first, second)).toMatchObject({ kept: [], openCount: 0 });
    expect(read("a.txt")).toBe("one");
    expect(fs.statSync(path.join(root, "run.sh")).mode & 0o777).toBe(0o755);
    expect(read("deep/er/b.txt")).toBe("b");
    expect(fs.readlinkSync(path.join(root, "link"))).toBe("a.txt");
    expect([has("empty"), has("new"), has("ü \n.txt")]).toEqual([true, false, true]);
    expect(read("locked/in.txt")).toBe("in");
    expect(fs.statSync(path.join(root, "locked")).mode & 0o777).toBe(0o555);
    expect(fs.readdirSync("/etc")).not.toContain("in.txt");
    const after = save();
    expect(rewind(second, after)).toMatchObject({ kept: [], openCount: 0 });
    expect([read("deep"), read("new/c.txt"), has("empty")]).toEqual(["a file now", "c", false]);
    expect(fs.readlinkSync(path.join(root, "locked"))).toBe("/etc");
  });

  test("leaves a folder that may not be written to as it was, whatever its name", () => {
    const folder = path.join(root, "schloß");
    write("schloß/in.txt", "one");
    fs.chmodSync(folder, 0o555);
    const first = save();
    fs.chmodSync(folder, 0o755);
    write("schloß/in.txt", "two");
    fs.chmodSync(folder, 0o555);
    const second = save();
    rewind(first, second);
    expect(read("schloß/in.txt")).toBe("one");
    expect(fs.statSync(folder).mode & 0o777).toBe(0o555);
  });

  test("is done again after it broke off, and changes nothing where it is done", () => {
    for (let name = 0; name < 20; name += 1) write(`${name}.txt`, "one");
    const first = save();
    for (let name = 0; name < 20; name += 1) write(`${name}.txt`, "two");
    const second = save();
    // As it is left by one that was killed.
    for (let name = 0; name < 10; name += 1) write(`${name}.txt`, "one");
    expect(rewind(first, second)).toMatchObject({ kept: [] });
    expect(rewind(first, second)).toMatchObject({ kept: [] });
    for (let name = 0; name < 20; name += 1) expect(read(`${name}.txt`)).toBe("one");
  });

  test("leaves alone what checkpoints leave out, and the sandbox's own files", () => {
    write(".env", "KEY=1");
    write("package.json", "1");
    const first = save();
    write(".env", "KEY=2");
    write("package.json", "2");
    write("made/node_modules/a/index.js", "a");
    const second = save();
    rewind(first, second);
    expect([read(".env"), read("package.json"), read("made/node_modules/a/index.js")]).toEqual([
      "KEY=2",
      "1",
      "a",
    ]);
  });

  test("leaves alone what one of its checkpoints leaves out, and the others hold", () => {
    write("dist/app.js", "first");
    write("a.txt", "first");
    const target = save();
    write("dist/app.js", "second");
    write("a.txt", "second");
    const base = save({ skip: ["dist"] });
    const { counts, openCount } = rewind(target, base);
    expect([counts, openCount]).toEqual([{ added: 0, changed: 1, deleted: 0 }, 0]);
    expect(read("a.txt")).toBe("first");
    expect(read("dist/app.js")).toBe("second");
  });

  test("takes what the sandbox no longer has from packs, and says before that it is missing", () => {
    write("a.txt", "one");
    const first = save();
    const before = [...packs];
    last = undefined;
    write("a.txt", "two");
    // A whole one begins the shadow repository again.
    const second = save();
    expect(rewind(first, second)).toEqual({ missing: true });
    expect(read("a.txt")).toBe("two");
    expect(rewind(first, second, { packs: before })).toMatchObject({ kept: [] });
    expect(read("a.txt")).toBe("one");
  });

  test("does not take an object that the sandbox has replaced", () => {
    write("a.txt", "one");
    const first = save();
    write("a.txt", "two");
    const second = save();
    const objects = path.join(home, ".local/share/studio/checkpoints.git/objects");
    const place = (text: string) => {
      const oid = execFileSync("git", ["hash-object", "--stdin"], { input: text, encoding: "utf8" }).trim();
      return path.join(objects, oid.slice(0, 2), oid.slice(2));
    };
    fs.copyFileSync(place("two"), place("one"));
    const { error, missing } = rewind(first, second);
    expect(error !== undefined || missing === true).toBe(true);
    expect(read("a.txt")).toBe("two");
  });
});

describe("what a person has changed by hand", () => {
  let first = "";
  let second = "";
  beforeEach(() => {
    write("mine/a.txt", "one");
    write("b.txt", "one");
    first = save();
    write("mine/a.txt", "two");
    write("b.txt", "two");
    second = save();
    write("mine/a.txt", "mine");
    write("mine/new.txt", "new");
  });

  test("is listed, and in the way until somebody says what becomes of it", () => {
    const seen = preview(first, second);
    expect(seen.listed).toEqual([
      { path: "b.txt", change: "changed", byHand: false },
      { path: "mine/a.txt", change: "changed", byHand: true },
      { path: "mine/new.txt", change: "deleted", byHand: true },
    ]);
    expect(seen).toMatchObject({ open: ["mine/a.txt", "mine/new.txt"], openCount: 2 });
    save();
    expect(rewind(first, second, { overwrite: ["mine/a.txt"] })).toMatchObject({ open: ["mine/new.txt"] });
    expect([read("b.txt"), read("mine/a.txt")]).toEqual(["two", "mine"]);
  });

  test("is kept or overwritten, as is said of it or of the closest folder", () => {
    save();
    rewind(first, second, { overwrite: ["/"], keep: ["mine/new.txt"] });
    expect([read("b.txt"), read("mine/a.txt"), read("mine/new.txt")]).toEqual(["one", "one", "new"]);
  });

  test("is kept with the folders that it is in", () => {
    write("b.txt", "two");
    remove("b.txt");
    write("b.txt/mine", "mine");
    save();
    rewind(first, second, { keep: ["/"] });
    expect([read("b.txt/mine"), read("mine/a.txt")]).toEqual(["mine", "mine"]);
  });

  test("is everything where it is not known how the agent left the files", () => {
    expect(preview(first, null)).toMatchObject({ openCount: 3 });
  });

  test("is kept where it came after the last look", () => {
    save();
    write("b.txt", "just now");
    fs.mkdirSync(path.join(root, "x"));
    expect(rewind(first, second, { overwrite: ["/"] })).toMatchObject({ kept: ["b.txt"] });
    expect([read("b.txt"), read("mine/a.txt")]).toEqual(["just now", "one"]);
  });

  test("is not replaced where something stands there that is no file", () => {
    remove("b.txt");
    execFileSync("sh", ["-c", "mkfifo b.txt"], { cwd: root });
    save();
    expect(rewind(first, second, { overwrite: ["/"] })).toMatchObject({ kept: ["b.txt"] });
    expect(fs.lstatSync(path.join(root, "b.txt")).isFIFO()).toBe(true);
  });
});

test("the conversation goes back with the files or without them, and nothing that was allowed comes back", () => {
  write("a.txt", "one");
  remember("insert into session values ('one', null, 'all'); insert into permission values ('all')");
  const first = save();
  write("a.txt", "two");
  remember("insert into session values ('two', null, null)");
  const second = save();
  rewind(first, second, { files: false, conversation: true });
  expect([conversations(), read("a.txt")]).toEqual([["one"], "two"]);
  rewind(second, second, { conversation: true });
  expect(conversations()).toEqual(["one", "two"]);
  rewind(first, second, { conversation: true });
  expect([conversations(), read("a.txt")]).toEqual([["one"], "one"]);
  const db = new DatabaseSync(database());
  expect(db.prepare("select * from permission").all()).toEqual([]);
  expect(db.prepare("select permission from session").all()).toEqual([{ permission: null }]);
  db.close();
});

describe("one file", () => {
  const restore = (only: string, target: string, base: string | null, given: Rewind = {}) =>
    preview(target, base, { only, ...given });

  test("comes back alone, also where it is gone, with its folders", () => {
    write("a/b.txt", "one", 0o755);
    write("c.txt", "one");
    const first = save();
    remove("a");
    write("c.txt", "two");
    const second = save();
    expect(restore("a/b.txt", first, second)).toMatchObject({
      listed: [{ path: "a/b.txt", change: "added", byHand: false }],
      kept: [],
    });
    expect([read("a/b.txt"), read("c.txt")]).toEqual(["one", "two"]);
    expect(fs.statSync(path.join(root, "a/b.txt")).mode & 0o777).toBe(0o755);
    expect(restore("a/b.txt", first, second)).toMatchObject({ listed: [], openCount: 0 });
  });

  test("that was changed by hand is replaced only where that is said", () => {
    write("c.txt", "one");
    const first = save();
    write("c.txt", "two");
    const second = save();
    write("c.txt", "mine");
    expect(restore("c.txt", first, second)).toMatchObject({ open: ["c.txt"], openCount: 1 });
    expect(read("c.txt")).toBe("mine");
    restore("c.txt", first, second, { overwrite: ["c.txt"] });
    expect(read("c.txt")).toBe("one");
  });

  test("is not written through a link, or over a folder; a folder, or none, is refused", () => {
    const outside = path.join(base, `outside${count}`);
    fs.mkdirSync(outside);
    write("a/b.txt", "one");
    const first = save();
    remove("a");
    fs.symlinkSync(outside, path.join(root, "a"));
    const second = save();
    expect(restore("a/b.txt", first, second)).toMatchObject({ kept: ["a/b.txt"] });
    expect(fs.readdirSync(outside)).toEqual([]);
    remove("a");
    write("a/b.txt/mine", "mine");
    expect(restore("a/b.txt", first, second, { overwrite: ["/"] })).toMatchObject({ kept: ["a/b.txt"] });
    for (const none of ["a", "nothing", "../a", ""])
      expect(restore(none, first, second)).toMatchObject({
        error: expect.stringContaining("no such file"),
        kind: "no_file",
      });
  });
});

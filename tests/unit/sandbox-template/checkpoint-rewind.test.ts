import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { beforeEach, describe, expect, test } from "vitest";
import {
  beginAgain,
  database,
  type Rewind,
  conversations,
  has,
  packs,
  preview,
  read,
  remember,
  remove,
  rewind,
  rewindWorld,
  root,
  save,
  write,
} from "./rewind-world.ts";

rewindWorld();

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
    beginAgain();
    write("a.txt", "two");
    const second = save();
    expect(rewind(first, second)).toEqual({ missing: true });
    expect(read("a.txt")).toBe("two");
    expect(rewind(first, second, { packs: before })).toMatchObject({ kept: [] });
    expect(read("a.txt")).toBe("one");
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
    const outside = `${root}-outside`;
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

import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, expect, test } from "vitest";
import { partOf, patchFiles } from "#client/patch.ts";
import { reviewMessage } from "#client/review.ts";
import { git } from "#tests/git-server.ts";

const place = fs.mkdtempSync(path.join(os.tmpdir(), "patch-"));
afterAll(() => fs.rmSync(place, { recursive: true, force: true }));
const write = (file: string, text: string | Buffer, mode?: number) => {
  fs.writeFileSync(path.join(place, file), text, { mode });
  if (mode !== undefined) fs.chmodSync(path.join(place, file), mode);
};
const read = (file: string) => fs.readFileSync(path.join(place, file), "utf8");
const changes = () =>
  patchFiles(git(place, ["-c", "core.quotePath=false", "diff", "--find-renames", "HEAD"]));
const commit = () => {
  git(place, ["add", "--all"]);
  git(place, ["commit", "-qm", "Some"]);
};
git(place, ["init", "-q", "-b", "main"]);

test("a patch of git's is read file by file: renames, modes, binary files, odd names", () => {
  write("a.txt", "one\ntwo\n");
  write("before.txt", "the same for long enough\nto be known\n");
  write("run.sh", "#!/bin/sh\n");
  write("gone.txt", "x\n");
  write("picture.bin", Buffer.from([0, 1, 2]));
  write("ä b.txt", "o\n");
  write('quote"d.txt', "o\n");
  commit();
  // A line that looks like a header is a line.
  write("a.txt", "one\ndiff --git a/x b/x\n@@ -1 +1 @@\n");
  git(place, ["mv", "before.txt", "after.txt"]);
  write("run.sh", "#!/bin/sh\n", 0o755);
  fs.rmSync(path.join(place, "gone.txt"));
  write("picture.bin", Buffer.from([0, 9]));
  write("ä b.txt", "p\n");
  write('quote"d.txt', "no newline");
  write("new.txt", "n\n");
  git(place, ["add", "--all"]);
  const files = changes().map(({ path: file, from, kind, modes, isBinary, added, removed }) => [
    file,
    kind,
    ...(from === undefined ? [] : [from]),
    ...(modes ? [`${modes.before} ${modes.after}`] : []),
    ...(isBinary ? ["binary"] : []),
    `+${added} -${removed}`,
  ]);
  expect(files.toSorted(([a = ""], [b = ""]) => (a < b ? -1 : 1))).toEqual([
    ["a.txt", "changed", "+2 -1"],
    ["after.txt", "renamed", "before.txt", "+0 -0"],
    ["gone.txt", "deleted", "+0 -1"],
    ["new.txt", "new", "+1 -0"],
    ["picture.bin", "changed", "binary", "+0 -0"],
    ['quote"d.txt', "changed", "+1 -1"],
    ["run.sh", "changed", "100644 100755", "+0 -0"],
    ["ä b.txt", "changed", "+1 -1"],
  ]);
  expect(patchFiles("no patch at all")).toEqual([]);
  commit();
});

test("one of several hunks is applied or taken back at its own place, though its lines stand elsewhere too", () => {
  // The same block many times over: only its line says which one is meant.
  const block = ["start", "a", "b", "c", "x", "d", "e", "f", "end"];
  const lines = Array.from({ length: 12 }, () => block).flat();
  write("same.txt", `${lines.join("\n")}\n`);
  commit();
  const changed = [...lines];
  changed.splice(4, 1, ...Array.from({ length: 20 }, (_, index) => `first ${index}`));
  changed[changed.length - 1 - 4] = "last";
  write("same.txt", `${changed.join("\n")}\n`);
  const [file] = changes();
  if (!file) throw new Error("no change");
  expect(file.hunks).toHaveLength(2);
  git(place, ["apply", "--cached", "-"], partOf(file, file.hunks.slice(1), "apply"));
  const expected = lines.with(lines.length - 1 - 4, "last");
  expect(git(place, ["show", ":same.txt"])).toBe(`${expected.join("\n")}\n`);
  git(place, ["reset", "-q"]);
  git(place, ["apply", "--reverse", "-"], partOf(file, file.hunks.slice(1), "takeBack"));
  expect(read("same.txt")).toBe(`${changed.with(changed.length - 1 - 4, "x").join("\n")}\n`);
  expect(partOf(file, file.hunks, "apply")).toBe(file.patch);
});

test("five thousand changed lines are read", () => {
  write("long.txt", `${Array.from({ length: 5_000 }, (_, index) => `line ${index}`).join("\n")}\n`);
  git(place, ["add", "--all"]);
  const patch = git(place, ["diff", "HEAD"]);
  expect(patchFiles(patch).find(({ path: file }) => file === "long.txt")?.added).toBe(5_000);
});

test("comments go to the agent as one message, each with its place", () => {
  const said = reviewMessage([
    { path: "shop/a.txt", line: { op: "add", text: "const a = 1;", after: 12 }, text: "Name it.\n" },
    { path: "shop/b.txt", line: { op: "del", text: "check();", before: 3 }, text: "Why is it gone?" },
  ]);
  expect(said).toContain("1. shop/a.txt, line 12:\n> const a = 1;\n\nName it.");
  expect(said).toContain("2. shop/b.txt, line 3 before the change:\n> check();\n\nWhy is it gone?");
});

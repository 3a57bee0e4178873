import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { patchFiles } from "#client/patch.ts";
import { MAX_MATCH_CHARS, MAX_MATCHES } from "#contracts/saved.ts";
import { compareSaved, searchSaved } from "#server/checkpoints/looks.ts";
import { removeLeft, SavedWorkspace } from "#server/checkpoints/saved-workspace.ts";

const base = fs.mkdtempSync(path.join(os.tmpdir(), "looks-"));
afterAll(() => fs.rmSync(base, { recursive: true, force: true }));

const work = path.join(base, "work");
const git = (...args: string[]) =>
  execFileSync("git", ["-C", work, "-c", "user.name=a", "-c", "user.email=a@b", ...args])
    .toString()
    .trim();
/** Commits the folder as it is. @returns the workspace's tree */
function commit(files: Record<string, string | Buffer | null>): string {
  for (const [name, content] of Object.entries(files)) {
    const place = path.join(work, "workspace", name);
    fs.mkdirSync(path.dirname(place), { recursive: true });
    if (content === null) fs.rmSync(place);
    else fs.writeFileSync(place, content);
  }
  git("-c", "core.autocrlf=false", "add", "-Af");
  git("commit", "-qm", "x");
  return git("rev-parse", "HEAD:workspace");
}

let before: string;
let after: SavedWorkspace;
let pack: Buffer;
beforeAll(async () => {
  fs.mkdirSync(work, { recursive: true });
  git("init", "-q");
  before = commit({
    ".gitattributes": "* -diff\n*.txt diff=odd\n",
    ".env": "SECRET needle\n",
    "sub/.env": "a needle of a person's own\n",
    "a.txt": "one\nNeedle in a line\n",
    "dir/ü b.txt": "x\ny needle\r\n",
    "binary.bin": Buffer.from([0, 1, 2, ...Buffer.from("needle\n")]),
    "long.txt": `${"x".repeat(5_000)}needle${"y".repeat(5_000)}\n`,
    "gone.txt": "gone\n",
  });
  const tree = commit({
    ".env": "SECRET changed\n",
    "a.txt": "one\nNeedle in a line\nthree\n",
    "gone.txt": null,
    "new.txt": "new\n",
    "binary.bin": Buffer.from([0, 9]),
  });
  after = new SavedWorkspace(fs.mkdtempSync(path.join(base, "saved-")), tree);
  pack = execFileSync("git", ["-C", work, "pack-objects", "--stdout", "--revs", "-q"], {
    input: "HEAD\n",
  });
  await after.load([async () => new Blob([new Uint8Array(pack)]).stream()]);
});

test("a pack whose source ends after git has read all of it is taken, and a source that fails then counts", async () => {
  const load = async (end: (controller: ReadableStreamDefaultController<Uint8Array>) => void) => {
    const saved = new SavedWorkspace(fs.mkdtempSync(path.join(base, "late-")), before);
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        controller.enqueue(new Uint8Array(pack));
        // Long after git has ended, which it does by itself.
        setTimeout(() => end(controller), 500);
      },
    });
    await saved.load([async () => body]);
    return (await saved.at("a.txt"))?.kind;
  };
  expect(await load((controller) => controller.close())).toBe("file");
  await expect(load((controller) => controller.error(new Error("spoiled")))).rejects.toThrow("spoiled");
});

test("words are found in any case, with their lines, and never in the sandbox's own keys", async () => {
  const { matches, truncated } = await searchSaved(after, "NEEDLE");
  expect(truncated).toBe(false);
  expect(matches.map(({ path: place, line }) => [place, line])).toEqual([
    ["a.txt", 2],
    ["dir/ü b.txt", 2],
    ["long.txt", 1],
    ["sub/.env", 1],
  ]);
  expect(matches[1]?.text).toBe("y needle");
  expect(matches[2]?.text).toContain("needle");
  expect(matches[2]?.text.length).toBeLessThanOrEqual(MAX_MATCH_CHARS + 2);
});

test("what is asked is no pattern and no option", async () => {
  expect(await searchSaved(after, "n.edle")).toEqual({ matches: [], truncated: false });
  expect(await searchSaved(after, "--help")).toEqual({ matches: [], truncated: false });
});

test("as many are listed as may be", async () => {
  const tree = commit({ "many.txt": "again\n".repeat(MAX_MATCHES + 50) });
  const many = new SavedWorkspace(fs.mkdtempSync(path.join(base, "many-")), tree);
  const pack = execFileSync("git", ["-C", work, "pack-objects", "--stdout", "--revs", "-q"], {
    input: "HEAD\n",
  });
  await many.load([async () => new Blob([new Uint8Array(pack)]).stream()]);
  const { matches, truncated } = await searchSaved(many, "again");
  expect(matches).toHaveLength(MAX_MATCHES);
  expect(truncated).toBe(true);
});

test("two are compared, whatever their attributes, without the sandbox's own keys", async () => {
  const { files, patch, truncated } = await compareSaved(after, before);
  expect(files).toEqual([
    { path: "a.txt", change: "changed" },
    { path: "binary.bin", change: "changed" },
    { path: "gone.txt", change: "deleted" },
    { path: "new.txt", change: "added" },
  ]);
  expect(truncated).toBe(false);
  const read = patchFiles(patch);
  expect(
    read.map(({ path: place, kind, isBinary, added, removed }) => [place, kind, isBinary, added, removed]),
  ).toEqual([
    ["a.txt", "changed", false, 1, 0],
    ["binary.bin", "changed", true, 0, 0],
    ["gone.txt", "deleted", false, 0, 1],
    ["new.txt", "new", false, 1, 0],
  ]);
  expect(patch).not.toContain("SECRET");
});

test("without an earlier one, all of it is new", async () => {
  const { files } = await compareSaved(after, null);
  expect(files.every(({ change }) => change === "added")).toBe(true);
  expect(files.map(({ path: place }) => place)).not.toContain(".env");
});

test("a patch that is too long ends with a whole file", async () => {
  const big = "line of text\n".repeat(120_000);
  const tree = commit({ "big1.txt": big, "big2.txt": big, "small.txt": "s\n" });
  const large = new SavedWorkspace(fs.mkdtempSync(path.join(base, "large-")), tree);
  const pack = execFileSync("git", ["-C", work, "pack-objects", "--stdout", "--revs", "-q"], {
    input: "HEAD\n",
  });
  await large.load([async () => new Blob([new Uint8Array(pack)]).stream()]);
  const { files, patch, truncated } = await compareSaved(large, after.tree);
  expect(truncated).toBe(true);
  expect(files.map(({ path: place }) => place)).toContain("small.txt");
  expect(patchFiles(patch).map(({ path: place, added }) => [place, added])).toEqual([["big1.txt", 120_000]]);
});

test("what a killed server has left on the machine goes, and nothing else", async () => {
  const folder = fs.mkdtempSync(path.join(base, "left-"));
  const make = (name: string, ageMs: number) => {
    fs.mkdirSync(path.join(folder, name, "objects"), { recursive: true });
    const at = new Date(Date.now() - ageMs);
    fs.utimesSync(path.join(folder, name), at, at);
  };
  make("studio-saved-old", 2 * 3_600_000);
  make("studio-saved-used", 60_000);
  make("somebody's-own", 2 * 3_600_000);
  fs.writeFileSync(path.join(folder, "studio-saved-file"), "");
  fs.symlinkSync(path.join(folder, "somebody's-own"), path.join(folder, "studio-saved-link"));
  await removeLeft(folder);
  expect(fs.readdirSync(folder).toSorted()).toEqual([
    "somebody's-own",
    "studio-saved-file",
    "studio-saved-link",
    "studio-saved-used",
  ]);
  expect(fs.existsSync(path.join(folder, "somebody's-own/objects"))).toBe(true);
});

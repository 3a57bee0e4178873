import fs from "node:fs";
import os from "node:os";
import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { commitOf, git, GIT_PASSWORD, GIT_USER, GitServer } from "#tests/git-server.ts";

vi.mock("../../../lib/server/env.ts", async (original) => ({
  ...(await original<object>()),
  env: () => ({ STUDIO_ALLOW_PRIVATE_URLS: true, STUDIO_GIT_SILENCE_SECONDS: 7 }),
}));
const { filesOnServer } = await import("#server/git/fetch-files.ts");
const { isSkillFile } = await import("#server/skills/import-paths.ts");

const TEXT = "---\nname: one\ndescription: d\n---\nText.\n";
const FILES = {
  "README.md": "# Skills\n",
  "skills/one/SKILL.md": TEXT,
  "skills/two/SKILL.md": TEXT.replace("one", "two"),
  "skills/two/notes.txt": "no",
  "node_modules/x/SKILL.md": "no",
  "other/three/SKILL.md": TEXT.replace("one", "three"),
};

let server: GitServer;
/** Of temporary files, so that what is left behind is seen. */
let folder: string;
beforeAll(async () => {
  folder = fs.mkdtempSync(`${os.tmpdir()}/git-files-`);
  vi.stubEnv("TMPDIR", folder);
  server = await GitServer.start();
  server.make("acme/skills", commitOf(FILES));
});
afterAll(async () => {
  await server.stop();
  vi.unstubAllEnvs();
  fs.rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => {
  server.mode = "open";
});

const allow = (name: string) => git(server.at(name), ["config", "uploadpack.allowFilter", "true"]);
const read = async (
  name: string,
  more: { ref?: string; folder?: string; maxFiles?: number; maxBytes?: number; maxPackBytes?: number } = {},
) => {
  const files = await filesOnServer(
    { slug: "house", kind: "git", baseUrl: server.url, username: GIT_USER, token: GIT_PASSWORD },
    { repository: name, remotePath: `${name}.git` },
    { isWanted: isSkillFile, maxFiles: 100, maxBytes: 65_536, ...more },
  );
  return files.map(({ path: at, bytes }) => [at, bytes && bytes.toString()]);
};
/** A repository whose tree is what `git mktree` makes of these lines. */
function treeOf(name: string, lines: string): void {
  const place = server.make(name);
  const tree = git(place, ["mktree", "--missing"], lines).trim();
  git(place, ["update-ref", "refs/heads/main", git(place, ["commit-tree", "-m", "x", tree]).trim()]);
}
const blobIn = (name: string, content: string | Buffer) =>
  git(server.at(name), ["hash-object", "-w", "--stdin"], content).trim();
const left = () => fs.readdirSync(folder).filter((name) => name.startsWith("studio-"));

describe.each([
  ["that sends everything", false],
  ["that leaves out what is not asked for", true],
])("a server %s", (_, filters) => {
  test("gives the files that are wanted, at a branch, tag or commit, or of one folder", async () => {
    const name = filters ? "acme/filtering" : "acme/skills";
    if (filters) {
      server.make(name, commitOf(FILES));
      allow(name);
    }
    const all = [
      ["other/three/SKILL.md", FILES["other/three/SKILL.md"]],
      ["skills/one/SKILL.md", TEXT],
      ["skills/two/SKILL.md", FILES["skills/two/SKILL.md"]],
    ];
    expect(await read(name)).toEqual(all);
    const place = server.at(name);
    git(place, ["tag", "-f", "-a", "-m", "x", "v1", "main"]);
    const commit = git(place, ["rev-parse", "main"]).trim();
    for (const ref of filters ? ["main"] : ["v1", commit]) expect(await read(name, { ref })).toEqual(all);
    expect(await read(name, { folder: "skills" })).toEqual(all.slice(1));
    expect(await read(name, { folder: "skill" })).toEqual([]);
    expect(await read(name, { folder: ":(top)skills" }).catch((error: Error) => error.message)).not.toEqual(
      all,
    );
    expect(left()).toEqual([]);
  });
});

test("a link is never followed, and no file that is too large is read", async () => {
  const place = server.make("acme/links");
  const target = blobIn("acme/links", "/etc/passwd");
  const large = blobIn("acme/links", "x".repeat(2_000));
  const one = git(place, ["mktree"], `120000 blob ${target}\tSKILL.md\n`).trim();
  const two = git(place, ["mktree"], `100644 blob ${large}\tSKILL.md\n`).trim();
  const three = `160000 commit ${"a".repeat(40)}\tSKILL.md\n`;
  const module_ = git(place, ["mktree", "--missing"], three).trim();
  const tree = git(
    place,
    ["mktree"],
    [`040000 tree ${one}\tlink`, `040000 tree ${module_}\tmodule`, `040000 tree ${two}\tlarge`, ""].join(
      "\n",
    ),
  ).trim();
  git(place, ["update-ref", "refs/heads/main", git(place, ["commit-tree", "-m", "x", tree]).trim()]);
  for (const filters of [false, true]) {
    if (filters) allow("acme/links");
    expect(await read("acme/links", { maxBytes: 1_000 })).toEqual([
      ["large/SKILL.md", null],
      ["link/SKILL.md", null],
      ["module/SKILL.md", null],
    ]);
  }
});

test("a tree that unfolds without end, and one with more files than are taken, are refused", async () => {
  const place = server.make("acme/bomb");
  const blob = blobIn("acme/bomb", TEXT);
  let below = git(place, ["mktree"], `100644 blob ${blob}\tSKILL.md\n`).trim();
  for (let level = 0; level < 12; level += 1)
    below = git(
      place,
      ["mktree"],
      Array.from({ length: 10 }, (_, n) => `040000 tree ${below}\td${n}\n`).join(""),
    ).trim();
  git(place, ["update-ref", "refs/heads/main", git(place, ["commit-tree", "-m", "x", below]).trim()]);
  await expect(read("acme/bomb")).rejects.toThrow("more than 100 files");
  await expect(read("acme/skills", { maxFiles: 2 })).rejects.toThrow("more than 2 files");
  expect(left()).toEqual([]);
});

test("a repository that is larger than is read is refused, unless its server leaves the rest out", async () => {
  const name = "acme/large";
  const place = server.make(name);
  const large = `100644 blob ${blobIn(name, randomBytes(300_000))}\tfile\n`;
  const skill = `100644 blob ${blobIn(name, TEXT)}\tSKILL.md\n`;
  const tree = git(place, ["mktree"], skill + large).trim();
  git(place, ["update-ref", "refs/heads/main", git(place, ["commit-tree", "-m", "x", tree]).trim()]);
  const maxPackBytes = 200_000;
  await expect(read(name, { maxPackBytes })).rejects.toThrow("is larger than the 200000 bytes");
  allow(name);
  expect(await read(name, { maxPackBytes })).toEqual([["SKILL.md", TEXT]]);
  expect(left()).toEqual([]);
});

test("what isn't there, or breaks off, has its own sentence, and leaves nothing behind", async () => {
  await expect(read("acme/none")).rejects.toThrow("has no acme/none");
  await expect(read("acme/skills", { ref: "nowhere" })).rejects.toThrow("no branch or tag");
  await expect(read("acme/skills", { ref: "b".repeat(40) })).rejects.toThrow("can't be read");
  server.mode = "revokes-fetches";
  await expect(read("acme/skills")).rejects.toThrow("doesn't accept the credential");
  server.mode = "open";
  treeOf("acme/odd", `100644 blob ${"c".repeat(40)}\tSKILL.md\n`);
  await expect(read("acme/odd")).rejects.toThrow("can't be read");
  expect(left()).toEqual([]);
});

import { execFile } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { commitOf, git, GitServer } from "#tests/git-server.ts";
import { bundleAgent } from "../../../sandbox-template/bundle.ts";

/** What people do to a repository in a sandbox, with a git server of git's own. */
const programs = fs.mkdtempSync(path.join(os.tmpdir(), "programs-"));
const PROGRAM = path.join(programs, "git.mjs");
const root = fs.mkdtempSync(path.join(os.tmpdir(), "workspace-"));
const home = fs.mkdtempSync(path.join(os.tmpdir(), "home-"));
const LINES = Array.from({ length: 40 }, (_, index) => `line ${index}`);
const TEXT = `${LINES.join("\n")}\n`;
const shop = path.join(root, "shop");
let server: GitServer;
let base: string;
let repository = 0;
let name: string;

let acts: Record<string, (given: never) => unknown>;
beforeAll(async () => {
  await bundleAgent(process.cwd(), programs, ["git"]);
  vi.stubEnv("HOME", home);
  vi.stubEnv("STUDIO_ROOT", root);
  acts = {
    ...(await import("../../../sandbox-template/agent/git-change.ts")),
    ...(await import("../../../sandbox-template/agent/git-commit.ts")),
    ...(await import("../../../sandbox-template/agent/git-work.ts")),
  };
  server = await GitServer.start();
  fs.writeFileSync(path.join(home, ".gitconfig"), "[user]\n\tname = Ada\n\temail = ada@example.com\n");
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await server.stop();
  for (const folder of [root, home, programs]) fs.rmSync(folder, { recursive: true, force: true });
});

/** Does something as the program does; it waits for git wholly, so what needs the server is another process. */
async function run(act: string, given: object = {}): Promise<Record<string, unknown>> {
  const wanted = { folder: "shop", ...given };
  if (act !== "update" && act !== "clone") return acts[act]?.(wanted as never) as Record<string, unknown>;
  const { stdout } = await promisify(execFile)(path.resolve("node_modules/node/bin/node"), [PROGRAM, act], {
    env: { ...process.env, STUDIO_GIT: JSON.stringify(wanted) },
  });
  return JSON.parse(stdout) as Record<string, unknown>;
}
const write = (file: string, text: string) => fs.writeFileSync(path.join(shop, file), text);
const read = (file: string) => fs.readFileSync(path.join(shop, file), "utf8");
const changed = (at: number, text: string, before = TEXT) => {
  const lines = before.split("\n");
  lines[at] = text;
  return lines.join("\n");
};
const diff = async (given: object = {}) =>
  Buffer.from(String((await run("diff", { base: "HEAD", ...given })).patch), "base64").toString();
const files = async () =>
  ((await run("status", { base })).files as { path: string; staged: string; unstaged: string }[]).map(
    ({ path: file, staged, unstaged }) => `${staged}${unstaged} ${file}`,
  );
/** A patch with one of its places alone. */
function placeOf(patch: string, at: number): string {
  const [head = "", ...places] = patch.split(/^(?=@@ )/m);
  return head + (places[at] ?? "");
}
const commit = async (given: object) =>
  await run("commit", { message: "Some", author: "Mara <mara@example.com>", ...given });

beforeEach(() => {
  fs.rmSync(shop, { recursive: true, force: true });
  fs.mkdirSync(shop);
  git(shop, ["init", "-q", "-b", "studio/x-work"]);
  write("a.txt", TEXT);
  write("b.txt", "b\n");
  git(shop, ["add", "."]);
  git(shop, ["commit", "-qm", "Begin"]);
  base = git(shop, ["rev-parse", "HEAD"]).trim();
});

/** The same as a clone of its last commit. */
async function cloned(): Promise<void> {
  name = `acme/shop-${(repository += 1)}`;
  server.make(name, commitOf({ "a.txt": TEXT, "b.txt": "b\n" }));
  base = git(server.at(name), ["rev-parse", "main"]).trim();
  const made = await run("clone", {
    url: `${server.ownUrl}/${name}.git`,
    repository: name,
    base: { ref: "refs/heads/main", commit: base },
    full: false,
    branch: "studio/x-work",
    agent: "OpenCode <noreply@opencode.ai>",
    timeoutMs: 60_000,
  });
  expect(made["words"]).toBeUndefined();
}

test("one place of a file is committed, the other stays; whole files go with it", async () => {
  write("a.txt", changed(35, "second", changed(2, "first")));
  write("b.txt", "B\n");
  write("new.txt", "new\n");
  const patch = await diff({ path: "a.txt" });
  const made = await commit({ paths: ["new.txt"], patch: placeOf(patch, 0) });
  expect(made.commit).toMatch(/^[0-9a-f]{40}$/);
  expect(git(shop, ["show", "--format=", "--name-only"])).toBe("a.txt\nnew.txt\n");
  expect(git(shop, ["show", "HEAD:a.txt"])).toBe(changed(2, "first"));
  expect(read("a.txt")).toContain("second");
  expect((await files()).toSorted()).toEqual([".M a.txt", ".M b.txt"]);
  // What the agent has staged itself is committed once.
  git(shop, ["add", "a.txt"]);
  await commit({ patch: placeOf(await diff({ path: "a.txt" }), 0) });
  expect(await files()).toEqual([".M b.txt"]);
  expect(git(shop, ["show", "HEAD:a.txt"])).toContain("second");
  // A change that isn't there anymore is refused, and nothing is committed.
  const head = git(shop, ["rev-parse", "HEAD"]);
  expect((await commit({ patch: placeOf(patch, 0) })).words).toMatch(/patch/);
  expect(git(shop, ["rev-parse", "HEAD"])).toBe(head);
});

test("files go back to the last commit, new ones go; ignored ones and others stay", async () => {
  write(".gitignore", "kept.log\n");
  await commit({ paths: [".gitignore"] });
  write("a.txt", "other\n");
  fs.rmSync(path.join(shop, "b.txt"));
  write("new.txt", "n\n");
  write("staged.txt", "s\n");
  git(shop, ["add", "staged.txt"]);
  write("kept.log", "k\n");
  write(":(glob)*", "odd\n");
  write("other.txt", "o\n");
  const paths = ["a.txt", "b.txt", "new.txt", "staged.txt", "kept.log", ":(glob)*"];
  expect(await run("discard", { paths })).toEqual({ done: true });
  expect([read("a.txt"), read("b.txt"), read("kept.log")]).toEqual([TEXT, "b\n", "k\n"]);
  expect(await files()).toEqual([".? other.txt"]);
  // Nothing beyond the repository, nor through a link out of it.
  fs.writeFileSync(path.join(root, "outside.txt"), "x\n");
  fs.symlinkSync(root, path.join(shop, "link"));
  expect((await run("discard", { paths: ["../outside.txt"] })).words).toMatch(/outside repository/);
  await run("discard", { paths: ["link/outside.txt"] });
  expect(fs.existsSync(path.join(root, "outside.txt"))).toBe(true);
});

test("one place of a file is taken back, or a file that was renamed", async () => {
  write("a.txt", changed(35, "second", changed(2, "first")));
  const patch = await diff({ path: "a.txt" });
  expect(await run("takeBack", { patch: placeOf(patch, 0) })).toEqual({ done: true });
  expect(read("a.txt")).toBe(changed(35, "second"));
  expect((await run("takeBack", { patch: placeOf(patch, 0) })).words).toMatch(/does not apply/);
  git(shop, ["mv", "b.txt", "c.txt"]);
  expect(await run("takeBack", { patch: await diff() })).toEqual({ done: true });
  expect([read("a.txt"), read("b.txt")]).toEqual([TEXT, "b\n"]);
  fs.writeFileSync(path.join(root, "outside.txt"), "x\n");
  const outside =
    "diff --git a/../outside.txt b/../outside.txt\nnew file mode 100644\n--- /dev/null\n+++ b/../outside.txt\n@@ -0,0 +1 @@\n+x\n";
  expect((await run("takeBack", { patch: outside })).words).toMatch(/invalid path/);
});

/** Somebody else commits on the base branch. */
function othersCommit(file: string, text: string): void {
  const place = fs.mkdtempSync(path.join(os.tmpdir(), "other-"));
  git(place, ["clone", "-q", server.at(name), "."]);
  fs.writeFileSync(path.join(place, file), text);
  git(place, ["add", "."]);
  git(place, ["commit", "-qm", "Theirs"]);
  git(place, ["push", "-q", "origin", "main"]);
  fs.rmSync(place, { recursive: true });
}

test("what has come on the base branch is merged, though little of its history is there", async () => {
  await cloned();
  write("b.txt", "mine\n");
  await commit({ paths: ["b.txt"] });
  othersCommit("a.txt", changed(2, "theirs"));
  othersCommit("c.txt", "c\n");
  expect(await run("update", { ref: "refs/heads/main" })).toEqual({ conflicts: [] });
  expect([read("a.txt"), read("b.txt"), read("c.txt")]).toEqual([changed(2, "theirs"), "mine\n", "c\n"]);
  // Against the base branch only what is the session's own is left.
  const own = await diff({ base, ref: "refs/heads/main" });
  expect(own).toContain("+mine");
  expect(own).not.toContain("theirs");
  expect(await diff({ base })).toContain("theirs");
  // What is not committed and would be lost is refused in git's words.
  othersCommit("b.txt", "theirs\n");
  write("b.txt", "not committed\n");
  expect((await run("update", { ref: "refs/heads/main" })).words).toMatch(/would be overwritten/);
  expect(read("b.txt")).toBe("not committed\n");
});

test("conflicts are named, and decided by a commit or by going back", async () => {
  await cloned();
  write("a.txt", changed(2, "mine"));
  const { commit: mine } = await commit({ paths: ["a.txt"] });
  othersCommit("a.txt", changed(2, "theirs"));
  expect(await run("update", { ref: "refs/heads/main" })).toEqual({ conflicts: ["a.txt"] });
  expect(await run("status", { base })).toMatchObject({ merging: true, files: [{ staged: "U" }] });
  expect(await run("abandon")).toEqual({ done: true });
  expect(await run("status", { base })).toMatchObject({ merging: false, files: [] });
  expect((await run("abandon")).words).toMatch(/no update/);
  await run("update", { ref: "refs/heads/main" });
  expect((await commit({})).words).toBe("Conflicts aren't resolved yet in a.txt.");
  write("a.txt", changed(2, "mine"));
  for (const some of [{ paths: ["a.txt"] }, { patch: "x" }])
    expect((await commit(some)).words).toMatch(/commit all of it/);
  const made = await commit({});
  expect(git(shop, ["rev-list", "--parents", "-1", "HEAD"]).trim().split(" ")).toHaveLength(3);
  expect(await run("status", { base })).toMatchObject({ merging: false, files: [] });
  // A commit shows its own change.
  expect(await diff({ commit: mine })).toContain("+mine");
  expect(await diff({ commit: made.commit })).not.toContain("+mine");
});

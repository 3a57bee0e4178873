import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { commitOf, git, GitServer } from "#tests/git-server.ts";
import { bundleAgent } from "../../../sandbox-template/bundle.ts";

/** The program of the template, run as in a sandbox, with a git server of git's own. */
const programs = fs.mkdtempSync(path.join(os.tmpdir(), "programs-"));
const PROGRAM = path.join(programs, "git.mjs");
const root = fs.mkdtempSync(path.join(os.tmpdir(), "workspace-"));
const home = fs.mkdtempSync(path.join(os.tmpdir(), "home-"));
let server: GitServer;

beforeAll(async () => {
  await bundleAgent(process.cwd(), programs, ["git"]);
  server = await GitServer.start();
  fs.writeFileSync(path.join(home, ".gitconfig"), "[user]\n\tname = Ada\n\temail = ada@example.com\n");
});
afterAll(async () => {
  await server.stop();
  for (const folder of [root, home, programs]) fs.rmSync(folder, { recursive: true, force: true });
});

function run(act: string, given: object): Record<string, unknown> {
  const ran = spawnSync(path.resolve("node_modules/node/bin/node"), [PROGRAM, act], {
    encoding: "utf8",
    env: { ...process.env, HOME: home, STUDIO_ROOT: root, STUDIO_GIT: JSON.stringify(given) },
  });
  if (ran.status !== 0) throw new Error(ran.stderr);
  return JSON.parse(ran.stdout) as Record<string, unknown>;
}

const commitIn = (name: string, ref = "main") => git(server.at(name), ["rev-parse", ref]).trim();
const wanted = (name: string, more: object = {}) => ({
  // The server is of this process, which waits: the folder itself is as good a remote.
  url: server.at(name),
  repository: name,
  folder: path.basename(name),
  base: { ref: "refs/heads/main", commit: commitIn(name) },
  full: false,
  branch: "studio/x-work",
  agent: "OpenCode <noreply@opencode.ai>",
  timeoutMs: 60_000,
  ...more,
});

test("a local remote is refused, since only Studio's is one", () => {
  server.make("acme/local", commitOf({ "a.txt": "a\n" }));
  expect(run("clone", wanted("acme/local")).words).toMatch(/transport 'file' not allowed/);
  expect(fs.existsSync(path.join(root, "local"))).toBe(false);
});

/** A repository as the clone leaves it, made without a remote. */
function checkout(name: string, files: Record<string, string>): string {
  const place = path.join(root, name);
  fs.mkdirSync(place);
  git(place, ["init", "-q", "-b", "studio/x-work"]);
  for (const [file, text] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(place, file)), { recursive: true });
    fs.writeFileSync(path.join(place, file), text);
  }
  git(place, ["add", "."]);
  git(place, ["commit", "-qm", "Begin"]);
  return place;
}

test("status, diff and patch know every change, whatever its name, and nothing is staged by looking", () => {
  const place = checkout("names", {
    "a b.txt": "one\n",
    "gone.txt": "x\n",
    "before.txt": "the same for long enough\n",
    ":(exclude)odd": "o\n",
  });
  const base = git(place, ["rev-parse", "HEAD"]).trim();
  fs.writeFileSync(path.join(place, "a b.txt"), "two\n");
  fs.rmSync(path.join(place, "gone.txt"));
  git(place, ["mv", "before.txt", "after.txt"]);
  fs.writeFileSync(path.join(place, "new\nline.txt"), "n\n");
  fs.writeFileSync(path.join(place, "-n"), "dash\n");
  fs.writeFileSync(path.join(place, ":(exclude)odd"), "changed\n");
  fs.writeFileSync(path.join(place, "picture.bin"), Buffer.from([0, 1, 2, 255]));
  const seen = run("status", { folder: "names", base });
  const files = (seen.files as { path: string; from?: string; staged: string; unstaged: string }[]).map(
    ({ path: file, from, staged, unstaged }) => [staged + unstaged, file, ...(from ? [from] : [])],
  );
  expect(files.toSorted((a, b) => (a[1]! < b[1]! ? -1 : 1))).toEqual([
    [".?", "-n"],
    [".M", ":(exclude)odd"],
    [".M", "a b.txt"],
    ["R.", "after.txt", "before.txt"],
    [".D", "gone.txt"],
    [".?", "new\nline.txt"],
    [".?", "picture.bin"],
  ]);
  const text = Buffer.from(String(run("diff", { folder: "names", base, path: "a b.txt" }).patch), "base64");
  expect(text.toString()).toContain("-one\n+two");
  const patch = Buffer.from(String(run("patch", { folder: "names", base }).patch), "base64");
  const other = fs.mkdtempSync(path.join(os.tmpdir(), "apply-"));
  git(other, ["clone", "-q", place, "."]);
  git(other, ["checkout", "-q", base]);
  git(other, ["apply", "--index", "-"], patch);
  git(place, ["add", "--all"]);
  expect(git(other, ["write-tree"])).toBe(git(place, ["write-tree"]));
  fs.rmSync(other, { recursive: true });
});

test("some files are committed, the others stay; a repository's own programs don't run", () => {
  const place = checkout("some", { "a.txt": "a\n", "b.txt": "b\n" });
  const base = git(place, ["rev-parse", "HEAD"]).trim();
  const trap = path.join(root, "sprung");
  const touch = `touch ${trap}`;
  for (const [name, value] of [
    ["core.fsmonitor", touch],
    ["core.hooksPath", "hooks"],
    ["diff.external", touch],
    ["core.pager", touch],
    ["core.editor", touch],
    ["commit.gpgSign", "true"],
    ["gpg.program", touch],
  ] as const)
    git(place, ["config", name, value]);
  fs.mkdirSync(path.join(place, "hooks"));
  for (const hook of ["pre-commit", "commit-msg", "post-commit", "prepare-commit-msg"])
    fs.writeFileSync(path.join(place, "hooks", hook), `#!/bin/sh\n${touch}\n`, { mode: 0o755 });
  fs.writeFileSync(path.join(place, "a.txt"), "A\n");
  fs.writeFileSync(path.join(place, "b.txt"), "B\n");
  const author = "Mara <mara@example.com>";
  const made = run("commit", {
    folder: "some",
    message: "Change a\n\nCo-authored-by: X <x@y>\n",
    paths: ["a.txt"],
    author,
  });
  expect(made.commit).toMatch(/^[0-9a-f]{40}$/);
  expect(git(place, ["log", "-1", "--format=%an|%cn|%s", "--name-only"])).toBe(
    "Mara|Ada|Change a\n\na.txt\n",
  );
  run("diff", { folder: "some", base });
  expect(run("status", { folder: "some", base })).toMatchObject({ ahead: 1, branch: "studio/x-work" });
  expect(run("commit", { folder: "some", message: "m", paths: ["a.txt"], author })).toEqual({ commit: null });
  expect(fs.existsSync(trap)).toBe(false);
  expect(run("commit", { folder: "some", message: "m", paths: ["../outside"], author }).words).toMatch(
    /outside|did not match/,
  );
});

test("a folder without a repository of its own is no repository, though one is further up", () => {
  git(root, ["init", "-q"]);
  fs.mkdirSync(path.join(root, "bare-folder"));
  expect(run("status", { folder: "bare-folder", base: "HEAD" }).words).toMatch(/no repository/);
  for (const folder of ["..", "a/b", ""])
    expect(() => run("status", { folder, base: "HEAD" })).toThrow(/no folder/);
});

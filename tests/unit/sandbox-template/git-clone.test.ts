import { spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { commitOf, git, GitServer } from "#tests/git-server.ts";
import { testWhere } from "#tests/test-where.ts";
import { bundleAgent } from "../../../sandbox-template/bundle.ts";

/** Clones that go wrong in the middle, by the template's own program and a git server of git's own. */
const base = fs.mkdtempSync(path.join(os.tmpdir(), "clones-"));
const PROGRAM = path.join(base, "programs/git.mjs");
const NODE = path.resolve("node_modules/node/bin/node");
const [root, home] = ["workspace", "home"].map((name) => path.join(base, name)) as [string, string];
for (const folder of [root, home]) fs.mkdirSync(folder);
let server: GitServer;

beforeAll(async () => {
  await bundleAgent(process.cwd(), path.dirname(PROGRAM), ["git"]);
  server = await GitServer.start();
  server.make("acme/shop", commitOf({ "README.md": "# Shop\n", "large.bin": randomBytes(3_000_000) }));
});
afterAll(async () => {
  await server.stop();
  fs.rmSync(base, { recursive: true, force: true });
});

interface Said {
  words?: string;
  submodules?: number;
}

async function run(act: string, given: object, before: readonly string[] = []): Promise<Said> {
  const [program, ...args] = [...before, NODE, PROGRAM, act];
  const child = spawn(program ?? NODE, args, {
    env: { ...process.env, HOME: home, STUDIO_ROOT: root, STUDIO_GIT: JSON.stringify(given) },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let printed = "";
  for await (const piece of child.stdout) printed += String(piece);
  return JSON.parse(printed) as Said;
}
const clone = async (more: object = {}, before?: readonly string[]) => {
  const commit = git(server.at("acme/shop"), ["rev-parse", "main"]).trim();
  const wanted = {
    url: `${server.ownUrl}/acme/shop.git`,
    repository: "acme/shop",
    folder: "shop",
    base: { ref: "refs/heads/main", commit },
    full: false,
    branch: "studio/x-work",
    agent: "OpenCode <noreply@opencode.ai>",
    timeoutMs: 60_000,
    ...more,
  };
  return await run("clone", wanted, before);
};
const left = () => fs.readdirSync(root);

/** The next try finds nothing of the last one in its way. */
async function succeeds() {
  server.mode = "open";
  expect((await clone()).words).toBeUndefined();
  const place = path.join(root, "shop");
  expect(fs.statSync(path.join(place, "large.bin")).size).toBe(3_000_000);
  expect(git(place, ["status", "--porcelain"])).toBe("");
  for (const name of left()) fs.rmSync(path.join(root, name), { recursive: true });
}

test("a server that stalls in the middle is given up on, and nothing is left", async () => {
  server.mode = "stalls-fetches";
  expect((await clone({ timeoutMs: 2_000 })).words).toMatch(/^It took longer than [12] s\./);
  expect(left()).toEqual([]);
  await succeeds();
});

test("a server that takes the credential back in the middle is named, and nothing is left", async () => {
  server.mode = "revokes-fetches";
  expect((await clone()).words).toMatch(/authentication failed|401/i);
  expect(left()).toEqual([]);
  await succeeds();
});

const small = (bytes: number) => ["bwrap", "--dev-bind", "/", "/", "--size", String(bytes), "--tmpfs", root];
const hasSize = spawnSync("sh", ["-c", `"$@"`, "sh", ...small(1_000_000), "true"]).status === 0;
testWhere(hasSize, "bubblewrap limits how large a folder may be")(
  "a disk that is full in the middle is named, and nothing is left",
  async () => {
    const script = `"$@"; ls -A ${root} >&2`;
    const { words } = await clone({}, [...small(2_000_000), "sh", "-c", script, "sh"]);
    expect(words).toMatch(/^The sandbox's disk is full\.\n/);
    await succeeds();
  },
);

test("a copy of another session's repository gets a branch of its own, and its agent is told so", async () => {
  await clone();
  const told = () => fs.readFileSync(path.join(root, "CLAUDE.md"), "utf8");
  fs.appendFileSync(path.join(root, "CLAUDE.md"), "It is on the branch `mine`, as I wrote.\n");
  expect(told()).toContain("It is in `shop/`. It is on the branch `studio/x-work`, which is this session's");
  const branch = "studio/y-$&-work";
  expect(await run("ownBranch", { folder: "shop", branch })).toEqual({});
  expect(git(path.join(root, "shop"), ["branch", "--show-current"]).trim()).toBe(branch);
  expect(told()).toContain(`It is in \`shop/\`. It is on the branch \`${branch}\`, which is this session's`);
  expect(told()).toContain("It is on the branch `mine`, as I wrote.");
  // One that can't be made changes nothing of what the agent is told.
  expect((await run("ownBranch", { folder: "shop", branch: "studio/x-work" })).words).toMatch(
    /already exists/,
  );
  expect(told()).toContain(branch);
});

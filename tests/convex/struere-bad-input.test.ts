import fs from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { readLocal } from "#cli/struere/local.ts";
import { pull } from "#cli/struere/pull.ts";
import { add } from "#cli/struere/scaffold.ts";
import { checkTypes } from "#cli/struere/types.ts";
import { push } from "#cli/struere/push.ts";
import { definitionSource, DEFINITION_KINDS } from "#domain/definitions.ts";
import { AGENT, keyOf, sync, texts } from "./project-world.ts";
import { call, freshSite, happens, key, last, root, write } from "./struere-world.ts";
import { member } from "./support.ts";
import { db } from "./world.ts";

freshSite();

const agentFile = (more: object) => definitionSource(DEFINITION_KINDS[0], { ...AGENT, ...more });
const state = async () => (await sync(db, key, "/v1/sync/state")).body;

test("a push that is cut off at any step changes all or nothing, and the next one goes on", async () => {
  await fs.mkdir(path.join(root, "one"));
  await pull(call("one"));
  let version = 1;
  for (const [at, when, hasArrived] of [
    ["/v1/sync/state", "before", false],
    ["/v1/sync/state", "after", false],
    ["/v1/sync", "before", false],
    ["/v1/sync", "after", true],
  ] as const) {
    version += 1;
    for (const n of [1, 2])
      await write("one", `agents/a${n}.ts`, agentFile({ slug: `a${n}`, version: `${version}` }));
    const { revision } = await state();
    happens((url, moment) => (url === at && moment === when ? "cut" : "pass"));
    await expect(push(call("one"))).rejects.toMatchObject({ exitCode: 75 });
    happens();
    expect((await state()).revision - revision, `${at} ${when}`).toBe(hasArrived ? 1 : 0);
    const done = await push(call("one"));
    expect(last(done)).toMatch(hasArrived ? /updated: 0, deleted: 0$/ : /(created|updated): 2/);
    expect((await state()).revision - revision).toBe(1);
    expect(last(await push(call("one")))).toBe("created: 0, updated: 0, deleted: 0");
  }
});

test("of two pushes at once, one is done and the other is told what has changed", async () => {
  for (const who of ["one", "two"]) {
    await fs.mkdir(path.join(root, who));
    await pull(call(who));
    await write(who, "agents/a.ts", agentFile({ description: `of ${who}` }));
  }
  const ends = await Promise.allSettled([push(call("one")), push(call("two"))]);
  const refused = ends.filter(({ status }) => status === "rejected");
  expect(refused).toMatchObject([{ reason: { exitCode: 3, details: { conflict: true } } }]);
  expect((await state()).revision).toBe(1);
});

test("a viewer's key reads, and changes nothing", async () => {
  const theirs = await keyOf(db, await member(db, "vic", "admin", "ada"));
  // Keys are an admin's to make; this one's owner is none any more.
  await member(db, "vic", "viewer", "ada");
  await fs.mkdir(path.join(root, "one"));
  expect(await pull(call("one", {}, theirs))).toMatchObject({ exitCode: 0 });
  await write("one", "agents/a.ts", agentFile({}));
  await expect(push(call("one", {}, theirs))).rejects.toMatchObject({ exitCode: 4 });
  await expect(push(call("one", { force: true }, theirs))).rejects.toMatchObject({ exitCode: 4 });
  expect((await state()).revision).toBe(0);
});

test("an unknown model and circular references are told, and pushed all the same", async () => {
  await fs.mkdir(path.join(root, "one"));
  await pull(call("one"));
  await write("one", "agents/a.ts", agentFile({ model: { model: "anthropic/claude-none" } }));
  const type = (slug: string, to: string) =>
    definitionSource(DEFINITION_KINDS[1], {
      name: slug,
      slug,
      schema: { type: "object", properties: { next: { type: "string", references: to } } },
    });
  await write("one", "entity-types/x.ts", type("x", "y"));
  await write("one", "entity-types/y.ts", type("y", "x"));
  const plan = await push(call("one", { dryRun: true }));
  expect(plan.lines.join("\n")).toContain("anthropic/claude-none, which isn't in the list of models");
  expect(last(await push(call("one")))).toBe("created: 3, updated: 0, deleted: 0");
});

test("duplicate slugs, and files that import each other in a circle", async () => {
  await write("one", "agents/a.ts", agentFile({}));
  await write("one", "agents/b.ts", agentFile({}));
  await write("one", "agents/x.ts", 'import y from "./y.ts";\nexport default y;\n');
  await write("one", "agents/y.ts", 'import x from "./x.ts";\nexport default x;\n');
  const { faults } = await readLocal(path.join(root, "one"));
  expect(faults.map(({ file }) => file).toSorted()).toEqual(["agents/b.ts", "agents/x.ts", "agents/y.ts"]);
  expect(faults.find(({ file }) => file === "agents/b.ts")?.message).toContain("agents/a.ts already");
});

test("what a folder says it has read counts only where this person's own command wrote it", async () => {
  await fs.mkdir(path.join(root, "one"));
  await pull(call("one"));
  await write("one", "agents/a.ts", agentFile({}));
  await push(call("one"));
  const file = path.join(root, "one/.struere/state.json");
  const remembered = await fs.readFile(file, "utf8");
  // Somebody else's folder: the file on the disk is harmless, what is remembered of it isn't.
  await fs.writeFile(file, remembered.replaceAll("1.0.0", "6.6.6"));
  expect(last(await push(call("one")))).toBe("created: 0, updated: 0, deleted: 0");
  await fs.writeFile(file, remembered);
  await fs.rm(path.join(root, "home"), { recursive: true });
  expect(last(await push(call("one")))).toBe("created: 0, updated: 0, deleted: 0");
});

test("a definition deeper than any reader is refused, not a fault of the server", async () => {
  const deep = `{"name":"d","slug":"d","version":"1","systemPrompt":"x","model":${"[".repeat(50_000)}${"]".repeat(50_000)}}`;
  const answer = await sync(db, key, "/v1/sync", { base_revision: 0, agents: [deep] });
  expect(answer.status).toBe(400);
  const nested = { name: "d", on: { entityType: "t", action: "created" }, slug: "d" };
  const args = `{"a":${"[".repeat(20_000)}${"]".repeat(20_000)}}`;
  const trigger = `${JSON.stringify(nested).slice(0, -1)},"actions":[{"tool":"t","args":${args}}]}`;
  expect((await sync(db, key, "/v1/sync", { base_revision: 0, triggers: [trigger] })).status).toBe(400);
  expect((await sync(db, key, "/v1/sync", { base_revision: 0, agents: texts(AGENT) })).status).toBe(200);
});

test("links in a folder that somebody else has made lead nothing out of it", async () => {
  const mine = path.join(root, "mine.txt");
  await fs.writeFile(mine, "mine");
  await fs.mkdir(path.join(root, "elsewhere"));
  const outside = async () => [
    await fs.readFile(mine, "utf8"),
    ...(await fs.readdir(path.join(root, "elsewhere"))),
  ];
  const linked = async (folder: string, name: string, target: string) => {
    await fs.mkdir(path.join(root, folder, path.dirname(name)), { recursive: true });
    await fs.symlink(target, path.join(root, folder, name));
  };
  await linked("folder", "agents", path.join(root, "elsewhere"));
  await expect(pull(call("folder"))).rejects.toThrow("leads out of this folder");
  await expect(add(call("folder"), ["agent", "New"])).rejects.toThrow("leads out of this folder");
  // One that leads nowhere yet would make what it names.
  await linked("new", "agents/new.ts", path.join(root, "elsewhere/new.ts"));
  await expect(add(call("new"), ["agent", "New"])).rejects.toThrow("is there already");
  await linked("state", ".struere", path.join(root, "elsewhere"));
  await expect(pull(call("state"))).rejects.toThrow("leads out of this folder");
  // Studio's own files are made in place of links.
  for (const name of ["struere.d.ts", "state.json", "tsconfig.json"])
    await linked("own", `.struere/${name}`, mine);
  expect((await pull(call("own"))).exitCode).toBe(0);
  await checkTypes(path.join(root, "own"), false);
  expect(await outside()).toEqual(["mine"]);
  expect((await fs.lstat(path.join(root, "own/.struere/state.json"))).isFile()).toBe(true);
});

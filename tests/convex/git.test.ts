import { expect, test } from "vitest";
import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import { branchPrefix, MAX_GIT_CONNECTIONS, MAX_NAMED_BRANCHES } from "#domain/git.ts";
import { hashOf, member } from "./support.ts";
import { ada, db, freshWorld } from "./world.ts";

freshWorld();

const KEY = { wrapped: "w", kekVersion: 1 };
const COMMIT = "a".repeat(40);
const fields = {
  slug: "house",
  kind: "git" as const,
  name: "House",
  baseUrl: "https://git.example.com",
  username: "studio",
  repositories: ["acme/*"],
  status: "active" as const,
};
const sealedAs = (version: number) => ({ ciphertext: `sealed ${version}`, version, last4: "abcd" });
const save = async (more: object = {}, who = ada) =>
  await who.by.mutation(api.gitConnections.save, { ...fields, sealed: sealedAs(1), ...more });
const first = async () => await save({ dataKey: KEY });
const problem = (code: string, words: RegExp) => ({ data: { code, message: expect.stringMatching(words) } });

const start = async (repository: object = {}, who = ada) =>
  await who.by.mutation(api.sandboxSessions.create, {
    environment: "development",
    provider: "demo",
    model: "demo",
    keySource: "platform",
    title: "Fix the login page",
    repository: {
      connection: "house",
      url: "acme/shop",
      base: { ref: "refs/heads/main", commit: COMMIT },
      full: false,
      ...repository,
    },
  });

/** A session that works on a repository, whose sandbox has a token. */
async function working() {
  await first();
  const { id } = await start();
  const sessionId = id as Id<"sandboxSessions">;
  const generation = await db.service.mutation(api.sessionLeases.claim, { sessionId, holder: "test" });
  const hash = hashOf("token");
  await db.service.mutation(api.apiKeys.createForSandbox, {
    sessionId,
    generation: generation ?? 0,
    keys: [{ kind: "git", hash, last4: "wxyz" }],
  });
  const ofToken = async (repository = "acme/shop") =>
    await db.service.query(api.sessionRepositories.ofToken, { hash, connection: "house", repository });
  return { sessionId, ofToken };
}

test("a credential stays where it was entered for, and is in nothing that members read", async () => {
  await first();
  await expect(save({ sealed: undefined, baseUrl: "https://evil.example" })).rejects.toMatchObject(
    problem("invalid_request", /token/),
  );
  await expect(save({ sealed: undefined, username: "other" })).rejects.toMatchObject(
    problem("invalid_request", /token/),
  );
  await save({ sealed: undefined, repositories: ["acme/shop"] });
  const found = await db.service.query(api.gitConnections.sealed, {
    organizationId: ada.organizationId,
    slug: "house",
  });
  expect(found).toMatchObject({ ciphertext: "sealed 1", version: 1, repositories: ["acme/shop"] });
  const mia = await member(db, "mia", "viewer", "ada");
  const listed = await mia.as.query(api.gitConnections.list, {});
  const entries = await db.t.run(async (ctx) => await ctx.db.query("auditEntries").collect());
  expect(entries.map(({ action }) => action).filter((action) => action.startsWith("git_"))).toEqual([
    "git_connection.added",
    "git_connection.changed",
  ]);
  expect(JSON.stringify([listed, entries])).not.toContain("sealed 1");
});

test("a GitHub App's key stays with its app and its installation", async () => {
  const app = { appId: "12", installationId: "34" };
  const hub = { kind: "github_app" as const, baseUrl: "https://github.com", username: "x-access-token" };
  await save({ ...hub, app, dataKey: KEY });
  await save({ ...hub, app, sealed: undefined });
  for (const other of [
    { ...app, installationId: "35" },
    { ...app, appId: "13" },
  ])
    await expect(save({ ...hub, app: other, sealed: undefined })).rejects.toMatchObject({
      data: { kind: "git_token_missing" },
    });
  await expect(save({ ...hub, sealed: sealedAs(2) })).rejects.toMatchObject({
    data: { kind: "git_app_missing" },
  });
  await expect(save({ app, sealed: sealedAs(2) })).rejects.toMatchObject({
    data: { kind: "git_app_missing" },
  });
  await expect(
    save({ ...hub, app: { ...app, installationId: "../1" }, sealed: sealedAs(2) }),
  ).rejects.toMatchObject({ data: { code: "invalid_request" } });
  const [listed] = await ada.as.query(api.gitConnections.list, {});
  expect(listed).toMatchObject({ kind: "github_app", app });
});

test("of two saves at the same moment one is refused, and there are so many connections at most", async () => {
  await first();
  await save({ sealed: sealedAs(2) });
  await expect(save({ sealed: sealedAs(2) })).rejects.toMatchObject(
    problem("invalid_request", /same moment/),
  );
  for (let index = 1; index < MAX_GIT_CONNECTIONS; index += 1) await save({ slug: `c${index}` });
  await expect(save({ slug: "one-more" })).rejects.toMatchObject(problem("invalid_request", /Remove one/));
  for (const repositories of [["acme/**"], ["../x"], []])
    await expect(save({ sealed: sealedAs(3), repositories })).rejects.toMatchObject({
      data: { code: "invalid_request" },
    });
});

test("a session starts from a repository of a connection of its own organization, and of nothing else", async () => {
  await first();
  const eve = await member(db, "eve");
  await expect(start({}, eve)).rejects.toMatchObject(problem("not_found", /no git connection/));
  await expect(start({ url: "other/shop" })).rejects.toMatchObject(problem("forbidden", /isn't for/));
  await expect(start({ url: "https://evil.example/acme/shop" })).rejects.toMatchObject(
    problem("invalid_request", /isn't a repository below/),
  );
  await expect(start({ base: { ref: null, commit: "--upload-pack=x" } })).rejects.toMatchObject({
    data: { code: "invalid_request" },
  });
  const { id } = await start();
  const [row] = await ada.as.query(api.sessionRepositories.list, { sessionId: id });
  expect(row).toMatchObject({ repository: "acme/shop", folder: "shop", pushedAt: null });
  expect(row?.branch).toBe(`${branchPrefix(id)}fix-the-login-page`);
});

test("a session works on several repositories, each with its own rights and folder", async () => {
  await first();
  const wanted = (url: string, more: object = {}) => ({
    connection: "house",
    url,
    base: { ref: "refs/heads/main", commit: COMMIT },
    full: false,
    ...more,
  });
  const several = async (...repositories: object[]) =>
    await ada.by.mutation(api.sandboxSessions.create, {
      environment: "development",
      provider: "demo",
      model: "demo",
      keySource: "platform",
      title: "Both",
      repositories: repositories as ReturnType<typeof wanted>[],
    });
  const { id } = await several(wanted("acme/shop"), wanted("acme/tools", { access: "read" as const }));
  const rows = await ada.as.query(api.sessionRepositories.list, { sessionId: id });
  expect(rows.map(({ folder, access }) => [folder, access])).toEqual([
    ["shop", "write"],
    ["tools", "read"],
  ]);
  await expect(
    ada.by.mutation(api.sessionRepositories.nameBranch, { sessionId: id, folder: "tools", branch: "mine" }),
  ).rejects.toMatchObject({ data: { kind: "git_read_only" } });
  await expect(several(wanted("acme/shop"), wanted("acme/shop"))).rejects.toMatchObject({
    data: { kind: "git_repository_twice" },
  });
  await expect(several(wanted("acme/shop"), wanted("other/x"))).rejects.toMatchObject(
    problem("forbidden", /isn't for/),
  );
  const many = Array.from({ length: 11 }, (_, index) => wanted(`acme/r${index}`));
  await expect(several(...many)).rejects.toMatchObject({ data: { code: "invalid_request" } });
});

test("a token opens its session's repositories, as long as the session and its person are there", async () => {
  const { sessionId, ofToken } = await working();
  expect(await ofToken()).toMatchObject({ sessionId, row: { remotePath: "acme/shop", named: [] } });
  expect(await ofToken("acme/other")).toMatchObject({ row: null });
  const [membership] = await db.t.run(async (ctx) => await ctx.db.query("members").collect());
  await db.t.run(async (ctx) => await ctx.db.patch(membership!._id, { role: "viewer" }));
  expect(await ofToken()).toBeNull();
  await db.t.run(async (ctx) => await ctx.db.patch(membership!._id, { role: "admin" }));
  await ada.as.mutation(api.sandboxSessions.stop, { sessionId });
  expect(await ofToken()).toBeNull();
});

test("a key of another kind is no token for git", async () => {
  await working();
  await db.t.run(async (ctx) => {
    for (const key of await ctx.db.query("apiKeys").collect())
      if (key.kind === "git") await ctx.db.patch(key._id, { kind: "gateway" });
  });
  const given = { hash: hashOf("token"), connection: "house", repository: "acme/shop" };
  expect(await db.service.query(api.sessionRepositories.ofToken, given)).toBeNull();
});

test("a named branch is the session's once its server has made it, and the base never is", async () => {
  const { sessionId, ofToken } = await working();
  const name = async (branch: string, who = ada) =>
    await who.by.mutation(api.sessionRepositories.nameBranch, { sessionId, folder: "shop", branch });
  await expect(name("main")).rejects.toMatchObject(problem("invalid_request", /began from/));
  await expect(name("a..b")).rejects.toMatchObject(problem("invalid_request", /name/));
  const mia = await member(db, "mia", "member", "ada");
  await expect(name("topic", mia)).rejects.toMatchObject({ data: { code: "forbidden" } });
  await name("topic");
  expect((await ofToken())?.row?.named).toEqual([{ name: "topic", made: false }]);
  const pushed = async (made: boolean, branch = "topic") =>
    await db.service.mutation(api.sessionRepositories.pushed, {
      sessionId,
      connection: "house",
      repository: "acme/shop",
      branches: [{ name: branch, made, gone: false, commit: COMMIT }],
    });
  await pushed(false);
  await pushed(true, "other");
  expect((await ofToken())?.row?.named).toEqual([{ name: "topic", made: false }]);
  await pushed(true);
  expect((await ofToken())?.row?.named).toEqual([{ name: "topic", made: true }]);
  // To come back to it does not make it anybody else's.
  await name("second");
  await name("topic");
  expect((await ofToken())?.row?.named).toContainEqual({ name: "topic", made: true });
  for (let index = 2; index < MAX_NAMED_BRANCHES; index += 1) await name(`b${index}`);
  await expect(name("one-more")).rejects.toMatchObject(problem("invalid_request", /20/));
});

test("what became of a repository stands in the log, and its token goes with the session", async () => {
  const { sessionId } = await working();
  await ada.by.mutation(api.sessionRepositories.acted, {
    sessionId,
    folder: "shop",
    act: "pull_request",
    subject: "Fix it",
    pullRequest: { number: 7, url: "https://git.example.com/7", title: "Fix it", state: "open" },
  });
  const state = { number: 7, url: "https://git.example.com/7", title: "Fix it", state: "merged" as const };
  await db.service.mutation(api.sessionRepositories.notePullRequest, {
    sessionId,
    folder: "shop",
    pullRequest: state,
  });
  const [row] = await ada.as.query(api.sessionRepositories.list, { sessionId });
  expect(row?.pullRequest).toEqual(state);
  const events = await db.t.run(async (ctx) => await ctx.db.query("sessionEvents").collect());
  const seen = events.filter(({ type }) => type === "git.changed");
  expect(seen.map(({ payload }) => JSON.parse(payload) as unknown)).toEqual([
    {
      act: "pull_request",
      repository: "acme/shop",
      subject: "Fix it",
      changed_by: "{person}",
      url: state.url,
    },
  ]);
});

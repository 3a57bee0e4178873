import { beforeEach, describe, expect, test } from "vitest";
import { internal } from "#convex/_generated/api.js";
import { PROJECT_LIMITS } from "#domain/project/limits.ts";
import { AGENT, CLERK, keyOf, sync, texts, TICKET } from "./project-world.ts";
import { member, readySession, hashOf } from "./support.ts";
import { ada, db, freshWorld } from "./world.ts";
import { api } from "#convex/_generated/api.js";

freshWorld();
let key: string;
beforeEach(async () => {
  key = await keyOf(db, ada);
});

const push = async (body: object, by = key) => await sync(db, by, "/v1/sync", body);
const state = async (by = key) => (await sync(db, by, "/v1/sync/state")).body;
const pulled = async (by = key) =>
  (await sync(db, by, "/v1/sync/pull")).body as never as Record<string, string[]>;

describe("a push", () => {
  test("is pulled again to the letter, and pushed once more it changes nothing", async () => {
    const base = await state();
    expect(base).toMatchObject({ revision: 0, read_only: null, role: "admin", environment: "development" });
    expect(base.entries.map(({ slug }) => slug)).toEqual([
      "support-agent",
      "ticket",
      "agent",
      "ticket-opened",
    ]);
    const tool = { path: "tools/index.ts", text: "export default [];\r\n// ünïcode `${x}`\n" };
    const change = {
      base_revision: 0,
      agents: texts(AGENT),
      entityTypes: texts(TICKET),
      roles: texts(CLERK),
      files: texts(tool),
    };
    const done = await push(change);
    expect(done).toMatchObject({
      status: 200,
      body: { success: true, revision: 1, agents: { created: ["support"], updated: [], deleted: [] } },
    });
    const found = await pulled();
    expect(found.revision).toBe(1);
    expect(found.agents).toContain(JSON.stringify(AGENT));
    expect(found.files).toEqual(texts(tool));
    expect(found.entityTypes).toContain(JSON.stringify(TICKET));
    // It holds no secrets of other places, and is written down.
    expect(await push({ ...change, base_revision: 1 })).toMatchObject({
      body: { revision: 1, agents: { created: [], updated: [], deleted: [] } },
    });
    const { page } = await ada.as.query(api.audit.list, { paginationOpts: { numItems: 1, cursor: null } });
    expect(page[0]).toMatchObject({ action: "project.changed", via: "cli", target: "development" });
    // The other environment is as it was.
    expect(await state(await keyOf(db, ada, { environment: "production" }))).toMatchObject({ revision: 0 });
  });

  test("says what it would do, and does nothing", async () => {
    const change = {
      base_revision: 0,
      dry_run: true,
      roles: texts(CLERK),
      agents: texts({ ...AGENT, model: { model: "anthropic/claude-opus-4-9" } }),
    };
    const { body } = await push(change);
    expect(body.effects.map(({ kind }) => kind).toSorted()).toEqual([
      "model_unknown",
      "permissions_widened",
      "reference_missing",
    ]);
    expect(body.effects.map(({ message }) => message)).toContain("Role clerk can now read order.");
    expect(await state()).toMatchObject({ revision: 0 });
  });

  test("against what has moved is refused, with what it was and what it is now", async () => {
    await push({ base_revision: 0, agents: texts(AGENT) });
    const theirs = { ...AGENT, systemPrompt: "Theirs." };
    await push({ base_revision: 1, agents: texts(theirs) });
    await push({ base_revision: 2, roles: texts(CLERK) });
    const { status, type, body } = await push({
      base_revision: 1,
      agents: texts({ ...AGENT, name: "Ours" }),
    });
    expect({ status, type }).toEqual({ status: 409, type: "application/problem+json" });
    expect(body).toMatchObject({
      code: "project_moved",
      kind: "project_moved",
      revision: 3,
      complete: true,
      params: { base: 1, revision: 3 },
    });
    expect(body.changes).toEqual([
      { kind: "agent", slug: "support", base: JSON.stringify(AGENT), current: JSON.stringify(theirs) },
      { kind: "role", slug: "clerk", base: null, current: JSON.stringify(CLERK) },
    ]);
    expect((await pulled()).agents).toContain(JSON.stringify(theirs));
  });

  test("one of two at once is refused, whole", async () => {
    const answers = await Promise.all(
      ["one", "two"].map(
        async (name) =>
          await push({
            base_revision: 0,
            agents: texts({ ...AGENT, name }),
            roles: texts({ ...CLERK, description: name }),
          }),
      ),
    );
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409]);
    const won = answers[0]!.status === 200 ? "one" : "two";
    const now = await pulled();
    expect(now.agents!.filter((text) => text.includes(`"name":"${won}"`))).toHaveLength(1);
    expect(now.roles!.filter((text) => text.includes(`"description":"${won}"`))).toHaveLength(1);
  });

  test("deletes what it names, where that is asked, and nowhere else", async () => {
    const gone = { base_revision: 0, delete: [{ kind: "agent", slug: "support-agent" }] };
    expect(await push(gone)).toMatchObject({ status: 400, body: { kind: "project_deletion_unasked" } });
    expect((await state()).revision).toBe(0);
    expect(await push({ ...gone, allow_deletions: true })).toMatchObject({
      body: { revision: 1, agents: { deleted: ["support-agent"] } },
    });
    expect((await pulled()).agents).toEqual([]);
    const production = await keyOf(db, ada, { environment: "production" });
    expect((await pulled(production)).agents).toHaveLength(1);
    // What comes back under its name goes on counting.
    await push({ base_revision: 1, agents: texts({ ...AGENT, slug: "support-agent" }) });
    expect((await state()).entries.find(({ slug }) => slug === "support-agent")?.version).toBe(3);
  });

  test("names each fault by its path, and keeps nothing of it", async () => {
    const { status, body } = await push({
      base_revision: 0,
      agents: [
        ...texts(AGENT, { ...AGENT, slug: "b", model: { model: "x", temperature: 3 }, colour: 1 }),
        "{",
      ],
      roles: texts({ ...CLERK, policies: [{ resource: "order", actions: ["fly"], effect: "allow" }] }),
      files: texts({ path: "../.ssh/id", text: "" }),
    });
    expect(status).toBe(400);
    expect(body.errors.map(({ path }) => path)).toEqual([
      'agents["b"].model.model',
      'agents["b"].model.temperature',
      'agents["b"].colour',
      "agents[2]",
      'roles["clerk"].policies[0].actions[0]',
      'files["../.ssh/id"].path',
    ]);
    expect(await state()).toMatchObject({ revision: 0 });
  });

  test("of one name twice, or of another shape, is refused", async () => {
    expect((await push({ base_revision: 0, agents: texts(AGENT, AGENT) })).body.errors).toMatchObject([
      { path: 'agents["support"]' },
    ]);
    for (const body of [
      "[]",
      "{",
      '{"base_revision":-1}',
      '{"base_revision":0,"agents":[1]}',
      '{"base_revision":0,"x":1}',
    ])
      expect(await sync(db, key, "/v1/sync", body), body).toMatchObject({
        status: 400,
        type: "application/problem+json",
      });
    expect(await push({ base_revision: 7, agents: texts(AGENT) })).toMatchObject({ status: 409 });
  });

  test("promotes development to production, and deletes there what is meant", async () => {
    await push({
      base_revision: 0,
      agents: texts(AGENT),
      allow_deletions: true,
      delete: [{ kind: "role", slug: "agent" }],
    });
    const production = await keyOf(db, ada, { environment: "production" });
    const promote = { base_revision: 0, from: "development" };
    const plan = await push({ ...promote, dry_run: true }, production);
    expect(plan.body).toMatchObject({ agents: { created: ["support"] }, roles: { deleted: ["agent"] } });
    expect(await push(promote, production)).toMatchObject({ body: { kind: "project_deletion_unasked" } });
    expect(await push({ ...promote, allow_deletions: true }, production)).toMatchObject({ status: 200 });
    expect({ ...(await pulled(production)), environment: "" }).toEqual({
      ...(await pulled()),
      environment: "",
    });
  });
});

describe("a key", () => {
  test("that may not is told so", async () => {
    const refusal = async (by: string | null) => {
      const { status, body } = await sync(db, by, "/v1/sync", { base_revision: 0, agents: texts(AGENT) });
      return `${status} ${String((body as { kind?: string }).kind)}`;
    };
    expect(await refusal(null)).toBe("401 api_key_missing");
    expect(await refusal("nonsense")).toBe("401 api_key_invalid");
    expect(await refusal(await keyOf(db, ada, { scopes: ["project:read"] }))).toBe("403 scope_missing");
    expect(await refusal(await keyOf(db, ada, { scopes: ["project:write"] }))).toBe("401 api_key_invalid");

    const mia = await member(db, "mia", "member", "ada");
    const of = async (environment: "development" | "production") => {
      const made = `mia-${environment}`;
      await db.t.run(async (ctx) => {
        await ctx.db.insert("apiKeys", {
          kind: "user",
          organizationId: mia.organizationId,
          userId: mia.userId,
          name: "k",
          hash: hashOf(made),
          last4: "kkkk",
          scopes: ["project:read", "project:write"],
          environment,
        });
      });
      return made;
    };
    expect(await refusal(await of("production"))).toBe("403 role_too_low");
    const development = await of("development");
    await member(db, "mia", "viewer", "ada");
    expect(await refusal(development)).toBe("403 role_too_low");
    expect(await state(development)).toMatchObject({
      role: "viewer",
      read_only: expect.stringContaining("role"),
    });
    await member(db, "mia", "member", "ada");
    expect(await refusal(development)).toBe("200 undefined");

    const { sessionId, generation } = await readySession(db, ada);
    await db.service.mutation(api.apiKeys.createForSandbox, {
      sessionId,
      generation,
      keys: [{ kind: "sync", hash: hashOf("sandbox"), last4: "ssss" }],
    });
    expect(await refusal("sandbox")).toBe("403 project_sandbox_reads");
    expect((await sync(db, "sandbox", "/v1/sync/state")).status).toBe(200);
  });

  test("of another organization sees and changes its own alone", async () => {
    await push({ base_revision: 0, agents: texts(AGENT) });
    const eve = await member(db, "eve");
    const theirs = await keyOf(db, eve);
    expect((await pulled(theirs)).agents).not.toContain(JSON.stringify(AGENT));
    expect(
      await push({ base_revision: 0, agents: texts({ ...AGENT, name: "Eve's" }) }, theirs),
    ).toMatchObject({ status: 200 });
    expect((await pulled()).agents).toContain(JSON.stringify(AGENT));
  });
});

test("five hundred definitions of four megabytes are pushed at once, and changed at once", async () => {
  const many = (mark: string) =>
    texts(
      ...Array.from({ length: 500 }, (_, i) => ({
        ...AGENT,
        slug: `a${i}`,
        systemPrompt: `${mark} ${"x".repeat(8_000)}`,
      })),
    );
  expect(await push({ base_revision: 0, agents: many("one") })).toMatchObject({ status: 200 });
  expect(await push({ base_revision: 1, agents: many("two") })).toMatchObject({
    status: 200,
    body: { revision: 2 },
  });
  const { entries } = await state();
  expect(entries).toHaveLength(504);
  expect((await pulled()).agents).toHaveLength(501);
  const gone = entries.filter(({ slug }) => slug !== "ticket").map(({ kind, slug }) => ({ kind, slug }));
  expect(await push({ base_revision: 2, delete: gone, allow_deletions: true })).toMatchObject({
    status: 200,
  });
});

test("a project has its bounds", async () => {
  const large = (i: number) => ({
    ...AGENT,
    slug: `l${i}`,
    systemPrompt: "x".repeat(PROJECT_LIMITS.definitionBytes - 1_000),
  });
  const many = texts(...Array.from({ length: 13 }, (_, i) => large(i)));
  expect(await push({ base_revision: 0, agents: many })).toMatchObject({ status: 413 });
  expect(
    (await push({ base_revision: 0, agents: texts({ ...AGENT, systemPrompt: "x".repeat(500_001) }) })).body
      .errors,
  ).toHaveLength(1);
  expect((await state()).revision).toBe(0);
});

test("an organization from before there were changes begins with what it has", async () => {
  await db.t.run(async (ctx) => {
    for (const table of ["projectHeads", "projectVersions", "projectPushes"] as const)
      for (const row of await ctx.db.query(table).collect()) await ctx.db.delete(row._id);
  });
  const before = await state();
  expect(before).toMatchObject({
    revision: 0,
    entries: expect.arrayContaining([expect.objectContaining({ version: 1 })]),
  });
  const fn = "migrations:projectHeads";
  await db.t.mutation(internal.migrations.projectHeads, { fn, cursor: null });
  await db.t.mutation(internal.migrations.projectHeads, { fn, cursor: null });
  expect(await state()).toEqual(before);
  const rows = await db.t.run(async (ctx) => await ctx.db.query("projectVersions").collect());
  expect(rows).toHaveLength(8);
  expect(await push({ base_revision: 0, agents: texts(AGENT) })).toMatchObject({ body: { revision: 1 } });
});

import { beforeEach, describe, expect, test } from "vitest";
import { api } from "#convex/_generated/api.js";
import { AGENT, CLERK, keyOf, sync, texts, TICKET } from "./project-world.ts";
import { member, type Member } from "./support.ts";
import { ada, db, freshWorld } from "./world.ts";

freshWorld();

type Environment = "development" | "production";
const page = { paginationOpts: { numItems: 100, cursor: null } };
const development = { environment: "development" as Environment };
const agentText = (more: object = {}) => JSON.stringify({ ...AGENT, ...more });
const support = { kind: "agent", slug: AGENT.slug } as const;

let mia: Member;
beforeEach(async () => {
  mia = await member(db, "mia", "member", "ada");
});

const head = async (environment: Environment = "development") =>
  await ada.as.query(api.projectDefinitions.head, { environment });
const textOf = async (environment: Environment = "development") =>
  (await ada.as.query(api.projectDefinitions.get, { environment, ...support })).definition;
const edit = async (
  definition: string | null,
  {
    slug = AGENT.slug,
    baseRevision,
    who = ada,
  }: { slug?: string | null; baseRevision: number; who?: Member },
) =>
  await who.as.mutation(api.projectEdits.change, {
    ...development,
    kind: "agent",
    slug,
    definition,
    baseRevision,
  });
const undo = async (revision: number, who = ada) =>
  await who.as.mutation(api.projectEdits.undo, { ...development, revision });
const pushes = async () => (await ada.as.query(api.projectHistory.pushes, { ...development, ...page })).page;
const refused = (kind: string, params: object = {}) => ({ data: { kind, params } });

describe("an edit on the page", () => {
  test("makes, changes, renames and deletes a definition, each with its author, time and source", async () => {
    expect(await edit(agentText(), { slug: null, baseRevision: 0, who: mia })).toMatchObject({
      revision: 1,
      created: [support],
    });
    await edit(agentText({ name: "Helper" }), { baseRevision: 1 });
    const renamed = await edit(agentText({ slug: "helper" }), { baseRevision: 2 });
    expect(renamed).toMatchObject({ created: [{ slug: "helper" }], deleted: [support] });
    await edit(null, { slug: "helper", baseRevision: 3 });
    expect(await pushes()).toMatchObject([
      { revision: 4, source: "page", authorName: "ada", deleted: 1 },
      { revision: 3, created: 1, deleted: 1 },
      { revision: 2, updated: 1 },
      { revision: 1, authorName: "mia", created: 1, at: expect.any(Number) },
      { revision: 0, source: "start", authorName: null },
    ]);
    const { page: entries } = await ada.as.query(api.audit.list, { action: "project.changed", ...page });
    expect(entries).toHaveLength(4);
    const { page: versions } = await ada.as.query(api.projectHistory.versions, {
      ...development,
      ...support,
      ...page,
    });
    expect(versions).toMatchObject([
      { number: 3, isDeletion: true },
      { number: 2, isDeletion: false, authorName: "ada", source: "page" },
      { number: 1, authorName: "mia" },
    ]);
  });

  test("is not hindered by what others change elsewhere, and refused where they changed the same", async () => {
    await edit(agentText(), { slug: null, baseRevision: 0 });
    const key = await keyOf(db, ada);
    await sync(db, key, "/v1/sync", { base_revision: 1, roles: texts(CLERK) });
    // Revision 2 changed a role: the agent is as it was seen at 1.
    expect(await edit(agentText({ name: "One" }), { baseRevision: 1 })).toMatchObject({ revision: 3 });
    await expect(edit(agentText({ name: "Two" }), { baseRevision: 2, who: mia })).rejects.toMatchObject(
      refused("project_definition_moved", { names: ["agent support"], base: 2 }),
    );
    expect(await textOf()).toBe(agentText({ name: "One" }));
    // A second press of the same button is no conflict with the first one.
    expect(await edit(agentText({ name: "One" }), { baseRevision: 1 })).toMatchObject({
      revision: 3,
      updated: [],
    });
    // Nor may it be against a revision that there isn't yet.
    await expect(edit(agentText({ name: "Two" }), { baseRevision: 99 })).rejects.toMatchObject({
      data: { code: "project_moved" },
    });
  });

  test("of what somebody deleted meanwhile is refused, and so is a name that is taken", async () => {
    await edit(agentText(), { slug: null, baseRevision: 0 });
    await edit(null, { baseRevision: 1 });
    await expect(edit(agentText({ name: "x" }), { baseRevision: 1 })).rejects.toMatchObject(
      refused("project_definition_moved"),
    );
    expect(await edit(agentText({ name: "x" }), { baseRevision: 2 })).toMatchObject({ created: [support] });
    await expect(edit(agentText(), { slug: null, baseRevision: 3 })).rejects.toMatchObject(
      refused("project_definition_exists"),
    );
    await expect(edit(agentText(), { slug: "support-agent", baseRevision: 3 })).rejects.toMatchObject(
      refused("project_definition_exists"),
    );
    await expect(edit(agentText({ slug: "no" }), { slug: "no", baseRevision: 3 })).rejects.toMatchObject(
      refused("project_definition_not_found"),
    );
  });

  test("is checked, with the path of each fault, and before it is made", async () => {
    const wrong = agentText({ model: { model: "x", temperature: 9 } });
    expect(
      await ada.as.query(api.projectDefinitions.check, { kind: "agent", definition: wrong }),
    ).toMatchObject({
      slug: AGENT.slug,
      faults: [{ path: "model.model" }, { path: "model.temperature" }],
    });
    await expect(edit(wrong, { slug: null, baseRevision: 0 })).rejects.toMatchObject({
      data: {
        kind: "project_definition_invalid",
        params: {
          faults: [expect.stringMatching(/^model\.model: /), expect.stringMatching(/^model\.temperature: /)],
        },
      },
    });
    await expect(edit("{", { slug: null, baseRevision: 0 })).rejects.toMatchObject({
      data: { code: "invalid_request" },
    });
    expect(await head()).toMatchObject({ revision: 0 });
  });

  test("is for members in development, and for admins in production; viewers read", async () => {
    const vic = await member(db, "vic", "viewer", "ada");
    await expect(edit(agentText(), { slug: null, baseRevision: 0, who: vic })).rejects.toMatchObject({
      data: { kind: "role_too_low" },
    });
    const inProduction = async (who: Member) =>
      await who.as.mutation(api.projectEdits.change, {
        environment: "production",
        kind: "agent",
        slug: null,
        definition: agentText(),
        baseRevision: 0,
      });
    await expect(inProduction(mia)).rejects.toMatchObject(refused("production_admins_only"));
    expect(await inProduction(ada)).toMatchObject({ revision: 1 });
    expect(
      await vic.as.query(api.projectDefinitions.get, { environment: "production", ...support }),
    ).toMatchObject({
      definition: agentText(),
    });
    expect(await head("development")).toMatchObject({ revision: 0 });
  });
});

describe("an earlier version", () => {
  test("comes back as the next one, once, and a deleted definition with it", async () => {
    await edit(agentText(), { slug: null, baseRevision: 0 });
    await edit(agentText({ name: "Worse" }), { baseRevision: 1 });
    const restore = async (number: number, baseRevision: number) =>
      await ada.as.mutation(api.projectEdits.restore, { ...development, ...support, number, baseRevision });
    expect(await restore(1, 2)).toMatchObject({ revision: 3, updated: [support] });
    expect(await restore(1, 2)).toMatchObject({ revision: 3, updated: [] });
    await expect(restore(2, 1)).rejects.toMatchObject(refused("project_definition_moved"));
    await edit(null, { baseRevision: 3 });
    expect(await restore(2, 4)).toMatchObject({ revision: 5, created: [support] });
    expect(await textOf()).toBe(agentText({ name: "Worse" }));
    await expect(restore(4, 5)).rejects.toMatchObject(refused("project_deletion_not_restorable"));
    await expect(restore(9, 5)).rejects.toMatchObject(refused("project_version_not_found"));
    const { page: versions } = await ada.as.query(api.projectHistory.versions, {
      ...development,
      ...support,
      ...page,
    });
    expect(versions.map(({ restoredFrom }) => restoredFrom)).toEqual([2, null, 1, null, null]);
    const { page: entries } = await ada.as.query(api.audit.list, { action: "project.restored", ...page });
    expect(entries).toHaveLength(2);
  });
});

describe("a change taken back", () => {
  let key: string;
  beforeEach(async () => {
    key = await keyOf(db, ada);
  });
  const pushed = async (body: object) => await sync(db, key, "/v1/sync", body);

  test("leaves exactly what it changed as that was before, and can be taken back itself", async () => {
    await edit(agentText(), { slug: null, baseRevision: 0 });
    await pushed({
      base_revision: 1,
      agents: texts({ ...AGENT, name: "Theirs" }),
      roles: texts(CLERK),
      delete: [{ kind: "trigger", slug: "ticket-opened" }],
      allow_deletions: true,
    });
    // What came after it, elsewhere, stays.
    await pushed({ base_revision: 2, entityTypes: texts(TICKET) });
    const done = await undo(2);
    expect(done).toMatchObject({
      revision: 4,
      created: [{ kind: "trigger" }],
      updated: [support],
      deleted: [{ kind: "role", slug: "clerk" }],
    });
    expect(await textOf()).toBe(agentText());
    expect((await head()).counts).toMatchObject({ entityType: 2, role: 1, trigger: 1 });
    expect(await pushes()).toMatchObject([
      { revision: 4, undoes: 2, undoneBy: null, source: "page" },
      { revision: 3, undoes: null },
      { revision: 2, undoneBy: 4, source: "cli" },
      { revision: 1 },
      { revision: 0 },
    ]);
    // Half a second later, the same button.
    expect(await undo(2)).toMatchObject({ revision: 4, created: [], updated: [], deleted: [] });
    expect(await undo(4)).toMatchObject({ revision: 5, deleted: [{ kind: "trigger" }] });
    expect(await textOf()).toBe(agentText({ name: "Theirs" }));
    expect((await pushes()).find(({ revision }) => revision === 2)).toMatchObject({ undoneBy: null });
    expect(await undo(2)).toMatchObject({ revision: 6 });
    expect(await textOf()).toBe(agentText());
  });

  test("by two at once is taken back once", async () => {
    await edit(agentText(), { slug: null, baseRevision: 0 });
    const both = await Promise.all([undo(1), undo(1, mia)]);
    expect(both.map(({ revision }) => revision)).toEqual([2, 2]);
    expect(both.flatMap(({ deleted }) => deleted)).toEqual([support]);
  });

  test("is refused where one of its definitions has changed since, and says what that was", async () => {
    await pushed({ base_revision: 0, agents: texts(AGENT), roles: texts(CLERK) });
    await edit(agentText({ name: "Later" }), { baseRevision: 1 });
    await expect(undo(1)).rejects.toMatchObject(
      refused("project_undo_moved", { revision: 1, names: ["agent support"] }),
    );
    expect((await head()).revision).toBe(2);
    const { page: changes } = await ada.as.query(api.projectHistory.changes, {
      ...development,
      revision: 1,
      ...page,
    });
    expect(changes).toMatchObject([
      {
        ...support,
        before: null,
        after: agentText(),
        since: { definition: agentText({ name: "Later" }) },
      },
      { kind: "role", slug: "clerk", before: null, since: null },
    ]);
    // What came and went since is not what the change made either.
    await edit(null, { baseRevision: 2 });
    await expect(undo(1)).rejects.toMatchObject(refused("project_undo_moved"));
    expect(await undo(3)).toMatchObject({ created: [support] });
  });

  test("is refused for the start, for none, for a viewer, and in production for a member", async () => {
    await expect(undo(0)).rejects.toMatchObject(refused("project_start_not_undoable"));
    await expect(undo(7)).rejects.toMatchObject(refused("project_push_not_found"));
    await expect(
      mia.as.mutation(api.projectEdits.undo, { environment: "production", revision: 1 }),
    ).rejects.toMatchObject(refused("production_admins_only"));
    const vic = await member(db, "vic", "viewer", "ada");
    await expect(undo(1, vic)).rejects.toMatchObject({ data: { kind: "role_too_low" } });
  });

  test("is refused where what it was is no longer kept", async () => {
    await edit(agentText(), { slug: null, baseRevision: 0 });
    await edit(agentText({ name: "Two" }), { baseRevision: 1 });
    await db.t.run(async (ctx) => {
      const rows = await ctx.db.query("projectVersions").collect();
      const first = rows.find(({ slug, version }) => slug === AGENT.slug && version === 1);
      await ctx.db.delete(first!._id);
    });
    await expect(undo(2)).rejects.toMatchObject(refused("project_undo_lost"));
    expect(await textOf()).toBe(agentText({ name: "Two" }));
  });
});

describe("a promotion", () => {
  const promote = async (names: { kind: "agent" | "role"; slug: string }[], more: object = {}, who = ada) =>
    await who.as.mutation(api.projectEdits.promote, {
      from: "development",
      fromRevision: 1,
      environment: "production",
      baseRevision: 0,
      names,
      ...more,
    });

  test("takes what was chosen as it is, deletes what isn't there, and leaves the rest", async () => {
    await edit(agentText(), { slug: null, baseRevision: 0 });
    await edit(null, { slug: "support-agent", baseRevision: 1 });
    const gone = { kind: "agent", slug: "support-agent" } as const;
    expect(await promote([support, gone], { fromRevision: 2 })).toMatchObject({
      revision: 1,
      created: [support],
      deleted: [gone],
    });
    expect(await textOf("production")).toBe(agentText());
    expect((await head("production")).counts).toMatchObject({ agent: 1, role: 1, trigger: 1 });
    const [entry] = (await ada.as.query(api.audit.list, { action: "project.changed", ...page })).page;
    expect(entry).toMatchObject({
      target: "production",
      after: expect.stringContaining('"from":"development"'),
    });
  });

  test("is refused where either side has moved, for members, and onto itself", async () => {
    await edit(agentText(), { slug: null, baseRevision: 0 });
    await expect(promote([support], {}, mia)).rejects.toMatchObject(refused("production_admins_only"));
    await expect(promote([support], { fromRevision: 0 })).rejects.toMatchObject(refused("project_moved"));
    await expect(promote([support], { baseRevision: 1 })).rejects.toMatchObject(refused("project_moved"));
    await expect(promote([support], { environment: "development" })).rejects.toMatchObject(
      refused("project_same_environment"),
    );
    await expect(promote([support, support])).rejects.toMatchObject(refused("project_named_twice"));
    expect(await head("production")).toMatchObject({ revision: 0 });
  });
});

describe("what refers to what", () => {
  test("is told with what of it isn't there", async () => {
    const clerk = {
      ...CLERK,
      agentAccess: ["nobody"],
      scopeRules: [{ entityType: "ticket", field: "data.owner", operator: "eq", value: "actor.userId" }],
    };
    await sync(db, await keyOf(db, ada), "/v1/sync", { base_revision: 0, roles: texts(clerk) });
    const found = await ada.as.query(api.projectDefinitions.references, { ...development, ...page });
    expect(found.page.find(({ slug }) => slug === "clerk")?.references).toEqual([
      { kind: "agent", slug: "nobody", path: "agentAccess[0]", field: null, missing: "definition" },
      { kind: "entityType", slug: "order", path: "policies[0].resource", field: null, missing: "definition" },
      { kind: "entityType", slug: "ticket", path: "scopeRules[0]", field: "owner", missing: "field" },
    ]);
    expect(found.page.find(({ slug }) => slug === "ticket-opened")?.references).toMatchObject([
      { slug: "ticket", missing: null },
    ]);
  });
});

describe("definitions of the largest size", () => {
  const long = (name: string) => agentText({ slug: name, name, systemPrompt: "x".repeat(499_000) });

  test("are listed without their texts, read, compared and taken back", async () => {
    const names = Array.from({ length: 10 }, (_, index) => `large-${index}`);
    for (const [index, slug] of names.entries()) await edit(long(slug), { slug: null, baseRevision: index });
    const listed = [];
    let cursor: string | null = null;
    do {
      const found: { page: { slug: string }[]; isDone: boolean; continueCursor: string } = await ada.as.query(
        api.projectDefinitions.list,
        { ...development, kind: "agent", paginationOpts: { numItems: 100, cursor } },
      );
      expect(JSON.stringify(found).length).toBeLessThan(20_000);
      listed.push(...found.page.map(({ slug }) => slug));
      cursor = found.isDone ? null : found.continueCursor;
    } while (cursor !== null);
    expect(listed).toEqual([...names, "support-agent"]);
    await sync(db, await keyOf(db, ada), "/v1/sync", {
      base_revision: 10,
      delete: names.map((slug) => ({ kind: "agent", slug })),
      allow_deletions: true,
    });
    const { page: first } = await ada.as.query(api.projectHistory.changes, {
      ...development,
      revision: 11,
      ...page,
    });
    expect(first).toHaveLength(10);
    expect(await undo(11)).toMatchObject({ created: expect.objectContaining({ length: 10 }) });
    expect((await head()).bytes).toBeGreaterThan(4_990_000);
  });
});

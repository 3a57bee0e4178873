import { beforeEach, describe, expect, test } from "vitest";
import { api } from "#convex/_generated/api.js";
import { MAX_SKILL_BYTES, MAX_SKILL_REVISIONS, MAX_SKILLS } from "#domain/skills.ts";
import { member, type Member, readySession } from "./support.ts";
import { SKILL } from "./things.ts";
import { ada, db, freshWorld } from "./world.ts";

freshWorld();

const page = { paginationOpts: { numItems: 100, cursor: null } };
const make = async (fields: Partial<typeof SKILL> = {}, who: Member = ada) =>
  await who.as.mutation(api.skills.create, { ...SKILL, ...fields });
const refused = (kind: string) => ({ data: { kind } });

let eve: Member;
beforeEach(async () => {
  eve = await member(db, "eve");
});

describe("a skill", () => {
  test("is listed by root and name, with its text and its earlier ones", async () => {
    await make({ name: "zebra" });
    const { id: skillId } = await make({ name: "apple", root: "docs/skills" });
    await make();
    const { page: found } = await ada.as.query(api.skills.list, page);
    expect(found.map(({ name }) => name)).toEqual(["article-writer", "zebra", "apple"]);
    const narrowed = await ada.as.query(api.skills.list, { ...page, root: "docs/skills" });
    expect(narrowed.page.map(({ name }) => name)).toEqual(["apple"]);
    const changed = await ada.as.mutation(api.skills.update, { skillId, body: "Two.", expectedRevision: 1 });
    expect(changed).toMatchObject({ revision: 2, name: "apple" });
    expect(await ada.as.query(api.skills.get, { skillId })).toMatchObject({ body: "Two.", revision: 2 });
    expect(await ada.as.query(api.skills.get, { skillId, revision: 1 })).toMatchObject({ body: SKILL.body });
    await ada.as.mutation(api.skills.remove, { skillId });
    await expect(ada.as.query(api.skills.get, { skillId })).rejects.toMatchObject(refused("skill_not_found"));
    const left = await db.t.run(async (ctx) => await ctx.db.query("skillTexts").collect());
    expect(left.filter((row) => row.skillId === skillId)).toEqual([]);
  });

  test("keeps its last texts alone, and is known by each of them", async () => {
    const { id: skillId } = await make();
    for (let n = 2; n <= MAX_SKILL_REVISIONS + 3; n += 1)
      await ada.as.mutation(api.skills.update, { skillId, body: `Text ${n}.` });
    const kept = await ada.as.query(api.skills.revisions, { skillId });
    expect(kept.map(({ revision }) => revision)).toEqual(
      Array.from({ length: MAX_SKILL_REVISIONS }, (_, index) => MAX_SKILL_REVISIONS + 3 - index),
    );
    await expect(ada.as.query(api.skills.get, { skillId, revision: 3 })).rejects.toMatchObject(
      refused("skill_revision_not_found"),
    );
    const row = await db.t.run(async (ctx) => await ctx.db.query("skills").first());
    expect(new Set(row?.hashes).size).toBe(MAX_SKILL_REVISIONS);
  });

  test("is turned off without another revision, and an update that changes nothing leaves no trace", async () => {
    const { id: skillId } = await make();
    expect(await ada.as.mutation(api.skills.update, { skillId, enabled: false })).toMatchObject({
      enabled: false,
      revision: 1,
    });
    const entries = async () =>
      await db.t.run(async (ctx) => (await ctx.db.query("auditEntries").collect()).length);
    const before = await entries();
    await ada.as.mutation(api.skills.update, { skillId, enabled: false, body: SKILL.body });
    expect(await entries()).toBe(before);
  });

  test.each<[string, Partial<typeof SKILL>, string]>([
    ["a name of one letter", { name: "a" }, "field_invalid"],
    ["a name that no mention can end in", { name: "writer-" }, "field_invalid"],
    ["a name with a slash", { name: "a/../b" }, "field_invalid"],
    ["no description", { description: " " }, "field_invalid"],
    ["no text", { body: "" }, "field_invalid"],
    ["a NUL", { body: "a\0b" }, "field_invalid"],
    ["a root outside of the workspace", { root: "../skills" }, "skill_root_invalid"],
    ["a root of the project's", { root: "agents/skills" }, "skill_root_invalid"],
    ["front matter that is no object", { extra: "[1]" }, "skill_extra"],
    ["front matter that is no JSON", { extra: "{a" }, "skill_extra"],
    ["a file that is too large", { body: "x".repeat(MAX_SKILL_BYTES) }, "skill_too_large"],
  ])("is refused with %s", async (_, fields, kind) => {
    await expect(make(fields)).rejects.toMatchObject(refused(kind));
    const { id: skillId } = await make({ name: "other" });
    const { root: _root, enabled: _enabled, ...changes } = fields as Record<string, unknown>;
    if (fields.root === undefined)
      await expect(ada.as.mutation(api.skills.update, { skillId, ...changes })).rejects.toMatchObject(
        refused(kind),
      );
  });

  test("is refused where its name is taken in its root, by whatever way", async () => {
    await make();
    await expect(make()).rejects.toMatchObject({ data: { code: "already_exists", kind: "skill_exists" } });
    const { id: skillId } = await make({ name: "other" });
    await expect(ada.as.mutation(api.skills.update, { skillId, name: SKILL.name })).rejects.toMatchObject(
      refused("skill_exists"),
    );
    await make({ root: "docs/skills" });
    await make({}, eve);
  });

  test("is refused beyond what an organization can have", async () => {
    for (let n = 10; n < 10 + MAX_SKILLS; n += 1) await make({ name: `skill-${n}` });
    await expect(make()).rejects.toMatchObject(refused("skill_limit"));
  });

  test("is refused where all of them were too large together, and one can be made smaller", async () => {
    const body = "x".repeat(MAX_SKILL_BYTES - 200);
    const first = await make({ name: "large-10", body });
    for (let n = 11; n <= 31; n += 1) await make({ name: `large-${n}`, body });
    await expect(make({ body })).rejects.toMatchObject(refused("skills_too_large"));
    await ada.as.mutation(api.skills.update, { skillId: first.id, body: "Small." });
    await make({ body });
  });

  test("someone else's change is not written over", async () => {
    const { id: skillId } = await make();
    await ada.as.mutation(api.skills.update, { skillId, body: "Hers.", expectedRevision: 1 });
    await expect(
      ada.as.mutation(api.skills.update, { skillId, body: "His.", expectedRevision: 1 }),
    ).rejects.toMatchObject({ data: { code: "file_changed", kind: "skill_changed" } });
  });

  test("is a member's to change who made it, and an admin's", async () => {
    const bob = await member(db, "bob", "member", "ada");
    const { id: hers } = await make();
    const { id: his } = await make({ name: "his" }, bob);
    for (const call of [
      async () => await bob.as.mutation(api.skills.update, { skillId: hers, enabled: false }),
      async () => await bob.as.mutation(api.skills.remove, { skillId: hers }),
    ])
      await expect(call()).rejects.toMatchObject(refused("skill_others"));
    await bob.as.mutation(api.skills.update, { skillId: his, body: "Better." });
    await ada.as.mutation(api.skills.remove, { skillId: his });
  });
});

describe("a session's roots", () => {
  test("are the default one, those that were chosen, or none", async () => {
    const { sessionId } = await readySession(db, ada);
    await make();
    await make({ name: "elsewhere", root: "docs/skills" });
    const { roots, skills } = await ada.as.query(api.skills.ofSession, { sessionId });
    expect(roots).toEqual([SKILL.root]);
    expect(skills.map(({ mention }) => mention)).toEqual([
      expect.stringMatching(/^\$\[.+:web\]\.article-writer$/),
    ]);
    expect(await ada.as.mutation(api.skills.setRoots, { sessionId, roots: ["docs/skills"] })).toEqual([
      "docs/skills",
    ]);
    const narrowed = await ada.as.query(api.skills.ofSession, { sessionId });
    expect(narrowed.skills.map(({ name }) => name)).toEqual(["elsewhere"]);
    expect(
      (await db.service.query(api.skills.forSandbox, { sessionId })).files.map(({ path }) => path),
    ).toEqual(["docs/skills/elsewhere/SKILL.md"]);
    await ada.as.mutation(api.skills.setRoots, { sessionId, roots: [] });
    expect(await ada.as.query(api.skills.ofSession, { sessionId })).toEqual({ roots: [], skills: [] });
    const { root: _, enabled: __, ...fields } = SKILL;
    const inSession = { ...fields, name: "inside" };
    await expect(
      ada.as.mutation(api.skills.createInSession, { sessionId, ...inSession }),
    ).rejects.toMatchObject({ data: { code: "invalid_request", kind: "skill_no_roots" } });
    expect(await ada.as.mutation(api.skills.setRoots, { sessionId, roots: null })).toEqual([SKILL.root]);
    await expect(
      ada.as.mutation(api.skills.createInSession, { sessionId, root: "docs/skills", ...inSession }),
    ).rejects.toMatchObject(refused("skill_root_not_here"));
    expect(await ada.as.mutation(api.skills.createInSession, { sessionId, ...inSession })).toMatchObject({
      root: SKILL.root,
    });
  });

  test.each([[["../x"]], [["agents/x"]], [["a/skills", "b/skills"]]])("%j are refused", async (roots) => {
    const { sessionId } = await readySession(db, ada);
    await expect(ada.as.mutation(api.skills.setRoots, { sessionId, roots })).rejects.toMatchObject({
      data: { code: "invalid_request" },
    });
  });

  test("a skill that is off is listed, and written nowhere", async () => {
    const { sessionId } = await readySession(db, ada);
    await make({ enabled: false });
    expect((await ada.as.query(api.skills.ofSession, { sessionId })).skills).toHaveLength(1);
    expect(await db.service.query(api.skills.forSandbox, { sessionId })).toMatchObject({ files: [] });
    expect(await ada.as.query(api.skills.mentionable, {})).toEqual([]);
  });
});

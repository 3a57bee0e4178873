import { beforeEach, describe, expect, test } from "vitest";
import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import { MAX_SESSION_OFFERS } from "#domain/skills.ts";
import { hashOf, member, type Member, readySession } from "./support.ts";
import { SKILL } from "./things.ts";
import { ada, db, freshWorld } from "./world.ts";

freshWorld();

let sessionId: Id<"sandboxSessions">;
let skillId: Id<"skills">;
let eve: Member;
beforeEach(async () => {
  eve = await member(db, "eve");
  ({ sessionId } = await readySession(db, ada));
  skillId = (await ada.as.mutation(api.skills.create, SKILL)).id;
});

const { root: _root, enabled: _enabled, ...FIELDS } = SKILL;
const note = async (
  body: string,
  more: { name?: string; description?: string; skillId?: Id<"skills"> } = {},
) =>
  await db.service.mutation(api.skillOffers.note, {
    sessionId,
    skillId,
    sha256: hashOf(body),
    ...FIELDS,
    body,
    ...more,
  });
const offers = async (who: Member = ada) =>
  (await who.as.query(api.skillOffers.list, { paginationOpts: { numItems: 50, cursor: null } })).page;
const skill = async () => await ada.as.query(api.skills.get, { skillId });

describe("what an agent has made of a skill", () => {
  test("leaves the organization's copy alone until a person takes it", async () => {
    expect(await note("Better.")).toBe(true);
    expect(await skill()).toMatchObject({ body: SKILL.body, revision: 1 });
    const [offer] = await offers();
    expect(offer).toMatchObject({ skillId, sessionId, before: SKILL.body, after: "Better.", revision: 1 });
    const events = await db.t.run(async (ctx) => await ctx.db.query("sessionEvents").collect());
    expect(events.filter(({ type }) => type === "skill.offered")).toHaveLength(1);
    await ada.as.mutation(api.skillOffers.take, { offerId: offer!.id });
    expect(await skill()).toMatchObject({ body: "Better.", revision: 2 });
    expect(await offers()).toEqual([]);
    // The file is as it was offered, and is known from now on.
    expect(await note("Better.")).toBe(false);
    await expect(ada.as.mutation(api.skillOffers.take, { offerId: offer!.id })).rejects.toMatchObject({
      data: { kind: "skill_offer_not_found" },
    });
  });

  test("is not offered again once it was dismissed, and another change is", async () => {
    await note("Worse.");
    await ada.as.mutation(api.skillOffers.dismiss, { offerId: (await offers())[0]!.id });
    expect(await offers()).toEqual([]);
    expect(await note("Worse.")).toBe(false);
    expect(await skill()).toMatchObject({ body: SKILL.body, revision: 1 });
    expect(await note("Other.")).toBe(true);
    expect((await offers()).map(({ after }) => after)).toEqual(["Other."]);
  });

  test("is one offer for each skill of a session, however often it changes, and keeps the skill's name", async () => {
    await note("One.");
    await note("Two.", { name: "another-name" });
    const [offer, ...more] = await offers();
    expect(more).toEqual([]);
    expect(offer).toMatchObject({ name: SKILL.name, after: "Two." });
    await ada.as.mutation(api.skillOffers.take, { offerId: offer!.id });
    expect(await skill()).toMatchObject({ name: SKILL.name, body: "Two." });
  });

  test.each([
    ["no text", "", {}],
    ["a NUL", "a\0b", {}],
    ["no description", "Text.", { description: " " }],
    ["a name that is none", "Text.", { name: "../x" }],
  ])("with %s is nothing to offer", async (_, body, more) => {
    expect(await note(body, more)).toBe(false);
    expect(await offers()).toEqual([]);
  });

  test("is another organization's neither to see nor to take, and a foreign skill is not offered", async () => {
    const foreign = await eve.as.mutation(api.skills.create, SKILL);
    expect(await note("Foreign.", { skillId: foreign.id })).toBe(false);
    await note("Better.");
    expect(await offers(eve)).toEqual([]);
    const offerId = (await offers())[0]!.id;
    for (const act of [api.skillOffers.take, api.skillOffers.dismiss])
      await expect(eve.as.mutation(act, { offerId })).rejects.toMatchObject({
        data: { kind: "skill_offer_not_found" },
      });
  });

  test("is decided on by an admin, or a member who made the skill", async () => {
    const bob = await member(db, "bob", "member", "ada");
    await note("Better.");
    const offerId = (await offers())[0]!.id;
    await expect(bob.as.mutation(api.skillOffers.take, { offerId })).rejects.toMatchObject({
      data: { kind: "skill_others" },
    });
  });

  test("is bounded for each session, and goes with the skill", async () => {
    for (let n = 10; n < 10 + MAX_SESSION_OFFERS + 2; n += 1) {
      const { id } = await ada.as.mutation(api.skills.create, { ...SKILL, name: `skill-${n}` });
      await note(`Text ${n}.`, { skillId: id });
    }
    expect(await offers()).toHaveLength(MAX_SESSION_OFFERS);
    const [offer] = await offers();
    await ada.as.mutation(api.skills.remove, { skillId: offer!.skillId! });
    expect(await offers()).toHaveLength(MAX_SESSION_OFFERS - 1);
  });

  test("of a session that has ended meanwhile is offered all the same", async () => {
    await ada.as.mutation(api.sandboxSessions.stop, { sessionId });
    expect(await note("Text.")).toBe(true);
    expect(await offers()).toHaveLength(1);
  });
});

describe("a skill that an agent has made", () => {
  const made = async (
    body: string,
    more: { name?: string; root?: string; sessionId?: Id<"sandboxSessions"> } = {},
  ) =>
    await db.service.mutation(api.skillOffers.noteNew, {
      sessionId,
      root: SKILL.root,
      sha256: hashOf(body),
      ...FIELDS,
      name: "of-the-agent",
      body,
      ...more,
    });
  const named = async (name: string) =>
    (await ada.as.query(api.skills.list, { paginationOpts: { numItems: 50, cursor: null } })).page.find(
      (row) => row.name === name,
    );

  test("is the organization's once a person takes it, and any member may", async () => {
    expect(await made("New.")).toBe(true);
    expect(await named("of-the-agent")).toBeUndefined();
    const bob = await member(db, "bob", "member", "ada");
    const [offer] = await offers(bob);
    expect(offer).toMatchObject({
      skillId: null,
      name: "of-the-agent",
      path: `${SKILL.root}/of-the-agent/SKILL.md`,
      revision: 0,
      before: "",
      after: "New.",
    });
    await bob.as.mutation(api.skillOffers.take, { offerId: offer!.id });
    expect(await named("of-the-agent")).toMatchObject({
      enabled: true,
      revision: 1,
      createdById: bob.userId,
    });
    expect(await offers()).toEqual([]);
    // From now on it is one of the organization's, whose file is known.
    expect(await made("New.")).toBe(false);
    const entries = await db.t.run(async (ctx) => await ctx.db.query("auditEntries").collect());
    expect(entries.filter(({ action }) => action === "skill.created").at(-1)).toMatchObject({
      target: "of-the-agent",
      userId: bob.userId,
    });
  });

  test("is offered once in the organization, and not again where it was dismissed", async () => {
    await made("New.");
    const other = await readySession(db, ada);
    expect(await made("New.", { sessionId: other.sessionId })).toBe(false);
    await ada.as.mutation(api.skillOffers.dismiss, { offerId: (await offers())[0]!.id });
    expect(await made("New.")).toBe(false);
    expect(await made("New.", { sessionId: other.sessionId })).toBe(false);
    expect(await made("Newer.")).toBe(true);
    expect(await offers()).toHaveLength(1);
  });

  test("that somebody has made meanwhile is a change of theirs", async () => {
    await made("New.");
    const bob = await member(db, "bob", "member", "ada");
    const { id } = await ada.as.mutation(api.skills.create, {
      ...SKILL,
      name: "of-the-agent",
      body: "Hers.",
    });
    const [offer] = await offers();
    expect(offer).toMatchObject({ skillId: id, before: "Hers.", after: "New.", revision: 1 });
    await expect(bob.as.mutation(api.skillOffers.take, { offerId: offer!.id })).rejects.toMatchObject({
      data: { kind: "skill_others" },
    });
    await ada.as.mutation(api.skillOffers.take, { offerId: offer!.id });
    expect(await named("of-the-agent")).toMatchObject({ id, revision: 2 });
  });

  test.each([
    ["a root that is not the session's", { root: "docs/skills" }],
    ["a name that is none", { name: "../x" }],
    ["the name of a skill that there is", { name: SKILL.name }],
  ])("with %s is nothing to offer", async (_, more) => {
    expect(await made("New.", more)).toBe(false);
    expect(await offers()).toEqual([]);
  });

  test("is nobody else's, and nothing of a deleted session's", async () => {
    await made("New.");
    expect(await offers(eve)).toEqual([]);
    await ada.as.mutation(api.sessionDeletion.remove, { sessionId });
    expect(await made("Newer.")).toBe(false);
  });

  test("that needs what no sandbox can be given is refused to who takes it, with the reason", async () => {
    await db.service.mutation(api.skillOffers.noteNew, {
      sessionId,
      root: SKILL.root,
      sha256: hashOf("x"),
      ...FIELDS,
      name: "of-the-agent",
      envVars: ["PATH"],
    });
    const offerId = (await offers())[0]!.id;
    await expect(ada.as.mutation(api.skillOffers.take, { offerId })).rejects.toMatchObject({
      data: { kind: "skill_variable" },
    });
  });
});

import { beforeEach, expect, test } from "vitest";
import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import { MAX_SKILL_REVISIONS } from "#domain/skills.ts";
import { makeReady, member, type Member } from "./support.ts";
import { SKILL } from "./things.ts";
import { ada, db, freshWorld } from "./world.ts";

freshWorld();

let bob: Member;
beforeEach(async () => {
  bob = await member(db, "bob", "member", "ada");
});

const begin = async (environment: "development" | "production") => {
  const { id } = await ada.by.mutation(api.sandboxSessions.create, {
    environment,
    provider: "demo",
    model: "demo",
    keySource: "platform",
    title: "t",
  });
  const sessionId = id as Id<"sandboxSessions">;
  await makeReady(db, sessionId);
  return sessionId;
};
const textsIn = async (sessionId: Id<"sandboxSessions">) =>
  (await db.service.query(api.skills.forSandbox, { sessionId })).files.map(({ text }) =>
    text.trim().split("\n").at(-1),
  );
const mentioned = async (sessionId: Id<"sandboxSessions">) => {
  const { runId } = await ada.as.mutation(api.runs.start, {
    sessionId,
    message: "$[ada:web].article-writer go",
  });
  const { events } = await ada.as.query(api.events.list, { sessionId, after: 0, limit: 500 });
  const said = events.find((event) => event.runId === runId && event.type.startsWith("skill."));
  return [said?.type, JSON.parse(said?.payload ?? "{}") as Record<string, unknown>] as const;
};
const skill = async (skillId: string) => await ada.as.query(api.skills.get, { skillId });

test("a member's skill is in development at once, and in production once an admin has approved it", async () => {
  const { id: skillId, productionRevision } = await bob.as.mutation(api.skills.create, {
    ...SKILL,
    body: "One.",
  });
  expect(productionRevision).toBeNull();
  const [development, production] = [await begin("development"), await begin("production")];
  expect(await textsIn(development)).toEqual(["One."]);
  expect(await textsIn(production)).toEqual([]);
  expect((await ada.as.query(api.skills.ofSession, { sessionId: production })).skills).toEqual([]);
  expect(await mentioned(production)).toMatchObject(["skill.failed", { reason: "not_in_production" }]);
  await ada.as.mutation(api.skills.setProduction, { skillId, revision: 1 });
  expect(await textsIn(production)).toEqual(["One."]);
  // What its author writes from then on waits, and production stays with what it has.
  await bob.as.mutation(api.skills.update, { skillId, body: "Two." });
  expect(await skill(skillId)).toMatchObject({ revision: 2, productionRevision: 1 });
  expect(await textsIn(development)).toEqual(["Two."]);
  expect(await textsIn(production)).toEqual(["One."]);
  const [file] = (await db.service.query(api.skills.forSandbox, { sessionId: production })).files;
  expect(file?.hashes.at(-1)).toBe(file?.hashes[0]);
  await ada.as.mutation(api.skills.update, { skillId, body: "Three." });
  expect(await textsIn(production)).toEqual(["Three."]);
  await ada.as.mutation(api.skills.setProduction, { skillId, revision: null });
  expect(await textsIn(production)).toEqual([]);
});

test("a mention in production brings the text that production has", async () => {
  const { id: skillId } = await ada.as.mutation(api.skills.create, { ...SKILL, body: "Hers." });
  await db.t.run(async (ctx) => await ctx.db.patch(skillId, { createdById: bob.userId }));
  await bob.as.mutation(api.skills.update, { skillId, body: "His.", envVars: ["TOKEN_OF_HIS"] });
  const production = await begin("production");
  expect(await mentioned(production)).toMatchObject(["skill.injected", { revision: 1 }]);
});

test("only an admin approves, and only a text that is kept", async () => {
  const { id: skillId } = await bob.as.mutation(api.skills.create, SKILL);
  await expect(bob.as.mutation(api.skills.setProduction, { skillId, revision: 1 })).rejects.toMatchObject({
    data: { code: "forbidden" },
  });
  await expect(ada.as.mutation(api.skills.setProduction, { skillId, revision: 2 })).rejects.toMatchObject({
    data: { kind: "skill_revision_not_found" },
  });
});

test("the text that production has is kept, however many follow, and goes with the skill", async () => {
  const { id: skillId } = await ada.as.mutation(api.skills.create, { ...SKILL, body: "Kept." });
  await db.t.run(async (ctx) => await ctx.db.patch(skillId, { createdById: bob.userId }));
  for (let n = 0; n < MAX_SKILL_REVISIONS + 2; n += 1)
    await bob.as.mutation(api.skills.update, { skillId, body: `Later ${n}.` });
  const production = await begin("production");
  expect(await textsIn(production)).toEqual(["Kept."]);
  await bob.as.mutation(api.skills.remove, { skillId });
  expect(await db.t.run(async (ctx) => await ctx.db.query("skillTexts").collect())).toEqual([]);
});

test("a skill from before stays in production as it was, also once a member writes on", async () => {
  const { id: skillId } = await bob.as.mutation(api.skills.create, { ...SKILL, body: "Old." });
  await db.t.run(async (ctx) => await ctx.db.patch(skillId, { productionRevision: undefined }));
  const production = await begin("production");
  expect(await textsIn(production)).toEqual(["Old."]);
  await bob.as.mutation(api.skills.update, { skillId, body: "New." });
  expect(await textsIn(production)).toEqual(["Old."]);
});

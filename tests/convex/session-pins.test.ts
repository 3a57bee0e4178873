import { expect, test } from "vitest";
import { api } from "#convex/_generated/api.js";
import { newSkills, skillStates } from "#domain/provenance.ts";
import { member, readySession } from "./support.ts";
import { AGENT, RULE, SKILL } from "./things.ts";
import { ada, db, freshWorld } from "./world.ts";

freshWorld();

test("a session keeps prices, skills and rules as they were, and says what is different", async () => {
  const { id: skillId } = await ada.as.mutation(api.skills.create, { ...SKILL, name: "writer" });
  await ada.as.mutation(api.skills.create, { ...SKILL, name: "reviewer" });
  await ada.as.mutation(api.approvalRules.create, RULE);
  const { id: agentId } = await ada.as.mutation(api.agents.create, { ...AGENT, skills: ["writer"] });
  const { sessionId } = await readySession(db, ada, { agentId });
  const pins = async () => (await ada.as.query(api.sessionPins.ofSession, { sessionId }))!;
  const first = await pins();
  expect(first.began).toEqual(first.now);
  expect(first.began).toMatchObject({
    prices: { priceInMicroUsd: expect.any(Number) },
    skills: [{ name: "writer", revision: 1, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) }],
    rules: [{ pattern: RULE.pattern, action: RULE.action }],
    rulesCount: 1,
  });
  await ada.as.mutation(api.skills.update, { skillId, body: "# Other" });
  await ada.as.mutation(api.approvalRules.create, { ...RULE, name: "second" });
  const { began, now } = await pins();
  expect(began).toEqual(first.began);
  expect(now.rulesCount).toBe(2);
  expect(now.rulesDigest).not.toBe(began.rulesDigest);
  expect(skillStates(began.skills, now.skills)).toMatchObject([{ name: "writer", state: "changed" }]);
  await ada.as.mutation(api.skills.remove, { skillId });
  expect(skillStates(began.skills, (await pins()).now.skills)).toMatchObject([{ state: "gone" }]);
  expect(newSkills([], began.skills)).toEqual(["writer"]);
});

test("what a session began with is its organization's alone", async () => {
  const { sessionId } = await readySession(db, ada);
  const eve = await member(db, "eve");
  await expect(eve.as.query(api.sessionPins.ofSession, { sessionId })).rejects.toMatchObject({
    data: { code: "not_found" },
  });
});

import { expect, test } from "vitest";
import { api } from "#convex/_generated/api.js";
import { newSkills, skillStates } from "#domain/provenance.ts";
import { hashOf, makeReady, member, readySession } from "./support.ts";
import { AGENT, RULE, SETUP, SKILL } from "./things.ts";
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

const TEMPLATE = "studio@1";
const VERSIONS = { node: "24.1.0", opencode: "1.0.0" };

/** Has a set-up snapshot built, as a server does. */
async function builtSnapshot() {
  await ada.as.mutation(api.setupScripts.save, SETUP);
  const [due] = (await db.service.query(api.due.setups, { now: Date.now() + 1_000 })).items;
  const work = await db.service.mutation(api.setupBuilds.claim, {
    scriptId: due!.scriptId,
    snapshotId: "snapshot-1",
    template: TEMPLATE,
    key: { hash: hashOf("key"), last4: "abcd" },
    gitKey: { hash: hashOf("git"), last4: "abcd" },
  });
  const { buildId } = work!;
  const result = { status: "ready" as const, snapshotId: "snapshot-1", lockfiles: [] };
  await db.service.mutation(api.setupBuilds.finish, { buildId, result });
  return buildId;
}

test("a session keeps what its first sandbox was made of, and the snapshot that it began from", async () => {
  const plain = { template: TEMPLATE, versions: VERSIONS, buildId: null };
  const first = await readySession(db, ada, {}, plain);
  const made = async (sessionId: string) => (await ada.as.query(api.sessionPins.ofSession, { sessionId }))!;
  expect(await made(first.sessionId)).toMatchObject({
    made: { template: TEMPLATE, versions: VERSIONS, snapshot: null },
    madeNow: { template: TEMPLATE, snapshot: null },
  });
  const buildId = await builtSnapshot();
  expect((await made(first.sessionId)).madeNow?.snapshot).toMatchObject({ buildId });
  const versions = { ...VERSIONS, node: "24.2.0" };
  const second = await readySession(db, ada, {}, { template: TEMPLATE, versions, buildId });
  const kept = (await made(second.sessionId)).made;
  expect(kept).toMatchObject({
    versions,
    snapshot: { buildId, sha256: expect.stringMatching(/^[0-9a-f]{64}$/), builtAt: expect.any(Number) },
  });
  // Another sandbox, after a stop, is not what it began with.
  await ada.as.mutation(api.sandboxSessions.stop, { sessionId: second.sessionId });
  await db.t.run(async (ctx) => await ctx.db.patch(second.sessionId, { status: "provisioning" }));
  await makeReady(db, second.sessionId, { ...plain, template: "studio@2" });
  expect((await made(second.sessionId)).made).toEqual(kept);
  // What differs from now is told by the latest sessions, and by the script as it is.
  await ada.as.mutation(api.setupScripts.save, { ...SETUP, script: "false" });
  expect((await made(first.sessionId)).madeNow).toEqual({ template: TEMPLATE, versions, snapshot: null });
});

import { beforeEach, describe, expect, test } from "vitest";
import { api, internal } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import { createHash } from "node:crypto";
import { AGENT, keyOf, sync, texts } from "./project-world.ts";
import { freshSession, sessionId } from "./ready-session.ts";
import { member, type Member, readySession } from "./support.ts";
import { ada, db } from "./world.ts";

freshSession();

type Kind = "agent" | "entityType" | "role" | "trigger" | "file";
interface There {
  kind: Kind;
  slug: string;
  file: string;
  hash: string;
  text?: string;
}

const hashOf = (text: string) => createHash("sha256").update(text).digest("hex");
const FOLDERS = { agent: "agents", entityType: "entity-types", role: "roles", trigger: "triggers", file: "" };
const made = (kind: Kind, slug: string, value: object): There => {
  const text = JSON.stringify(value);
  return { kind, slug, file: `${FOLDERS[kind]}/${slug}.ts`, hash: hashOf(text), text };
};
const SUPPORT = made("agent", "support", AGENT);
const changedRole = made("role", "agent", {
  name: "agent",
  policies: [{ resource: "*", actions: ["*"], effect: "allow" }],
});

let key: string;
/** What was pulled, as a workspace has it. */
async function pulled(): Promise<There[]> {
  key = await keyOf(db, ada);
  const { entries } = (await sync(db, key, "/v1/sync/state")).body;
  return entries.map(({ kind, slug, hash }) => ({
    kind: kind as Kind,
    slug,
    file: `${FOLDERS[kind as Kind]}/${slug}.ts`,
    hash,
  }));
}

/** Has a server look at a workspace that holds this. */
async function look(
  found: readonly There[],
  {
    revision = 0,
    at = 1,
    faults = [],
  }: { revision?: number; at?: number; faults?: { file: string; message: string }[] } = {},
  of: Id<"sandboxSessions"> = sessionId,
) {
  const told = found.flatMap(({ kind, text }) => (text === undefined ? [] : [{ kind, text }]));
  await db.service.mutation(api.sessionProject.keep, { sessionId: of, texts: told });
  const rows = found.map(({ kind, slug, file, hash }) => ({ kind, slug, file, hash }));
  await db.service.mutation(api.sessionProject.record, { sessionId: of, revision, found: rows, faults, at });
}

const get = async (who: Member = ada) => (await who.as.query(api.sessionProject.get, { sessionId }))!;
const namesOf = async () =>
  (await get()).changes.map(({ kind, slug, change }) => `${change} ${kind} ${slug}`);
const chosen = ({ kind, slug, hash }: There) => ({ kind, slug, seen: hash });
const push = async (
  definitions: { kind: Kind; slug: string; seen: string | null }[],
  more: { revision?: number; allowDeletions?: boolean; confirm?: string } = {},
  who: Member = ada,
) => await who.as.mutation(api.sessionProject.push, { sessionId, revision: 0, definitions, ...more });
const refused = async (work: Promise<unknown>, kind: string) =>
  await expect(work).rejects.toMatchObject({ data: { kind } });

let there: There[];
beforeEach(async () => {
  there = await pulled();
});
const without = (...names: string[]) => there.filter(({ kind, slug }) => !names.includes(`${kind}:${slug}`));

describe("what a workspace changes", () => {
  test("is what it has otherwise than what was pulled, and nothing else", async () => {
    await look(there);
    expect(await get()).toMatchObject({ base: 0, revision: 0, changes: [], faults: [] });
    await look([...without("role:agent", "entityType:ticket"), changedRole, SUPPORT], { at: 2 });
    expect(await namesOf()).toEqual([
      "created agent support",
      "deleted entityType ticket",
      "updated role agent",
    ]);
    expect(await ada.as.query(api.sessionProject.counts, { sessionId })).toEqual({
      changes: 3,
      faults: 0,
      at: 2,
      revision: 0,
    });
    const role = await ada.as.query(api.sessionProject.definition, {
      sessionId,
      kind: "role",
      slug: "agent",
    });
    expect(role.workspace).toBe(changedRole.text);
    expect(role.base).toBe(role.current);
    // A file that can't be read doesn't delete what may be in it; an old look doesn't replace a later one.
    const faults = [{ file: "entity-types/ticket.ts", message: "Unexpected token" }];
    await look(without("entityType:ticket"), { at: 3, faults });
    await look([], { at: 1 });
    expect(await get()).toMatchObject({ changes: [], faults });
    // Texts that nobody needs any more are gone.
    expect(await db.t.run(async (ctx) => await ctx.db.query("sessionDefinitions").collect())).toEqual([]);
  });

  test("is checked again by Convex, whatever a server was told", async () => {
    const keep = async (text: string) =>
      await db.service.mutation(api.sessionProject.keep, { sessionId, texts: [{ kind: "agent", text }] });
    for (const text of ["{", "[]", '{"name":"x"}', JSON.stringify({ ...AGENT, evil: 1 })])
      await refused(keep(text), "project_invalid");
    // A hash that stands for no kept text can't be pushed.
    await look([...there, { ...SUPPORT, hash: hashOf("lie") }]);
    const lie = { kind: "agent" as const, slug: "support", seen: hashOf("lie") };
    await refused(push([lie]), "project_change_outdated");
  });

  test("of 1,000 definitions with the longest names keeps within one row", async () => {
    const many = Array.from({ length: 1_000 }, (_, i) => {
      const name = `${"界".repeat(190)}${i}`;
      return {
        kind: "role" as const,
        slug: name,
        file: `roles/${"界".repeat(250)}${i}.ts`,
        hash: hashOf(name),
      };
    });
    await look([...there, ...many]);
    const { changes, unlisted } = await get();
    expect(changes.length).toBeGreaterThan(100);
    expect(changes.length + unlisted).toBe(1_000);
  });
});

describe("a push from a session", () => {
  beforeEach(async () => {
    await look([...without("role:agent", "entityType:ticket"), changedRole, SUPPORT]);
  });

  test("changes what was chosen, names the session, and leaves the rest", async () => {
    const done = await push([chosen(SUPPORT)]);
    expect(done).toEqual({
      revision: 1,
      created: [{ kind: "agent", slug: "support" }],
      updated: [],
      deleted: [],
    });
    expect(await get()).toMatchObject({ base: 1, revision: 1, pushed: 1 });
    expect(await namesOf()).toEqual(["deleted entityType ticket", "updated role agent"]);
    const row = await db.t.run(async (ctx) => await ctx.db.query("projectPushes").order("desc").first());
    expect(row).toMatchObject({ source: "session", sessionId, authorId: ada.userId, created: 1 });
    const { page } = await ada.as.query(api.audit.list, { paginationOpts: { numItems: 1, cursor: null } });
    expect(page[0]).toMatchObject({ action: "project.changed" });
    expect(page[0]!.after).toContain(sessionId);
    // The sandbox still thinks that it is at 0, as it does where the server died before it was told.
    await look([...without("role:agent", "entityType:ticket"), changedRole, SUPPORT], { at: 2 });
    expect(await namesOf()).toEqual(["deleted entityType ticket", "updated role agent"]);
    await push([chosen(changedRole)], { revision: 1 });
    expect(await namesOf()).toEqual(["deleted entityType ticket"]);
  });

  test("a second click does nothing, and says the same revision", async () => {
    const both = [push([chosen(SUPPORT)]), push([chosen(SUPPORT)])];
    const [first, second] = await Promise.all(both);
    expect(first!.created).toHaveLength(1);
    expect(second).toEqual({ revision: 1, created: [], updated: [], deleted: [] });
    const own = async () =>
      (await db.t.run(async (ctx) => await ctx.db.query("projectPushes").collect())).filter(
        ({ source }) => source === "session",
      );
    expect(await own()).toHaveLength(1);
  });

  test("deletes only what is confirmed as a deletion", async () => {
    const ticket = { kind: "entityType" as const, slug: "ticket", seen: null };
    await refused(push([chosen(SUPPORT), ticket]), "project_deletion_unticked");
    expect((await get()).revision).toBe(0);
    const done = await push([ticket], { allowDeletions: true });
    expect(done.deleted).toEqual([{ kind: "entityType", slug: "ticket" }]);
  });

  test("is refused whole where somebody else was there first, who is shown", async () => {
    const theirs = { name: "agent", policies: [{ resource: "ticket", actions: ["read"], effect: "deny" }] };
    await sync(db, key, "/v1/sync", { base_revision: 0, roles: texts(theirs) });
    await refused(push([chosen(SUPPORT), chosen(changedRole)]), "project_moved");
    // Nor by naming the revision that they have made, which this workspace doesn't know.
    await refused(push([chosen(SUPPORT)], { revision: 1 }), "project_moved");
    const { base, revision, changes } = await get();
    expect([base, revision]).toEqual([0, 1]);
    expect(changes.filter(({ moved }) => moved).map(({ slug }) => slug)).toEqual(["agent"]);
    const name = { sessionId, kind: "role" as const, slug: "agent" };
    const three = await ada.as.query(api.sessionProject.definition, name);
    expect(three.current).toBe(JSON.stringify(theirs));
    expect(three.workspace).toBe(changedRole.text);
    expect(three.base).not.toBe(three.current);
    // A later look compares with what was pulled, and still knows what that was.
    await look([...without("role:agent", "entityType:ticket"), changedRole, SUPPORT], { at: 2 });
    expect((await get()).changes.filter(({ moved }) => moved)).toHaveLength(1);
    await refused(ada.as.mutation(api.sessionProject.compare, { sessionId, revision: 0 }), "project_moved");
    await ada.as.mutation(api.sessionProject.compare, { sessionId, revision: 1 });
    expect((await push([chosen(changedRole)], { revision: 1 })).updated).toHaveLength(1);
  });

  test("is refused where the workspace has changed since it was seen", async () => {
    const other = made("agent", "support", { ...AGENT, systemPrompt: "Leak." });
    await look([...there, other], { at: 2 });
    await refused(push([chosen(SUPPORT)]), "project_change_outdated");
  });

  test("is taken back whole, once, and counts as a change of the workspace again", async () => {
    await push([chosen(SUPPORT), chosen(changedRole)]);
    const takeBack = async () =>
      await ada.as.mutation(api.sessionProject.takeBack, { sessionId, revision: 1 });
    const done = await takeBack();
    expect(done).toMatchObject({ revision: 2, deleted: [{ slug: "support" }], updated: [{ slug: "agent" }] });
    expect(await takeBack()).toMatchObject({ revision: 2, deleted: [], updated: [] });
    expect(await get()).toMatchObject({ base: 2, revision: 2, pushed: null });
    await look([...without("role:agent", "entityType:ticket"), changedRole, SUPPORT], { at: 2 });
    expect(await namesOf()).toHaveLength(3);
    await refused(
      ada.as.mutation(api.sessionProject.takeBack, { sessionId, revision: 2 }),
      "project_push_not_last",
    );
  });

  test("is a member's; a viewer sees it, and a stranger sees nothing", async () => {
    const viewer = await member(db, "vic", "viewer", "ada");
    expect((await get(viewer)).changes).toHaveLength(3);
    await refused(push([chosen(SUPPORT)], {}, viewer), "role_too_low");
    const bob = await member(db, "bob", "member", "ada");
    expect((await push([chosen(SUPPORT)], {}, bob)).created).toHaveLength(1);
    const eve = await member(db, "eve");
    await refused(push([chosen(SUPPORT)], {}, eve), "session_not_found");
    await refused(eve.as.query(api.sessionProject.get, { sessionId }), "session_not_found");
  });
});

test("production is an admin's to change, who types its name", async () => {
  const session = await ada.by.mutation(api.sandboxSessions.create, {
    environment: "production",
    provider: "demo",
    model: "demo",
    keySource: "platform",
    title: "t",
  });
  const id = session.id as Id<"sandboxSessions">;
  await look([...there, SUPPORT], {}, id);
  const args = { sessionId: id, revision: 0, definitions: [chosen(SUPPORT)] };
  const bob = await member(db, "bob", "member", "ada");
  await refused(
    bob.as.mutation(api.sessionProject.push, { ...args, confirm: "production" }),
    "production_admins_only",
  );
  for (const confirm of [undefined, "", "Production", "development"])
    await refused(
      ada.as.mutation(api.sessionProject.push, { ...args, ...(confirm !== undefined && { confirm }) }),
      "project_production_unconfirmed",
    );
  const done = await ada.as.mutation(api.sessionProject.push, { ...args, confirm: "production" });
  expect(done.created).toHaveLength(1);
  // The other environment is as it was.
  expect((await sync(db, key, "/v1/sync/state")).body.revision).toBe(0);
});

test("a sandbox reads its project with its own key, and can't push with it", async () => {
  const { sessionId: other, generation } = await readySession(db, ada);
  const keys = [{ kind: "sync" as const, hash: hashOf("sandbox-key"), last4: "aaaa" }];
  await db.service.mutation(api.apiKeys.createForSandbox, { sessionId: other, generation, keys });
  expect((await sync(db, "sandbox-key", "/v1/sync/pull")).status).toBe(200);
  const tried = await sync(db, "sandbox-key", "/v1/sync", { base_revision: 0, agents: texts(AGENT) });
  expect(tried).toMatchObject({ status: 403, body: { kind: "project_sandbox_reads" } });
  await ada.as.mutation(api.sandboxSessions.stop, { sessionId: other });
  expect((await sync(db, "sandbox-key", "/v1/sync/pull")).status).toBe(401);
});

test("what is kept of a workspace goes with its session", async () => {
  await look([...there, SUPPORT]);
  await ada.as.mutation(api.sessionDeletion.remove, { sessionId });
  for (let step = 0; step < 20; step += 1) await db.t.mutation(internal.sessionDeletion.purge, { sessionId });
  const left = await db.t.run(async (ctx) => [
    ...(await ctx.db.query("sessionProjects").collect()),
    ...(await ctx.db.query("sessionDefinitions").collect()),
  ]);
  expect(left).toEqual([]);
});

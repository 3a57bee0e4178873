import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { api, internal } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import { ORGANIZATION_TABLES } from "#convex/model/erase.ts";
import {
  database,
  type Database,
  external,
  hashOf,
  member,
  type Member,
  readySession,
  settle,
} from "./support.ts";

let db: Database;
beforeEach(() => {
  vi.useFakeTimers();
  db = database();
});
afterEach(() => vi.useRealTimers());

const ADA = { driver: "test", organizationId: "org-ada" };
const KEY = { name: "k", last4: "abcd", environment: "development" as const };

async function statuses(organizationId: Id<"organizations">) {
  return await db.t.run(async (ctx) => {
    const rows = await ctx.db
      .query("sandboxSessions")
      .withIndex("by_organization", (q) => q.eq("organizationId", organizationId))
      .collect();
    return rows.map(({ status }) => status);
  });
}

/** As many live sessions as an organization may have, each with a run and messages that wait. */
async function fill(person: Member, sessions: number, waiting: number) {
  await person.as.mutation(api.organizationSettings.set, { max_live_sessions: 200 });
  for (let i = 0; i < sessions; i += 1) {
    const { sessionId } = await readySession(db, person);
    for (let n = 0; n <= waiting; n += 1)
      await person.as.mutation(api.runs.start, { sessionId, message: `m${n}` });
  }
}

describe("CODE-6: removing somebody with many live sessions", () => {
  test("a member with 200 is out in one small step, and all of them stop", async () => {
    const ada = await member(db, "ada");
    const bob = await member(db, "bob", "admin", "ada");
    await fill(bob, 200, 3);
    await bob.by.mutation(api.apiKeys.create, { ...KEY, hash: hashOf("bobs"), scopes: ["sessions:read"] });
    await db.service.mutation(api.identity.removeMember, external("bob", "ada"));
    expect(await db.service.query(api.apiKeys.authenticate, { hash: hashOf("bobs") })).toBeNull();
    await settle(db, 60);
    expect(new Set(await statuses(ada.organizationId))).toEqual(new Set(["stopped"]));
    const { page } = await ada.as.query(api.apiKeys.list, { paginationOpts: { numItems: 10, cursor: null } });
    expect(page[0]?.revokedAt).toEqual(expect.any(Number));
  });

  test("an organization with more than one step takes is closed in one small step", async () => {
    const ada = await member(db, "ada");
    await fill(ada, 30, 1);
    await db.service.mutation(api.identity.removeOrganization, ADA);
    await expect(ada.as.query(api.exports.organization, {})).rejects.toMatchObject({
      data: { code: "unauthenticated" },
    });
    await settle(db, 60);
    expect(new Set(await statuses(ada.organizationId))).toEqual(new Set(["stopped"]));
  });

  test("one whose end fails does not keep the others alive, and ends without ceremony", async () => {
    const ada = await member(db, "ada");
    const broken = await readySession(db, ada);
    await readySession(db, ada);
    await db.t.run(async (ctx) => {
      const stream = await ctx.db
        .query("sessionStreams")
        .withIndex("by_session", (q) => q.eq("sessionId", broken.sessionId))
        .unique();
      if (stream) await ctx.db.delete(stream._id);
    });
    await db.service.mutation(api.identity.removeMember, external("ada"));
    await settle(db, 60);
    expect(await statuses(ada.organizationId)).toEqual(["stopped", "stopped"]);
  });
});

test("CODE-1: a key from before a removal does not come back with the person", async () => {
  await member(db, "ada");
  const bob = await member(db, "bob", "admin", "ada");
  await bob.by.mutation(api.apiKeys.create, { ...KEY, hash: hashOf("old"), scopes: ["sessions:read"] });
  await db.service.mutation(api.identity.removeMember, external("bob", "ada"));
  vi.advanceTimersByTime(1000);
  const again = await member(db, "bob", "admin", "ada");
  expect(await db.service.query(api.apiKeys.authenticate, { hash: hashOf("old") })).toBeNull();
  await again.by.mutation(api.apiKeys.create, { ...KEY, hash: hashOf("new"), scopes: ["sessions:read"] });
  await settle(db, 10);
  expect(await db.service.query(api.apiKeys.authenticate, { hash: hashOf("new") })).not.toBeNull();
});

test("CODE-1: a change that is delivered late does not undo a later one", async () => {
  const ada = await member(db, "ada");
  const bob = await member(db, "bob", "admin", "ada");
  const now = Date.now();
  const role = async () =>
    await db.t.run(
      async (ctx) =>
        (
          await ctx.db
            .query("members")
            .withIndex("by_organization_user", (q) =>
              q.eq("organizationId", ada.organizationId).eq("userId", bob.userId),
            )
            .unique()
        )?.role,
    );
  const set = async (next: "admin" | "viewer", assertedAt: number) =>
    await db.service.mutation(api.identity.setRole, { ...external("bob", "ada"), role: next, assertedAt });
  await set("viewer", now + 2_000);
  await set("admin", now + 1_000);
  expect(await role()).toBe("viewer");
  await db.service.mutation(api.identity.removeMember, { ...external("bob", "ada"), assertedAt: now });
  expect(await role()).toBe("viewer");
});

test("CODE-1: a token from before does not bring a deleted organization or person back", async () => {
  await member(db, "ada");
  await member(db, "bob");
  await db.service.mutation(api.identity.removeOrganization, ADA);
  await db.service.mutation(api.identity.removeUser, { driver: "test", userId: "user-bob" });
  for (const name of ["ada", "bob"])
    await expect(member(db, name)).rejects.toMatchObject({ data: { code: "unauthenticated" } });
});

async function insertMany(
  count: number,
  insert: (ctx: Parameters<Parameters<Database["t"]["run"]>[0]>[0]) => Promise<unknown>,
) {
  // Ten at a time, so that making them does not break the limits itself.
  for (let made = 0; made < count; made += 10)
    await db.t.run(async (ctx) => {
      for (let i = 0; i < 10; i += 1) await insert(ctx);
    });
}

test("CODE-2: an organization with rows of maximal size is erased whole", async () => {
  const ada = await member(db, "ada");
  const { organizationId } = ada;
  const { sessionId } = await readySession(db, ada);
  await insertMany(100, (ctx) =>
    ctx.db.insert("artifacts", { organizationId, sessionId, kind: "output", text: "x".repeat(900_000) }),
  );
  await db.service.mutation(api.identity.removeOrganization, ADA);
  await settle(db, 20);
  await db.service.mutation(api.sandboxSessions.cleanedUp, { sessionId });
  await settle(db, 120);
  await db.t.run(async (ctx) => {
    for (const table of ORGANIZATION_TABLES) expect(await ctx.db.query(table).take(1), table).toEqual([]);
    expect(await ctx.db.get(organizationId)).toBeNull();
  });
});

test("CODE-2: a removal whose step was lost is taken up again by the clock", async () => {
  const { organizationId } = await member(db, "ada");
  await db.service.mutation(api.identity.removeOrganization, ADA);
  // As after a step that failed: it is not scheduled any longer.
  await db.t.run(async (ctx) => {
    for (const job of await ctx.db.system.query("_scheduled_functions").collect())
      await ctx.scheduler.cancel(job._id);
  });
  await settle(db, 5);
  expect(await db.t.run(async (ctx) => await ctx.db.get(organizationId))).not.toBeNull();
  vi.advanceTimersByTime(61_000);
  await db.t.mutation(internal.removals.resume, {});
  await settle(db, 60);
  expect(await db.t.run(async (ctx) => await ctx.db.get(organizationId))).toBeNull();
});

test("CODE-4: a deleted person's name is nowhere any more, in old rows or in new ones", async () => {
  const ada = await member(db, "ada");
  const bob = await member(db, "Bob the Builder", "admin", "ada");
  const { sessionId } = await readySession(db, bob);
  await bob.as.mutation(api.runs.start, { sessionId, message: "hi" });
  await bob.as.mutation(api.sandboxSessions.update, { sessionId, title: "renamed", autoApprove: true });
  await bob.as.mutation(api.organizationSettings.set, { max_live_sessions: 3 });
  // As they were stored before names were looked up.
  const old = await db.t.run(async (ctx) => {
    const { organizationId } = ada;
    const run = await ctx.db
      .query("runs")
      .withIndex("by_organization", (q) => q.eq("organizationId", organizationId))
      .first();
    if (!run) throw new Error("there is a run");
    const name = "Bob the Builder";
    const event = async (seq: number, type: string, payload: object) =>
      await ctx.db.insert("sessionEvents", {
        organizationId,
        sessionId,
        seq,
        type,
        ts: 1,
        source: "ui.user",
        payload: JSON.stringify(payload),
      });
    await event(9001, "message.user", { content: "hi", user_name: name });
    await event(9002, "session.ended", { reason: `${name} stopped the session.` });
    await event(9003, "approval.decided", { decided_by: `${name}, for this session` });
    await ctx.db.insert("approvals", {
      organizationId,
      sessionId,
      runId: run._id,
      key: "k",
      rpcId: "r",
      tool: "bash",
      toolCallId: "t",
      summary: "s",
      request: "{}",
      expiresAt: 1,
      decision: "approved",
      decidedBy: name,
    });
    await ctx.db.insert("approvalGrants", { organizationId, sessionId, subject: "s", grantedBy: name });
    await ctx.db.insert("auditEntries", {
      organizationId,
      userId: bob.userId,
      actor: `${name} by the key ci`,
      action: "setting.changed",
      target: "t",
    });
    await ctx.db.patch(sessionId, { userName: name });
    return await ctx.db.query("sessionEvents").collect();
  });
  expect(old.length).toBeGreaterThan(5);
  const shown = async () =>
    (await ada.as.query(api.events.list, { sessionId, after: 0, limit: 100 })).events.map(
      ({ type, payload }) => [type, payload],
    );
  expect(JSON.stringify(await shown())).toContain("Bob the Builder");

  await db.service.mutation(api.identity.removeUser, {
    driver: "test",
    userId: "user-Bob the Builder",
  });
  expect(JSON.stringify(await shown())).toContain("Deleted person");
  await settle(db, 60);
  await db.t.run(async (ctx) => {
    for (const table of [...ORGANIZATION_TABLES, "users"] as const)
      expect(JSON.stringify(await ctx.db.query(table).collect()), table).not.toContain("Bob the Builder");
    for (const removal of await ctx.db.query("removals").collect()) expect(removal.name).toBeUndefined();
  });
  expect((await ada.as.query(api.sandboxSessions.get, { sessionId })).userName).toBe("Deleted person");
});

test("CODE-4: forgetting a name reads each row once, however many there are", async () => {
  const ada = await member(db, "ada");
  const bob = await member(db, "bob", "member", "ada");
  const { sessionId } = await readySession(db, bob);
  await insertMany(600, (ctx) =>
    ctx.db.insert("sessionEvents", {
      organizationId: ada.organizationId,
      sessionId,
      seq: 9_999,
      type: "message.user",
      ts: 1,
      source: "ui.user",
      payload: JSON.stringify({ content: "x".repeat(40_000), user_name: "bob" }),
    }),
  );
  await db.service.mutation(api.identity.removeUser, { driver: "test", userId: "user-bob" });
  await settle(db, 60);
  const left = await db.t.run(async (ctx) => {
    const { page } = await ctx.db
      .query("sessionEvents")
      .withIndex("by_organization", (q) => q.eq("organizationId", ada.organizationId))
      .order("desc")
      .paginate({ cursor: null, numItems: 100 });
    return page.filter((row) => row.payload.includes('"bob"')).length;
  });
  expect(left).toBe(0);
  const removals = await db.t.run(async (ctx) => await ctx.db.query("removals").collect());
  expect(removals.map(({ status }) => status)).toEqual(removals.map(() => "done"));
});

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { api } from "#convex/_generated/api.js";
import { ORGANIZATION_TABLES } from "#convex/model/erase.ts";
import schema from "#convex/schema.ts";
import { database, type Database, external, hashOf, member, readySession, settle } from "./support.ts";

let db: Database;
beforeEach(() => {
  vi.useFakeTimers();
  db = database();
});
afterEach(() => vi.useRealTimers());

test("every table with an organization's rows is erased with it", () => {
  const tables = JSON.parse((schema as unknown as { export: () => string }).export()) as {
    tables: { tableName: string; documentType: { value: Record<string, unknown> } }[];
  };
  const withOrganization = tables.tables
    .filter((table) => "organizationId" in table.documentType.value)
    .map((table) => table.tableName);
  expect([...ORGANIZATION_TABLES].toSorted((a, b) => a.localeCompare(b))).toEqual(
    withOrganization.toSorted((a, b) => a.localeCompare(b)),
  );
});

test("a deleted organization is gone with all of its rows, and others stay whole", async () => {
  const ada = await member(db, "ada");
  const eve = await member(db, "eve");
  const { sessionId } = await readySession(db, ada);
  const other = await readySession(db, eve);
  await ada.as.mutation(api.runs.start, { sessionId, message: "hi" });
  await db.service.mutation(api.credits.grant, {
    organizationId: ada.organizationId,
    key: "k",
    amountMicroUsd: 5,
    description: "d",
  });
  const key = {
    name: "k",
    hash: hashOf("h"),
    last4: "abcd",
    scopes: [],
    environment: "development" as const,
  };
  const keyId = await ada.by.mutation(api.apiKeys.create, key);
  await db.service.mutation(api.apiKeys.touch, { keyId });

  await db.service.mutation(api.identity.removeOrganization, {
    driver: "test",
    organizationId: "org-ada",
  });
  await expect(ada.as.query(api.sandboxSessions.get, { sessionId })).rejects.toMatchObject({
    data: { code: "unauthenticated" },
  });
  // Its sandbox is ended first; until then its row stays as the reminder.
  await settle(db, 5);
  const { items: cleanup } = await db.service.query(api.due.cleanup, {});
  expect(cleanup).toMatchObject([{ sessionId, sandboxId: "sandbox-1" }]);
  await db.service.mutation(api.sandboxSessions.cleanedUp, { sessionId });
  await settle(db, 60);
  await db.t.run(async (ctx) => {
    for (const table of ORGANIZATION_TABLES) {
      const rows = (await ctx.db.query(table).collect()) as { organizationId?: string }[];
      expect(
        rows.filter((row) => row.organizationId === ada.organizationId),
        table,
      ).toEqual([]);
    }
    expect(await ctx.db.query("apiKeyUses").collect()).toEqual([]);
    expect(await ctx.db.get(ada.organizationId)).toBeNull();
  });
  expect((await eve.as.query(api.sandboxSessions.get, { sessionId: other.sessionId })).status).toBe("ready");
});

test("a removed member is out at once, with their keys, and their sessions stop", async () => {
  const ada = await member(db, "ada");
  const bob = await member(db, "bob", "admin", "ada");
  const { sessionId } = await readySession(db, bob);
  const key = {
    name: "k",
    hash: hashOf("bobs"),
    last4: "abcd",
    scopes: ["sessions:read" as const],
    environment: "development" as const,
  };
  await bob.by.mutation(api.apiKeys.create, key);
  expect(await db.service.query(api.apiKeys.authenticate, { hash: hashOf("bobs") })).not.toBeNull();

  await db.service.mutation(api.identity.removeMember, external("bob", "ada"));
  await expect(bob.as.query(api.sandboxSessions.get, { sessionId })).rejects.toMatchObject({
    data: { code: "unauthenticated" },
  });
  expect(await db.service.query(api.apiKeys.authenticate, { hash: hashOf("bobs") })).toBeNull();
  await settle(db, 5);
  expect((await ada.as.query(api.sandboxSessions.get, { sessionId })).status).toBe("stopped");
});

test("a new role counts at once", async () => {
  await member(db, "ada");
  const bob = await member(db, "bob", "admin", "ada");
  await db.service.mutation(api.identity.setRole, { ...external("bob", "ada"), role: "viewer" });
  const { sessionId } = await readySession(db, await member(db, "ada"));
  await expect(bob.as.mutation(api.sandboxSessions.stop, { sessionId })).rejects.toMatchObject({
    data: { code: "forbidden" },
  });
});

test("a deleted person leaves their work, without their name", async () => {
  const ada = await member(db, "ada");
  const bob = await member(db, "bob", "member", "ada");
  const { sessionId } = await readySession(db, bob);
  await db.service.mutation(api.identity.removeUser, { driver: "test", userId: "user-bob" });
  await settle(db, 30);
  const session = await ada.as.query(api.sandboxSessions.get, { sessionId });
  expect(session).toMatchObject({ status: "stopped", userName: "Deleted person" });
  const rows = await db.t.run(async (ctx) => await ctx.db.query("users").collect());
  expect(JSON.stringify(rows)).not.toContain("bob@");
});

test("SEC-10: a password that the operator reset stands in the audit log of each of the person's organizations", async () => {
  const ada = await member(db, "ada");
  await db.service.mutation(api.identity.notePasswordReset, { driver: "test", userId: "user-ada" });
  await db.service.mutation(api.identity.notePasswordReset, { driver: "test", userId: "nobody" });
  const { page } = await ada.as.query(api.audit.list, {
    action: "member.password_reset",
    paginationOpts: { numItems: 10, cursor: null },
  });
  expect(page).toHaveLength(1);
  expect(page[0]).toMatchObject({ actor: { kind: "operator" } });
});

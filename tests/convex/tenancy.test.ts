import { beforeEach, describe, expect, test } from "vitest";
import { api } from "#convex/_generated/api.js";
import type { Scope } from "#domain/roles.ts";
import type { Id } from "#convex/_generated/dataModel.js";
import { actingFor, hashOf, member, type Member } from "./support.ts";
import { freshSession, sessionId } from "./ready-session.ts";
import { ada, db } from "./world.ts";

freshSession();

let eve: Member;
let runId: Id<"runs">;

beforeEach(async () => {
  eve = await member(db, "eve");
  ({ runId } = await ada.as.mutation(api.runs.start, { sessionId, message: "hi" }));
});

type Caller = Pick<Member["as"], "query" | "mutation">;

/** Every function that a member or a key may call, with ids of ada's organization. */
const calls = (as: Caller): Record<string, () => Promise<unknown>> => ({
  get: async () => await as.query(api.sandboxSessions.get, { sessionId }),
  keepalive: async () => await as.mutation(api.sandboxSessions.keepalive, { sessionId }),
  stop: async () => await as.mutation(api.sandboxSessions.stop, { sessionId }),
  events: async () => await as.query(api.events.list, { sessionId, after: 0, limit: 10 }),
  start: async () => await as.mutation(api.runs.start, { sessionId, message: "x" }),
  cancel: async () => await as.mutation(api.runs.cancel, { sessionId }),
  run: async () => await as.query(api.runs.get, { runId }),
  pending: async () => await as.query(api.approvals.pending, { runId }),
  decide: async () => await as.mutation(api.approvals.decide, { runId, key: "k", decision: "approved" }),
});

describe("another organization's rows", () => {
  test("read as missing, and none is changed", async () => {
    for (const [name, call] of Object.entries(calls(eve.as)))
      await expect(call(), name).rejects.toMatchObject({ data: { code: "not_found" } });
    const page = await eve.as.query(api.sessionLists.search, {
      paginationOpts: { numItems: 10, cursor: null },
    });
    expect(page.page).toEqual([]);
    expect((await ada.as.query(api.sandboxSessions.get, { sessionId })).status).toBe("active");
  });

  test("cannot be reached by a token that names the other organization without a membership", async () => {
    const forged = db.t.withIdentity({
      kind: "member",
      subject: "x",
      org: ada.organizationId,
      user: eve.userId,
      role: "admin",
    });
    for (const [name, call] of Object.entries(calls(forged)))
      await expect(call(), name).rejects.toMatchObject({ data: { code: "unauthenticated" } });
  });
});

describe("who may", () => {
  test("nobody without an identity", async () => {
    for (const [name, call] of Object.entries(calls(db.t)))
      await expect(call(), name).rejects.toMatchObject({ data: { code: "unauthenticated" } });
  });

  test("a viewer looks on, and changes nothing", async () => {
    const viewer = await member(db, "vic", "viewer", "ada");
    const all = calls(viewer.as);
    for (const name of ["get", "events", "run", "pending"]) await all[name]!();
    for (const name of ["keepalive", "stop", "start", "cancel", "decide"])
      await expect(all[name]!(), name).rejects.toMatchObject({ data: { code: "forbidden" } });
  });

  test("a member drives only their own session, an admin all", async () => {
    const bob = await member(db, "bob", "member", "ada");
    await expect(calls(bob.as).stop!()).rejects.toMatchObject({ data: { code: "forbidden" } });
    const mine = await bob.by.mutation(api.sandboxSessions.create, {
      environment: "development",
      provider: "demo",
      model: "demo",
      keySource: "platform",
      title: "Bob's",
    });
    await ada.as.mutation(api.sandboxSessions.stop, { sessionId: mine.id });
    expect((await bob.as.query(api.sandboxSessions.get, { sessionId: mine.id })).status).toBe("stopped");
  });

  test("only an admin works in production", async () => {
    const bob = await member(db, "bob", "member", "ada");
    const production = {
      environment: "production" as const,
      provider: "demo",
      model: "demo",
      keySource: "platform" as const,
      title: "Live",
    };
    await expect(bob.by.mutation(api.sandboxSessions.create, production)).rejects.toMatchObject({
      data: { code: "forbidden" },
    });
    expect((await ada.by.mutation(api.sandboxSessions.create, production)).environment).toBe("production");
  });

  test("a role that was taken away counts at once, whatever the token says", async () => {
    await member(db, "ada", "viewer");
    await expect(calls(ada.as).stop!()).rejects.toMatchObject({ data: { code: "forbidden" } });
  });

  test("functions of Studio's servers are for those alone", async () => {
    await expect(ada.as.query(api.due.late, { now: 0 })).rejects.toMatchObject({
      data: { code: "forbidden" },
    });
    await expect(
      ada.as.mutation(api.sessionLeases.claim, { sessionId, holder: "ada" }),
    ).rejects.toMatchObject({ data: { code: "forbidden" } });
    await expect(db.t.query(api.apiKeys.gatewaySession, { hash: "x" })).rejects.toMatchObject({
      data: { code: "unauthenticated" },
    });
  });
});

describe("API keys", () => {
  async function key(scopes: Scope[]) {
    const id = await ada.by.mutation(api.apiKeys.create, {
      name: "k",
      hash: hashOf(scopes.join()),
      last4: "abcd",
      scopes,
      environment: "development",
    });
    const as = db.t.withIdentity({
      kind: "apiKey",
      subject: `key:${id}`,
      key: id,
      org: ada.organizationId,
      user: ada.userId,
      role: "admin",
    });
    return { id, as };
  }

  test("do what their scopes say, and no more", async () => {
    const { as } = await key(["sessions:read"]);
    await calls(as).get!();
    await expect(calls(as).stop!()).rejects.toMatchObject({ data: { code: "forbidden" } });
    await expect(calls(as).decide!()).rejects.toMatchObject({ data: { code: "forbidden" } });
  });

  test("end at once when they are revoked", async () => {
    const { id, as } = await key(["sessions:read"]);
    await db.t.run(async (ctx) => await ctx.db.patch(id, { revokedAt: 1 }));
    await expect(calls(as).get!()).rejects.toMatchObject({ data: { code: "unauthenticated" } });
    expect(await db.service.query(api.apiKeys.authenticate, { hash: hashOf("sessions:read") })).toBeNull();
  });
});

describe("API keys' own functions", () => {
  const make = async (by: Member["by"], scopes: Scope[] = ["sessions:read"]) =>
    await by.mutation(api.apiKeys.create, {
      name: "k",
      hash: hashOf(crypto.randomUUID()),
      last4: "abcd",
      scopes,
      environment: "development",
    });
  const page = { paginationOpts: { numItems: 10, cursor: null } };

  test("list and revoke within the organization alone", async () => {
    const keyId = await make(ada.by);
    expect((await ada.as.query(api.apiKeys.list, page)).page).toMatchObject([{ id: keyId, revokedAt: null }]);
    expect((await eve.as.query(api.apiKeys.list, page)).page).toEqual([]);
    await expect(eve.as.mutation(api.apiKeys.revoke, { keyId })).rejects.toMatchObject({
      data: { code: "not_found" },
    });
    await ada.as.mutation(api.apiKeys.revoke, { keyId });
    await ada.as.mutation(api.apiKeys.revoke, { keyId });
    expect((await ada.as.query(api.apiKeys.list, page)).page[0]?.revokedAt).toBeTypeOf("number");
  });

  test("a key makes no key that may do more than itself", async () => {
    const id = await make(ada.by, ["keys:write", "sessions:read"]);
    const by = actingFor(db.service, { ...ada.actor, keyId: id });
    await make(by, ["sessions:read"]);
    await expect(make(by, ["sessions:read", "providers:write"])).rejects.toMatchObject({
      data: { code: "forbidden", message: expect.stringContaining("providers:write") },
    });
  });

  test("a key's last use is noted", async () => {
    const keyId = await make(ada.by);
    await db.service.mutation(api.apiKeys.touch, { keyId });
    await db.service.mutation(api.apiKeys.touch, { keyId });
    expect((await ada.as.query(api.apiKeys.list, page)).page[0]?.lastUsedAt).toBeTypeOf("number");
  });
});

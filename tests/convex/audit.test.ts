import { makeFunctionReference } from "convex/server";
import { beforeEach, describe, expect, test } from "vitest";
import { api } from "#convex/_generated/api.js";
import { audit } from "#convex/model/audit.ts";
import { auditValue, MAX_AUDIT_VALUE_CHARS } from "#domain/audit.ts";
import type { FunctionArgs } from "convex/server";
import { FUNCTIONS } from "#tests/functions.ts";
import { PUSH_SUBSCRIPTION } from "#tests/notification-routes.ts";
import { COMMAND_LOGIN_ROW, KEY, WRITES } from "./member-writes.ts";
import { actingFor, database, type Database, hashOf, member, type Member, readySession } from "./support.ts";
import {
  AGENT,
  CONNECTION,
  leaveFor,
  OFFER,
  PROJECT_CHANGE,
  PURSUIT,
  questionOf,
  DESTINATION,
  REGISTRY,
  repositoryIn,
  SETUP,
  SKILL,
  RULE,
  SERVER,
  TOOLS,
} from "./things.ts";

let db: Database;
let ada: Member;

beforeEach(async () => {
  db = database();
  ada = await member(db, "ada");
});

type Filter = Omit<FunctionArgs<typeof api.audit.list>, "paginationOpts">;
const page = { numItems: 50, cursor: null };
const all = async (filter: Filter = {}, who: Member = ada) =>
  (await who.as.query(api.audit.list, { ...filter, paginationOpts: page })).page;
/** Without what the sign-in service told of these organizations and people. */
const list = async (filter: Filter = {}, who: Member = ada) =>
  (await all(filter, who)).filter(({ actor }) => filter.actor === "driver" || actor.kind !== "driver");
const make = async (who: Pick<Member, "by"> = ada, name = "k") =>
  await who.by.mutation(api.apiKeys.create, {
    ...KEY,
    hash: hashOf(name),
    scopes: ["sessions:read", "sessions:write", "settings:write", "keys:write"],
  });

describe("an entry", () => {
  test("says who, what, before and after, from where, and never the secret", async () => {
    const from = actingFor(db.service, { ...ada.actor, via: "page", address: "192.0.2.7" });
    await make({ by: from });
    await ada.as.mutation(api.organizationSettings.set, { max_live_sessions: 37 });
    const [changed, created] = await list();
    expect(created).toMatchObject({
      action: "api_key.created",
      actor: { kind: "member", person: { userId: ada.userId, name: "ada" }, keyId: null },
      target: "nightly …abcd",
      via: "page",
      address: "192.0.2.7",
    });
    expect(JSON.stringify(created)).not.toContain(hashOf("k"));
    expect(changed).toMatchObject({ action: "setting.changed", target: "max_live_sessions" });
    expect([changed?.before, changed?.after]).toEqual(["20", "37"]);
  });

  test("names a key by its last characters, and its person", async () => {
    const keyId = await make();
    const as = db.t.withIdentity({
      kind: "apiKey",
      subject: "k",
      key: keyId,
      org: ada.organizationId,
      user: ada.userId,
      role: "admin",
      via: "api",
    });
    await as.mutation(api.organizationSettings.set, { max_live_sessions: 3 });
    expect((await list())[0]).toMatchObject({
      actor: { kind: "apiKey", keyId, keyLast4: "abcd", person: { name: "ada" } },
      via: "api",
    });
    expect(await list({ actor: keyId })).toHaveLength(1);
  });

  test("has the name that the person has now, and none of one whose account is gone", async () => {
    const bob = await member(db, "bob", "admin", "ada");
    await make(bob);
    const stored = await db.t.run(async (ctx) => await ctx.db.query("auditEntries").collect());
    expect(JSON.stringify(stored)).not.toContain("bob");
    await db.t.run(async (ctx) => await ctx.db.patch(bob.userId, { name: "Robert" }));
    expect((await list())[0]?.actor.person?.name).toBe("Robert");
    await db.service.mutation(api.identity.removeUser, { driver: "test", userId: "user-bob" });
    const byBob = (await list()).find(({ action }) => action === "api_key.created");
    expect(byBob?.actor.person?.name).toBe("Deleted person");
  });

  test("can be written by the model for an operator, a driver and Studio itself, about a person", async () => {
    const bob = await member(db, "bob", "admin", "ada");
    const { organizationId } = ada;
    await db.t.run(async (ctx) => {
      await audit(ctx, {
        organizationId,
        actor: { kind: "operator", label: "npm run credits" },
        action: "credits.granted",
        after: { amount_micro_usd: 5 },
      });
      await audit(ctx, {
        organizationId,
        actor: { kind: "driver", label: "clerk" },
        action: "member.role_changed",
        target: { userId: bob.userId },
        before: "admin",
        after: "viewer",
      });
    });
    const [byDriver] = await list({ actor: "driver" });
    expect(byDriver).toMatchObject({
      actor: { kind: "driver", person: null, label: "clerk" },
      targetPerson: { userId: bob.userId, name: "bob" },
    });
    expect(await list({ actor: "operator" })).toMatchObject([{ action: "credits.granted" }]);
  });

  test("is bounded and masked, and JSON still", () => {
    const huge = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`field-${i}`, "x".repeat(5_000)]));
    const text = auditValue(huge);
    expect(text.length).toBeLessThanOrEqual(MAX_AUDIT_VALUE_CHARS);
    expect(() => JSON.parse(text) as unknown).not.toThrow();
    let deep: unknown = "x";
    for (let i = 0; i < 100; i += 1) deep = { deep };
    expect(auditValue(deep).length).toBeLessThan(100);
    expect(auditValue(undefined)).toBe("null");
  });
});

describe("the list", () => {
  test("is narrowed to who, what and when", async () => {
    const bob = await member(db, "bob", "admin", "ada");
    await make(ada, "a");
    await make(bob, "b");
    await ada.as.mutation(api.organizationSettings.set, { max_live_sessions: 3 });
    expect(await list()).toHaveLength(3);
    expect(await list({ actor: bob.userId })).toHaveLength(1);
    expect(await list({ action: "api_key" })).toHaveLength(2);
    expect(await list({ action: "api_key.created", actor: ada.userId })).toHaveLength(1);
    expect(await all({ action: "api" })).toHaveLength(0);
    expect(await all({ since: Date.now() + 60_000 })).toHaveLength(0);
    expect(await all({ until: Date.now() - 60_000 })).toHaveLength(0);
    await expect(list({ actor: "nobody" })).rejects.toMatchObject({ data: { code: "invalid_request" } });
    await expect(list({ action: "API key!" })).rejects.toMatchObject({ data: { code: "invalid_request" } });
  });

  test("goes on from page to page, and ends", async () => {
    for (let n = 1; n <= 5; n += 1)
      await ada.as.mutation(api.organizationSettings.set, { max_live_sessions: n });
    const seen: (string | null)[] = [];
    let cursor: string | null = null;
    for (let done = false; !done;) {
      const options: { numItems: number; cursor: string | null } = { numItems: 2, cursor };
      const found: {
        page: { after: string | null }[];
        isDone: boolean;
        continueCursor: string;
      } = await ada.as.query(api.audit.list, { action: "setting", paginationOpts: options });
      seen.push(...found.page.map(({ after }) => after));
      cursor = found.continueCursor;
      done = found.isDone;
    }
    expect(seen).toEqual(["5", "4", "3", "2", "1"]);
  });

  test("is for the organization's admins, and for nobody of another", async () => {
    await make();
    const eve = await member(db, "eve");
    expect(await list({}, eve)).toEqual([]);
    expect(JSON.stringify(await all({}, eve))).not.toContain("nightly");
    expect(await list({ actor: ada.userId }, eve)).toEqual([]);
    const mia = await member(db, "mia", "member", "ada");
    await expect(list({}, mia)).rejects.toMatchObject({ data: { code: "forbidden" } });
  });
});

describe("every write", () => {
  interface Registered {
    isPublic?: boolean;
    isMutation?: boolean;
  }
  const modules = import.meta.glob<Record<string, Registered>>("../../convex/*.ts", { eager: true });

  /** These are refused while a turn is at work. */
  const BETWEEN_TURNS = ["sessionCheckpoints:request", "sessionRewinds:start"];
  /** Nothing that anybody would look for has changed. */
  const SILENT = [
    "sandboxSessions:keepalive",
    "completions:reserve",
    "mcpSignIns:begin",
    "mcpSignIns:take",
    "notifications:read",
    "notifications:readAll",
    "notifications:setSettings",
    "sessionImports:begin",
    "sessionImports:append",
    "sessionImports:abandon",
    "sessionProject:compare",
  ];

  const mutations = Object.entries(modules).flatMap(([file, module]) =>
    Object.entries(module).flatMap(([name, { isPublic, isMutation }]) =>
      isPublic && isMutation ? [`${file.replace(/^.*\/(\w+)\.ts$/, "$1")}:${name}`] : [],
    ),
  );

  /** A session with everything that somebody could decide. */
  async function field() {
    const { sessionId, generation } = await readySession(db, ada);
    const { runId } = await ada.as.mutation(api.runs.start, { sessionId, message: "hi" });
    await db.service.mutation(api.events.append, {
      sessionId,
      generation,
      batch: 1,
      events: [
        { ...leaveFor("a", "ls"), runId },
        { ...questionOf("q"), runId },
      ],
    });
    await ada.by.mutation(api.providerKeys.save, {
      provider: "openai",
      name: "OpenAI",
      status: "active",
      ciphertext: "c",
      version: 1,
      prefix: "",
      last4: "yyyy",
      dataKey: { wrapped: "w", kekVersion: 1 },
    });
    await ada.by.mutation(api.variables.save, {
      name: "OLD",
      environment: null,
      description: "",
      reach: "agent",
      sealed: { ciphertext: "c", version: 1 },
    });
    await ada.as.mutation(api.setupScripts.save, SETUP);
    await db.t.run(async (ctx) => {
      const script = await ctx.db.query("setupScripts").first();
      await ctx.db.patch(script!._id, { dueAt: 0 });
    });
    await ada.by.mutation(api.gitConnections.save, {
      ...CONNECTION,
      sealed: { ciphertext: "c", version: 1, last4: "" },
    });
    await db.t.run(async (ctx) => {
      const connection = await ctx.db.query("gitConnections").first();
      const hook = { ciphertext: "c", version: 1, madeAt: 1 };
      await ctx.db.patch(connection!._id, { kind: "github", hook });
    });
    await ada.by.mutation(api.registries.save, { ...REGISTRY, slug: "house", scopes: ["@acme"] });
    await db.t.run(async (ctx) => {
      const of = { organizationId: ada.organizationId, sessionId };
      for (const folder of ["shop", "tools"])
        await ctx.db.insert("sessionRepositories", { ...of, ...repositoryIn(folder) });
      await ctx.db.insert("greenPursuits", { ...of, ...PURSUIT, folder: "tools", userId: ada.userId });
    });
    const { id: serverId } = await ada.by.mutation(api.mcpServers.save, {
      ...SERVER,
      sealed: { ciphertext: "c", version: 1 },
    });
    await ada.by.mutation(api.mcpServers.noteTest, {
      serverId,
      version: 1,
      status: "connected",
      found: TOOLS,
    });
    await db.t.run(async (ctx) => {
      const { organizationId } = ada;
      await ctx.db.insert("mcpGrants", { organizationId, serverId, ciphertext: "c", version: 1 });
    });
    const { id: agentId } = await ada.as.mutation(api.agents.create, AGENT);
    // An earlier version to go back to.
    await ada.as.mutation(api.agents.update, { agentId, temperature: 0.3 });
    const { id: skillId } = await ada.as.mutation(api.skills.create, SKILL);
    const { id: ruleId } = await ada.as.mutation(api.approvalRules.create, RULE);
    await ada.as.mutation(api.approvalRules.create, RULE);
    await ada.as.mutation(api.monthlyLimits.set, {
      subject: "agent",
      subjectId: agentId,
      limitMicroUsd: 10_000,
    });
    const { organizationId } = ada;
    const offerId = await db.t.run(
      async (ctx) => await ctx.db.insert("skillOffers", { organizationId, sessionId, skillId, ...OFFER }),
    );
    const { importId } = await ada.by.mutation(api.sessionImports.begin, { format: "jsonl" });
    // A change of the project, to be taken back.
    await ada.as.mutation(api.projectEdits.change, { ...PROJECT_CHANGE, baseRevision: 0 });
    // A workspace without any of it.
    const look = { sessionId, revision: 1, found: [], faults: [], at: 1 };
    await db.service.mutation(api.sessionProject.record, look);
    await db.service.mutation(api.commandLogins.begin, COMMAND_LOGIN_ROW);
    const { id: destinationId } = await ada.by.mutation(api.notificationDestinations.create, DESTINATION);
    const ids = { agentId, skillId, offerId, ruleId, serverId, importId, destinationId };
    return { sessionId, runId, generation, ...ids, keyId: await make() };
  }

  const lines = async () =>
    await db.t.run(async (ctx) => ({
      entries: (await ctx.db.query("auditEntries").collect()).length,
      events: (await ctx.db.query("sessionEvents").collect()).length,
    }));

  test("by a member leaves an entry, or stands in its session's log", async () => {
    let reached = 0;
    for (const path of mutations) {
      const kind = FUNCTIONS[path]?.for;
      expect(kind, path).toBeDefined();
      if (kind === "service" || SILENT.includes(path)) continue;
      reached += 1;
      const args = WRITES[path];
      if (!args) throw new Error(`${path} is new: say here how to call it`);
      db = database();
      ada = await member(db, "ada");
      const at = await field();
      if (path === "sessionLists:archive" || path === "sessionResume:start") {
        await ada.as.mutation(api.sandboxSessions.stop, { sessionId: at.sessionId });
        await db.service.mutation(api.sandboxSessions.cleanedUp, { sessionId: at.sessionId });
      }
      if (BETWEEN_TURNS.includes(path))
        await db.service.mutation(api.events.append, {
          sessionId: at.sessionId,
          generation: at.generation,
          batch: 2,
          events: [],
          runEnd: { runId: at.runId, ending: { status: "completed", output: "", stopReason: "end_turn" } },
        });
      if (path === "supportAccess:end")
        await ada.as.mutation(api.supportAccess.grant, { hours: 1, reason: "A ticket" });
      if (path === "pushSubscriptions:remove")
        await ada.as.mutation(makeFunctionReference<"mutation">("pushSubscriptions:add"), PUSH_SUBSCRIPTION);
      if (path === "sessionPayer:change")
        await db.t.run(async (ctx) =>
          ctx.db.patch(at.sessionId, {
            waitingFor: "provider",
            waitDetail: { status: 401, message: "", retryAt: null },
          }),
        );
      if (path === "sessionProject:takeBack")
        await ada.as.mutation(
          makeFunctionReference<"mutation">("sessionProject:push"),
          WRITES["sessionProject:push"]!(at),
        );
      const before = await lines();
      const call = makeFunctionReference<"mutation">(path);
      if (kind === "actor") await ada.by.mutation(call, args(at));
      else await ada.as.mutation(call, args(at) as Record<string, unknown>);
      const after = await lines();
      expect(after.entries + after.events, path).toBeGreaterThan(before.entries + before.events);
    }
    expect(reached).toBeGreaterThan(12);
  });

  test("that changes nothing leaves none", async () => {
    const keyId = await make();
    await ada.as.mutation(api.apiKeys.revoke, { keyId });
    const { entries } = await lines();
    await ada.as.mutation(api.apiKeys.revoke, { keyId });
    await ada.as.mutation(api.organizationSettings.set, { max_live_sessions: 20 });
    const { id: agentId } = await ada.as.mutation(api.agents.create, AGENT);
    expect((await lines()).entries).toBe(entries + 1);
    await ada.as.mutation(api.agents.update, { agentId, name: AGENT.name });
    expect((await lines()).entries).toBe(entries + 1);
  });
});

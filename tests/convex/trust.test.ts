import { makeFunctionReference } from "convex/server";
import { beforeEach, describe, expect, test } from "vitest";
import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import { FUNCTIONS } from "#tests/functions.ts";
import { actingFor, hashOf, member, type Member, readySession } from "./support.ts";
import { ada, db, freshWorld } from "./world.ts";

freshWorld();

let mia: Member;

beforeEach(async () => {
  mia = await member(db, "mia", "member", "ada");
});

const SESSION = {
  environment: "development",
  provider: "demo",
  model: "demo",
  keySource: "platform",
  title: "t",
} as const;
const KEY = {
  name: "k",
  hash: hashOf("k"),
  last4: "abcd",
  scopes: ["sessions:read"],
  environment: "development",
} as const;
const ENDPOINT = {
  provider: "compatible:acme",
  name: "Acme",
  baseUrl: "https://llm.example/v1",
  models: [{ id: "m", name: "M", contextTokens: 8_000, outputTokens: 1_000 }],
  status: "active",
  ciphertext: "c",
  version: 1,
  prefix: "",
  last4: "",
  dataKey: { wrapped: "w", kekVersion: 1 },
} as const;
const code = (word: string) => ({ data: { code: word } });

interface Registered {
  exportArgs?: () => string;
}
const modules = import.meta.glob<Record<string, Registered>>("../../convex/*.ts", { eager: true });

/** Names of a function's arguments, those of objects within them included. */
function argumentsOf(path: string): string[] {
  const [file = "", name = ""] = path.split(":");
  const names: string[] = [];
  const walk = (node: unknown): void => {
    if (typeof node !== "object" || node === null) return;
    const { type, value } = node as { type?: string; value?: unknown };
    if (type === "object" && typeof value === "object" && value !== null) names.push(...Object.keys(value));
    Object.values(node).forEach(walk);
  };
  walk(JSON.parse(modules[`../../convex/${file}.ts`]?.[name]?.exportArgs?.() ?? "null"));
  return names;
}

describe("SEC-1: who may choose what", () => {
  const FORBIDDEN =
    "rawKey keySource requestedModel notice restart rpcId userName userId hash last4 ciphertext version prefix dataKey verifiedAt statusDetail diff".split(
      " ",
    );

  test("SEC-1: no function that a person's token reaches takes what only a server may say", () => {
    const reached = Object.entries(FUNCTIONS).filter(([, access]) => access.for === "member");
    expect(reached.length).toBeGreaterThan(20);
    for (const [path] of reached)
      expect(
        argumentsOf(path).filter((name) => FORBIDDEN.includes(name)),
        path,
      ).toEqual([]);
    expect(argumentsOf("sandboxSessions:create")).toContain("keySource");
  });

  test("SEC-1: a member who creates a session past the API is refused", async () => {
    const create = makeFunctionReference<"mutation">("sandboxSessions:create");
    const args = {
      ...SESSION,
      keySource: "direct",
      actor: mia.actor,
    };
    await expect(mia.as.mutation(create, args)).rejects.toMatchObject(code("forbidden"));
    await expect(mia.as.mutation(create, { ...args, rawKey: true })).rejects.toThrow();
    await expect(db.service.mutation(create, { ...args, rawKey: true })).rejects.toThrow();
  });

  const create = async (keySource: "direct" | "platform") =>
    await mia.by.mutation(api.sandboxSessions.create, {
      environment: "development",
      provider: "demo",
      model: "demo",
      keySource,
      title: "t",
    });

  test("SEC-1: the organization's setting alone puts the key itself into a sandbox, and never the platform's", async () => {
    expect((await create("direct")).rawKey).toBe(false);
    await ada.as.mutation(api.organizationSettings.set, { raw_key_injection: true });
    expect((await create("direct")).rawKey).toBe(true);
    expect((await create("platform")).rawKey).toBe(false);
  });

  test("SEC-1: the setting is asked again whenever a server sets an agent up", async () => {
    await ada.as.mutation(api.organizationSettings.set, { raw_key_injection: true });
    const sessionId = (await create("direct")).id as Id<"sandboxSessions">;
    const asked = async () => await db.service.query(api.sandboxSessions.forServer, { sessionId });
    expect(await asked()).toMatchObject({ rawKeyAllowed: true, session: { rawKey: true } });
    await ada.as.mutation(api.organizationSettings.set, { raw_key_injection: false });
    expect((await asked()).rawKeyAllowed).toBe(false);
    const generation = (await db.service.mutation(api.sessionLeases.claim, { sessionId, holder: "test" }))!;
    const keys = [{ kind: "gateway" as const, hash: hashOf("g"), last4: "gggg" }];
    await db.service.mutation(api.apiKeys.createForSandbox, { sessionId, generation, keys });
    expect((await asked()).session.rawKey).toBe(false);
  });

  test("SEC-1: a key's hash cannot be taken a second time, which would end the first", async () => {
    const make = async (who: Member) =>
      await who.by.mutation(api.apiKeys.create, {
        name: "k",
        hash: hashOf("same"),
        last4: "same",
        scopes: ["sessions:read"],
        environment: "development",
      });
    await make(ada);
    await expect(make(await member(db, "eve"))).rejects.toMatchObject(code("invalid_request"));
    expect(await db.service.query(api.apiKeys.authenticate, { hash: hashOf("same") })).not.toBeNull();
  });

  test("SEC-1: a server's word for somebody counts no more than their own token", async () => {
    const { sessionId } = await readySession(db, ada);
    const change = { sessionId, path: "a.ts" };
    const asAdmin = actingFor(db.service, { ...mia.actor, role: "admin" });
    await expect(asAdmin.mutation(api.workspaceFiles.changed, change)).rejects.toMatchObject(
      code("forbidden"),
    );
    const eve = await member(db, "eve");
    const stranger = actingFor(db.service, { ...eve.actor, organizationId: ada.organizationId });
    await expect(stranger.mutation(api.workspaceFiles.changed, change)).rejects.toMatchObject(
      code("unauthenticated"),
    );
    await expect(
      ada.as.mutation(makeFunctionReference<"mutation">("workspaceFiles:changed"), {
        ...change,
        actor: ada.actor,
      }),
    ).rejects.toMatchObject(code("forbidden"));
  });

  test("SEC-24: a key makes none that lives longer, may do more, or works elsewhere", async () => {
    const expiresAt = Date.now() + 60_000;
    const key = {
      name: "k",
      last4: "abcd",
      scopes: ["keys:write" as const, "sessions:read" as const],
      environment: "development" as const,
    };
    const keyId = await ada.by.mutation(api.apiKeys.create, { ...key, hash: hashOf("made"), expiresAt });
    const acting = actingFor(db.service, { ...ada.actor, keyId });
    const make = async (change: object) =>
      await acting.mutation(api.apiKeys.create, {
        ...key,
        expiresAt,
        hash: hashOf(JSON.stringify(change)),
        ...change,
      });
    await expect(make({ expiresAt: undefined })).rejects.toMatchObject(code("forbidden"));
    await expect(make({ expiresAt: expiresAt + 1 })).rejects.toMatchObject(code("forbidden"));
    await expect(make({ environment: "production" })).rejects.toMatchObject(code("forbidden"));
    await expect(make({ scopes: ["billing:read"] })).rejects.toMatchObject(code("forbidden"));
    await make({ scopes: ["sessions:read"] });
  });

  test("SEC-23: an expired key is refused with a token that still lives, and as a server's actor", async () => {
    const keyId = await ada.by.mutation(api.apiKeys.create, {
      name: "k",
      hash: hashOf("k"),
      last4: "abcd",
      scopes: ["sessions:read", "sessions:write"],
      environment: "development",
      expiresAt: Date.now() + 60_000,
    });
    const claims = { kind: "apiKey", subject: "k", key: keyId, org: ada.organizationId, user: ada.userId };
    const as = db.t.withIdentity({ ...claims, role: "admin" });
    const page = { paginationOpts: { numItems: 1, cursor: null } };
    await as.query(api.sessionLists.search, page);
    await db.t.run(async (ctx) => await ctx.db.patch(keyId, { expiresAt: Date.now() - 1 }));
    await expect(as.query(api.sessionLists.search, page)).rejects.toMatchObject(code("unauthenticated"));
    const acting = actingFor(db.service, { ...ada.actor, keyId });
    await expect(
      acting.mutation(api.sandboxSessions.create, {
        environment: "development",
        provider: "demo",
        model: "demo",
        keySource: "platform",
        title: "t",
      }),
    ).rejects.toMatchObject(code("unauthenticated"));
  });
});

describe("SEC-8: the API's bounds hold in Convex", () => {
  const long = "x".repeat(900_000);

  test("SEC-8: settings", async () => {
    const set = async (change: Record<string, unknown>) =>
      await ada.as.mutation(makeFunctionReference<"mutation">("organizationSettings:set"), change);
    for (const name of ["max_live_sessions", "idle_timeout_minutes"])
      for (const value of [1e9, 0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])
        await expect(set({ [name]: value }), `${name} ${value}`).rejects.toMatchObject(
          code("invalid_request"),
        );
    await expect(set({ default_model: { provider: "nobody", model: "m" } })).rejects.toMatchObject(
      code("unknown_provider"),
    );
    await expect(set({ default_model: { provider: "demo", model: "none" } })).rejects.toMatchObject(
      code("unknown_model"),
    );
    await expect(set({ default_model: { provider: "demo", model: long } })).rejects.toMatchObject(
      code("invalid_request"),
    );
    await set({ default_model: { provider: "demo", model: "demo" }, max_live_sessions: 200 });
  });

  test("SEC-8: sessions and messages", async () => {
    const { sessionId } = await readySession(db, ada);
    const update = async (change: { title?: string; budgetCapMicroUsd?: number }) =>
      await ada.as.mutation(api.sandboxSessions.update, { sessionId, ...change });
    for (const change of [
      { title: long },
      { title: "   " },
      { budgetCapMicroUsd: -1 },
      { budgetCapMicroUsd: 10_000.5 },
      { budgetCapMicroUsd: 9_999 },
      { budgetCapMicroUsd: 1e12 },
    ])
      await expect(update(change)).rejects.toMatchObject(code("invalid_request"));
    for (const message of [long, "", "é".repeat(50_001)])
      await expect(ada.as.mutation(api.runs.start, { sessionId, message })).rejects.toMatchObject(
        code("invalid_request"),
      );
    await ada.as.mutation(api.runs.start, { sessionId, message: "é".repeat(50_000) });
    const list = async (range: { after: number; limit: number }) =>
      await ada.as.query(api.events.list, { sessionId, ...range });
    for (const range of [
      { after: -1, limit: 5 },
      { after: Number.NaN, limit: 5 },
      { after: 0, limit: 501 },
      { after: 0, limit: 0.5 },
    ])
      await expect(list(range)).rejects.toMatchObject(code("invalid_request"));
  });

  test("SEC-8: what a server says of a session is bounded too", async () => {
    const create = async (change: Record<string, unknown>) =>
      await ada.by.mutation(makeFunctionReference<"mutation">("sandboxSessions:create"), {
        ...SESSION,
        ...change,
      });
    for (const change of [{ title: long }, { budgetCapMicroUsd: -5 }, { notice: long }, { provider: long }])
      await expect(create(change)).rejects.toMatchObject(code("invalid_request"));
    await expect(create({ provider: "nobody" })).rejects.toMatchObject(code("unknown_provider"));
    await expect(create({ model: "none" })).rejects.toMatchObject(code("unknown_model"));
    const { sessionId } = await readySession(db, ada);
    const changed = makeFunctionReference<"mutation">("workspaceFiles:changed");
    await expect(ada.by.mutation(changed, { sessionId, path: long })).rejects.toMatchObject(
      code("invalid_request"),
    );
  });

  test("SEC-8: keys", async () => {
    const create = async (change: Record<string, unknown>) =>
      await ada.by.mutation(makeFunctionReference<"mutation">("apiKeys:create"), {
        ...KEY,
        ...change,
      });
    await expect(create({ scopes: ["everything"] })).rejects.toThrow();
    for (const change of [
      { name: long },
      { name: "" },
      { hash: "h" },
      { expiresAt: 0.5 },
      { last4: "abcde" },
    ])
      await expect(create(change)).rejects.toMatchObject(code("invalid_request"));
    const save = async (change: Record<string, unknown>) =>
      await ada.by.mutation(makeFunctionReference<"mutation">("providerKeys:save"), {
        ...ENDPOINT,
        ...change,
      });
    for (const change of [
      { models: [{ id: "m", name: "M", contextTokens: -1, outputTokens: 1_000 }] },
      { models: [] },
      { name: long },
      { baseUrl: long },
      { baseUrl: "file:///etc/passwd" },
      { version: 1.5 },
    ])
      await expect(save(change)).rejects.toMatchObject(code("invalid_request"));
    await expect(save({ provider: "nobody" })).rejects.toMatchObject(code("unknown_provider"));
    await save({});
  });

  test("SEC-8: pages", async () => {
    const page = async (paginationOpts: { numItems: number; cursor: string | null }) =>
      await ada.as.query(api.sessionLists.search, { paginationOpts });
    for (const numItems of [0, -1, 0.5, Number.NaN, 101, 1e9])
      await expect(page({ numItems, cursor: null }), String(numItems)).rejects.toMatchObject(
        code("invalid_request"),
      );
    await expect(page({ numItems: 5, cursor: "x".repeat(10_000) })).rejects.toMatchObject(
      code("invalid_request"),
    );
  });
});

test("SEC-8: the trace that a caller names is one of W3C Trace Context, and nothing else is stored", async () => {
  const person = await member(db, "tracer");
  const { sessionId } = await readySession(db, person);
  const start = async (traceparent: string) =>
    await person.as.mutation(api.runs.start, { sessionId, message: "hi", traceparent });
  const right = `00-${"a".repeat(32)}-${"b".repeat(16)}-01`;
  for (const wrong of ["", "00", right.toUpperCase(), `${right}0`, `${right}\n`, "x".repeat(900_000)])
    await expect(start(wrong)).rejects.toThrow(/traceparent/);
  await expect(start(right)).resolves.toMatchObject({ sessionId });
});

test("credits that a service grants stand in the audit log, once", async () => {
  const { organizationId } = await member(db, "rich");
  const grant = async () =>
    await db.service.mutation(api.credits.grant, {
      organizationId,
      key: "once",
      amountMicroUsd: 7,
      description: "For a test",
    });
  expect([await grant(), await grant()]).toEqual([true, false]);
  const entries = await db.t.run(
    async (ctx) =>
      await ctx.db
        .query("auditEntries")
        .filter((q) => q.eq(q.field("action"), "credits.granted"))
        .collect(),
  );
  expect(entries).toMatchObject([{ organizationId, actorKind: "system" }]);
});

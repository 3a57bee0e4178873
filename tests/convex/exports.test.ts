import { beforeEach, expect, test } from "vitest";
import { api } from "#convex/_generated/api.js";
import { EXPORT_TABLES, type ExportTable } from "#domain/exports.ts";
import { EXPORTED_SESSION } from "#tests/exported-session.ts";
import { hashOf, member, type Member, readySession } from "./support.ts";
import { AGENT, DESTINATION, SKILL, RULE, SERVER } from "./things.ts";
import { ada, db, freshWorld } from "./world.ts";

freshWorld();

let eve: Member;

beforeEach(async () => {
  eve = await member(db, "eve");
});

const CANARY = "canary-never-shown";

/** Fills every exported table, with secrets where the schema has room for one. */
async function fill(who: Member, mark: string): Promise<string> {
  const { id: agentId } = await who.as.mutation(api.agents.create, { ...AGENT, name: `agent of ${mark}` });
  await who.as.mutation(api.approvalRules.create, { ...RULE, name: `rule of ${mark}` });
  await who.as.mutation(api.skills.create, {
    ...SKILL,
    description: `skill of ${mark}`,
    title: `text of ${mark}`,
  });
  const { sessionId, generation } = await readySession(db, who, { agentId });
  await who.as.mutation(api.runs.start, { sessionId, message: `message of ${mark}` });
  await who.by.mutation(api.apiKeys.create, {
    name: `key of ${mark}`,
    hash: hashOf(`${CANARY}-hash-${mark}`),
    last4: "abcd",
    scopes: ["sessions:read"],
    environment: "development",
  });
  await db.service.mutation(api.apiKeys.createForSandbox, {
    sessionId,
    generation,
    keys: [{ kind: "gateway", hash: `${CANARY}-gateway-${mark}`, last4: "wxyz" }],
  });
  await who.by.mutation(api.providerKeys.save, {
    provider: "xai",
    status: "active",
    name: `xAI of ${mark}`,
    ciphertext: `${CANARY}-ciphertext`,
    version: 1,
    prefix: "canary-p",
    last4: "1234",
    dataKey: { wrapped: `${CANARY}-wrapped`, kekVersion: 1 },
  });
  await who.by.mutation(api.variables.save, {
    name: "DATABASE_URL",
    environment: null,
    description: `variable of ${mark}`,
    reach: "agent",
    sealed: { ciphertext: `${CANARY}-variable`, version: 1 },
  });
  await who.by.mutation(api.gitConnections.save, {
    slug: "house",
    kind: "git",
    name: `git of ${mark}`,
    baseUrl: "https://git.example.com",
    username: "studio",
    repositories: ["acme/shop"],
    status: "active",
    sealed: { ciphertext: `${CANARY}-git`, version: 1, last4: "7890" },
  });
  await who.by.mutation(api.mcpServers.save, {
    ...SERVER,
    name: `mcp-${mark}`,
    sealed: { ciphertext: `${CANARY}-mcp`, version: 1 },
  });
  await who.by.mutation(api.registries.save, {
    slug: "house",
    kind: "npm",
    url: "https://npm.example.com/",
    username: "",
    scopes: [`@${mark}`],
    status: "active",
    sealed: { ciphertext: `${CANARY}-registry`, version: 1, last4: "7890" },
  });
  await who.by.mutation(api.notificationDestinations.create, {
    ...DESTINATION,
    name: `destination of ${mark}`,
    ciphertext: `${CANARY}-destination`,
  });
  await db.t.run(
    async (ctx) =>
      await ctx.db.insert("sessionRepositories", {
        organizationId: who.organizationId,
        sessionId,
        connection: "house",
        repository: `acme/${mark}`,
        remotePath: "acme/shop.git",
        folder: "shop",
        base: { ref: "refs/heads/main", commit: "a".repeat(40) },
        full: false,
        branch: "studio/x-work",
        named: [],
      }),
  );
  await who.as.mutation(api.organizationSettings.set, { idle_timeout_minutes: 17 });
  await who.as.mutation(api.monthlyLimits.set, {
    subject: "agent",
    subjectId: agentId,
    limitMicroUsd: 10_000_000,
  });
  await who.as.mutation(api.networkPolicies.set, {
    environment: "development",
    mode: "listed",
    presets: [],
    hosts: [`${mark}.example.com`],
  });
  await who.as.mutation(api.setupScripts.save, {
    environment: "development",
    scope: "project",
    script: `echo ${mark}`,
    lockfiles: [],
    requires: [],
    timeoutSeconds: 60,
    rebuildHours: null,
  });
  const customerId = `cus of ${mark}`;
  await db.service.mutation(api.purchases.noteCustomer, { organizationId: who.organizationId, customerId });
  await db.service.mutation(api.purchases.settle, {
    paymentId: `payment of ${mark}`,
    customerId,
    revision: 0,
    creditMicroUsd: 5_000_000,
    chargedCents: 500,
    returnedCents: 0,
    disputedCents: 0,
  });
  await db.service.mutation(api.credits.grant, {
    organizationId: who.organizationId,
    key: "k",
    amountMicroUsd: 5_000_000,
    description: `grant of ${mark}`,
  });
  await db.service.mutation(api.usage.record, {
    sessionId,
    requestId: `request-${mark}`,
    provider: "demo",
    model: "demo",
    keySource: "platform" as const,
    inputTokens: 1,
    cachedTokens: 0,
    outputTokens: 1,
    costMicroUsd: 1,
  });
  const { importId } = await who.by.mutation(api.sessionImports.begin, { format: "jsonl" });
  const events = EXPORTED_SESSION.events.map((event) =>
    JSON.stringify({ ...event, source: `import of ${mark}` }),
  );
  await who.by.mutation(api.sessionImports.append, { importId, from: 1, events });
  const imported = { importId, title: `import of ${mark}`, provider: "demo", model: "demo" };
  await who.by.mutation(api.sessionImports.finish, imported);
  await db.t.run(async (ctx) => {
    const run = await ctx.db
      .query("runs")
      .withIndex("by_organization", (q) => q.eq("organizationId", who.organizationId))
      .first();
    await ctx.db.insert("approvals", {
      organizationId: who.organizationId,
      sessionId,
      runId: run!._id,
      key: "a",
      rpcId: CANARY,
      tool: "bash",
      toolCallId: "t",
      summary: `summary of ${mark}`,
      request: "{}",
      expiresAt: 1,
      decision: "pending",
    });
  });
  return sessionId;
}

async function everything(who: Member): Promise<Record<ExportTable, Record<string, unknown>[]>> {
  const tables = await Promise.all(
    EXPORT_TABLES.map(async (table) => {
      const rows: Record<string, unknown>[] = [];
      let cursor: string | null = null;
      for (let done = false; !done;) {
        const found: { page: Record<string, unknown>[]; isDone: boolean; continueCursor: string } =
          await who.as.query(api.exports.page, { table, paginationOpts: { numItems: 2, cursor } });
        rows.push(...found.page);
        done = found.isDone;
        cursor = found.continueCursor;
      }
      return [table, rows] as const;
    }),
  );
  return Object.fromEntries(tables) as Record<ExportTable, Record<string, unknown>[]>;
}

test("an export has every part, and nothing of another organization's", async () => {
  const adas = await fill(ada, "ada");
  const eves = await fill(eve, "eve");
  const found = await everything(ada);
  for (const table of EXPORT_TABLES) expect(found[table].length, table).toBeGreaterThan(0);
  expect(found.members).toEqual([
    expect.objectContaining({ name: "ada", email: "ada@studio.example", role: "admin" }),
  ]);
  expect(found.sessions.map((row) => row.title)).toContain("import of ada");
  expect(found.sessions[0]?.id).toBe(adas);
  expect(found.sessions).toHaveLength(2);
  expect(found.runs.map((row) => row.input)).toEqual(["message of ada"]);
  // The sandbox's own keys are none of the organization's data.
  expect(found.api_keys.map((row) => row.name)).toEqual(["key of ada"]);
  const text = JSON.stringify(found);
  for (const foreign of [eves, eve.organizationId, eve.userId, "eve@", "of eve"])
    expect(text).not.toContain(foreign);
});

test("an export has no secret, and no way to recognize one", async () => {
  await fill(ada, "ada");
  const found = await everything(ada);
  expect(JSON.stringify(found)).not.toContain(CANARY);
  expect(found.settings).toMatchObject([{ idle_timeout_minutes: 17, default_model: null }]);
  expect(found.network_policies).toEqual([
    {
      environment: "development",
      mode: "listed",
      presets: [],
      hosts: ["ada.example.com"],
      createdAt: expect.any(Number),
    },
  ]);
  const names = [...found.api_keys, ...found.variables, ...found.provider_keys].flatMap((row) =>
    Object.keys(row),
  );
  for (const name of ["id", "_id", "hash", "ciphertext", "wrapped", "prefix", "version"])
    expect(names).not.toContain(name);
  expect(found.provider_keys).toEqual([expect.objectContaining({ provider: "xai", last4: "1234" })]);
});

test("a person sees their own sessions where they work, and where they are a member", async () => {
  const bob = await member(db, "bob", "member", "ada");
  const own = await readySession(db, bob);
  await readySession(db, ada);
  await member(db, "bob", "viewer", "eve");
  const { page } = await bob.as.query(api.exports.ownSessions, {
    paginationOpts: { numItems: 10, cursor: null },
  });
  expect(page.map((session) => session.id)).toEqual([own.sessionId]);
  const profile = await bob.as.query(api.exports.profile, {});
  expect(profile).toMatchObject({ name: "bob", email: "bob@studio.example" });
  expect(profile.memberships.map(({ name, role }) => [name, role])).toEqual([
    ["ada", "member"],
    ["eve", "viewer"],
  ]);
});

test("a key says nothing of the other organizations of whoever made it", async () => {
  const both = await member(db, "bob", "admin", "ada");
  await member(db, "bob", "admin", "eve");
  const key = await both.by.mutation(api.apiKeys.create, {
    name: "k",
    hash: hashOf("h"),
    last4: "abcd",
    scopes: ["sessions:read"],
    environment: "development",
  });
  const as = db.t.withIdentity({
    kind: "apiKey",
    subject: key,
    key,
    org: both.organizationId,
    user: both.userId,
    role: "admin",
  });
  const profile = await as.query(api.exports.profile, {});
  expect(profile.memberships.map(({ name }) => name)).toEqual(["ada"]);
});

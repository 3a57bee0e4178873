import { getFunctionName, makeFunctionReference } from "convex/server";
import { beforeEach, describe, expect, test } from "vitest";
import { api } from "#convex/_generated/api.js";
import { ROLES, SCOPES, type Scope } from "#domain/roles.ts";
import type { Access, Ids } from "#tests/function-access.ts";
import { FUNCTIONS } from "#tests/functions.ts";
import { notificationRows } from "./notification-rows.ts";
import { hashOf, member, type Member, readySession } from "./support.ts";
import { AGENT, CHECKPOINT, CONNECTION, OFFER, PURSUIT, SKILL, RULE, SERVER, TOOLS } from "./things.ts";
import { ada, db, freshWorld } from "./world.ts";

freshWorld();

let eve: Member;
let ids: Ids;

beforeEach(async () => {
  eve = await member(db, "eve");
  const { sessionId } = await readySession(db, ada);
  const { runId } = await ada.as.mutation(api.runs.start, { sessionId, message: "hi" });
  const inbox = await db.service.query(api.sessionCommands.inbox, { sessionId });
  const keyId = await ada.by.mutation(api.apiKeys.create, {
    name: "k",
    hash: hashOf("h"),
    last4: "abcd",
    scopes: [...SCOPES],
    environment: "development",
  });
  const { organizationId: third } = await member(db, "zoe");
  const dataKeyId = await db.t.run(
    async (ctx) => await ctx.db.insert("dataKeys", { organizationId: third, wrapped: "b", kekVersion: 0 }),
  );
  const checkpointKeyId = await db.t.run(
    async (ctx) =>
      await ctx.db.insert("checkpointKeys", { organizationId: third, wrapped: "b", kekVersion: 0 }),
  );
  const policyId = await db.t.run(
    async (ctx) =>
      await ctx.db.insert("networkPolicies", {
        organizationId: third,
        environment: "production",
        mode: "closed",
        presets: [],
        hosts: [],
        revision: 1,
        pending: true,
        claimedUntil: 0,
      }),
  );
  const setup = { organizationId: third, environment: "production", scope: "project" } as const;
  const setupScriptId = await db.t.run(
    async (ctx) =>
      await ctx.db.insert("setupScripts", {
        ...setup,
        script: "true",
        lockfiles: [],
        requires: [],
        timeoutSeconds: 60,
        rebuildHours: null,
        version: 1,
        userId: ada.userId,
        updatedAt: 0,
        dueAt: 1,
        dueCause: "changed",
      }),
  );
  const setupBuildId = await db.t.run(
    async (ctx) =>
      await ctx.db.insert("setupBuilds", {
        ...setup,
        scriptVersion: 1,
        cause: "changed",
        template: "t",
        status: "ready",
        startedAt: 0,
        lockfiles: [],
        usedAt: 0,
        cleanupPending: false,
      }),
  );
  const checkpointId = await db.t.run(
    async (ctx) =>
      await ctx.db.insert("checkpoints", {
        ...CHECKPOINT,
        organizationId: ada.organizationId,
        sessionId,
      }),
  );
  const rewindId = await db.t.run(
    async (ctx) =>
      await ctx.db.insert("sessionRewinds", {
        organizationId: ada.organizationId,
        sessionId,
        userId: ada.userId,
        status: "done",
        what: "both",
        toSeq: 1,
        turn: null,
        turnSeq: 0,
        checkpointId,
        overwrite: [],
        keep: [],
        turnBefore: null,
        turnSeqBefore: 0,
      }),
  );
  const webhookId = await db.t.run(
    async (ctx) =>
      await ctx.db.insert("runWebhooks", {
        organizationId: ada.organizationId,
        sessionId,
        runId,
        url: "https://hooks.example.com",
        ciphertext: "c",
        sealedFor: "s",
        status: "waiting",
        attempts: 0,
        dueAt: 0,
      }),
  );
  const pursuitId = await db.t.run(
    async (ctx) =>
      await ctx.db.insert("greenPursuits", {
        organizationId: ada.organizationId,
        sessionId,
        userId: ada.userId,
        folder: "shop",
        ...PURSUIT,
      }),
  );
  const connectionId = await db.t.run(
    async (ctx) =>
      await ctx.db.insert("gitConnections", {
        ...CONNECTION,
        slug: "for-hooks",
        organizationId: ada.organizationId,
        ciphertext: "c",
        version: 1,
        last4: "",
        updatedAt: 1,
      }),
  );
  const agent = await ada.as.mutation(api.agents.create, AGENT);
  const skill = await ada.as.mutation(api.skills.create, SKILL);
  const offerId = await db.t.run(
    async (ctx) =>
      await ctx.db.insert("skillOffers", {
        organizationId: ada.organizationId,
        sessionId,
        skillId: skill.id,
        ...OFFER,
      }),
  );
  const rule = await ada.as.mutation(api.approvalRules.create, RULE);
  const serverId = await db.t.run(
    async (ctx) =>
      await ctx.db.insert("mcpServers", {
        ...SERVER,
        organizationId: ada.organizationId,
        enabled: false,
        status: "disconnected",
        toolsCount: 0,
        ciphertext: "c",
        version: 1,
        updatedAt: 1,
      }),
  );
  await db.service.mutation(api.sessionMcp.noteFound, {
    serverId,
    version: 1,
    status: "connected",
    found: TOOLS,
  });
  const grantId = await db.t.run(
    async (ctx) =>
      await ctx.db.insert("mcpGrants", {
        organizationId: ada.organizationId,
        serverId,
        ciphertext: "c",
        version: 1,
      }),
  );
  const { importId } = await ada.by.mutation(api.sessionImports.begin, { format: "jsonl" });
  const topUpPlanId = await db.t.run(
    async (ctx) =>
      await ctx.db.insert("topUpPlans", {
        organizationId: ada.organizationId,
        isOn: false,
        amountCents: 500,
        thresholdCents: 100,
        monthlyMaxCents: 500,
        month: "2026-11",
        monthCents: 0,
        attempts: 0,
      }),
  );
  const told = await notificationRows(db, ada, { sessionId, runId });
  ids = {
    ...told,
    importId,
    topUpPlanId,
    grantId,
    ruleId: rule.id,
    serverId,
    connectionId,
    pursuitId,
    webhookId,
    rewindId,
    offerId,
    skillId: skill.id,
    agentId: agent.id,
    checkpointId,
    setupScriptId,
    setupBuildId,
    organizationId: ada.organizationId,
    userId: ada.userId,
    sessionId,
    runId,
    keyId,
    commandId: inbox.queued[0]!.id,
    dataKeyId,
    checkpointKeyId,
    policyId,
  };
});

type Caller = Pick<Member["as"], "query" | "mutation">;
type Module = Record<string, unknown>;
interface Registered {
  isPublic?: boolean;
  isInternal?: boolean;
  isQuery?: boolean;
  exportArgs: () => string;
  exportReturns: () => string;
}

const modules = import.meta.glob<Module>("../../convex/*.ts", { eager: true });
const functions = Object.entries(modules).flatMap(([file, module]) =>
  Object.entries(module).flatMap(([name, value]) => {
    const registered = value as Registered | null;
    if (typeof value !== "function" || !registered?.isPublic) return [];
    const path = `${file.replace(/^.*\/(\w+)\.ts$/, "$1")}:${name}`;
    return [{ path, isQuery: registered.isQuery === true }];
  }),
);

/** Somebody, by their own token and as a server acts for them. */
/** What somebody gets who may: the session that they call with has a turn at work. */
const LET_IN = ["ok", "not_found", "turn_running", "not_saved"];

type Who = Pick<Member, "actor"> & { as: Caller };

async function call(who: Who, path: string, access: Access): Promise<unknown> {
  const acting = access.for === "actor";
  const args = { ...access.args(ids), ...(acting && { actor: who.actor }) };
  const as: Caller = acting ? db.service : who.as;
  return functions.find((f) => f.path === path)?.isQuery
    ? await as.query(makeFunctionReference<"query">(path), args)
    : await as.mutation(makeFunctionReference<"mutation">(path), args);
}

/** The code with which a call was refused; "ok" where it was not. */
async function outcomeOf(path: string, work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return "ok";
  } catch (error) {
    const code = (error as { data?: { code?: string } }).data?.code;
    if (code === undefined) throw new Error(`${path} broke instead of refusing`, { cause: error });
    return code;
  }
}

async function outcome(who: Who, path: string, access: Access): Promise<string> {
  return await outcomeOf(path, call(who, path, access));
}

/** The same with a token of one's own, whatever the function is for. */
async function direct(as: Caller, path: string, access: Access): Promise<string> {
  const args = { ...access.args(ids), ...(access.for === "actor" && { actor: ada.actor }) };
  const isQuery = functions.find((f) => f.path === path)?.isQuery;
  return await outcomeOf(
    path,
    isQuery
      ? as.query(makeFunctionReference<"query">(path), args)
      : as.mutation(makeFunctionReference<"mutation">(path), args),
  );
}

test("every public function is on the list, and the list has no others", () => {
  expect(functions.map(({ path }) => path).toSorted((a, b) => a.localeCompare(b))).toEqual(
    Object.keys(FUNCTIONS).toSorted((a, b) => a.localeCompare(b)),
  );
  expect(getFunctionName(api.runs.start)).toBe("runs:start");
});

test("every function, public or not, says what it takes and what it returns", () => {
  const registered = Object.entries(modules).flatMap(([file, module]) =>
    Object.entries(module).flatMap(([name, found]) => {
      const value = found as Registered | null;
      if (typeof found !== "function" || (!value?.isPublic && !value?.isInternal)) return [];
      return [{ path: `${file.replace(/^.*\/(\w+)\.ts$/, "$1")}:${name}`, value }];
    }),
  );
  expect(registered.length).toBeGreaterThan(functions.length);
  const without = registered.filter(
    ({ value }) => value.exportArgs() === '{"type":"any"}' || value.exportReturns() === "null",
  );
  // Made by convex-helpers, which decides what a migration returns.
  expect(without.every(({ path }) => path.startsWith("migrations:"))).toBe(true);
});

describe.each(Object.entries(FUNCTIONS))("%s", (path, access) => {
  test("asks for an identity", async () => {
    expect(await direct(db.t, path, access)).toBe("unauthenticated");
  });

  if (access.for !== "member")
    test("is for Studio's own servers alone", async () => {
      expect(await direct(ada.as, path, access)).toBe("forbidden");
    });
  if (access.for === "service") return;

  test("leaves another organization's rows alone", async () => {
    expect(await outcome(eve, path, access)).toBe(access.foreign === "own" ? "ok" : "not_found");
  });

  if (access.for === "member")
    test("is refused to a server's token, which has no organization", async () => {
      expect(await direct(db.service, path, access)).toBe("forbidden");
    });

  test.each(ROLES)(`knows whether a %s may`, async (role) => {
    const someone = await member(db, `some-${role}`, role, "ada");
    const found = await outcome(someone, path, access);
    const may = ROLES.indexOf(role) >= ROLES.indexOf(access.min);
    // A member may not drive another's session, which is a refusal too; what an admin may do is the measure.
    if (!may) expect(found).toBe("forbidden");
    else if (role === "admin") expect(LET_IN).toContain(found);
    else expect([...LET_IN, "forbidden"]).toContain(found);
  });

  test("takes a key with its scope, and none without", async () => {
    const keyWith = async (scopes: Scope[]): Promise<Who> => {
      const key = await ada.by.mutation(api.apiKeys.create, {
        name: "scoped",
        hash: hashOf(crypto.randomUUID()),
        last4: "abcd",
        scopes,
        environment: "development",
      });
      const as = db.t.withIdentity({
        kind: "apiKey",
        subject: key,
        key,
        org: ada.organizationId,
        user: ada.userId,
        role: "admin",
      });
      return { as, actor: { ...ada.actor, keyId: key } };
    };
    const others = SCOPES.filter((scope) => scope !== access.scope);
    expect(await outcome(await keyWith(others), path, access)).toBe("forbidden");
    expect(LET_IN).toContain(await outcome(await keyWith([access.scope]), path, access));
  });
});

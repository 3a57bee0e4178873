import { api } from "#convex/_generated/api.js";
import { SCOPES } from "#domain/roles.ts";
import type { Ids } from "#tests/function-access.ts";
import { notificationRows } from "./notification-rows.ts";
import { hashOf, member, readySession } from "./support.ts";
import { AGENT, CHECKPOINT, CONNECTION, OFFER, PURSUIT, SKILL, RULE, SERVER, TOOLS } from "./things.ts";
import { ada, db } from "./world.ts";

/** Makes a row of each kind in the database of the test, in Ada's organization where it can be there. @returns their ids */
export async function rowOfEachKind(): Promise<Ids> {
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
  return {
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
}

import { mutationGeneric } from "convex/server";
import type { Id } from "#convex/_generated/dataModel.js";
import type { MutationCtx } from "#convex/_generated/server.js";
import { dayOf } from "#domain/usage-report.ts";
import type { LocalEngine } from "#runtime/engine/engine.ts";

export interface World {
  sessions: number;
  events: number;
  organizations: number;
}
/** Whom the measured reads are for, and some of their sessions. */
export interface Seeded {
  organizationId: string;
  userId: string;
  sessionIds: string[];
}

const DAY_MS = 86_400_000;
const DAYS = 30;
const MODELS = ["a", "b", "c"];
/** Rows that one transaction writes. */
const AT_ONCE = 500;
/** As many sessions have the rare word in their title. */
const RARE = 10;
const PAYLOAD = JSON.stringify({ delta: "what the agent says, a few words at a time. ".repeat(4) });

async function inOne<T>(engine: LocalEngine, work: (ctx: MutationCtx) => Promise<T>): Promise<T> {
  let result: { value: T } | undefined;
  const fn = mutationGeneric(async (ctx) => {
    result = { value: await work(ctx) };
    return null;
  });
  await engine.inline("mutation", fn, null);
  if (!result) throw new Error("the transaction was not run");
  return result.value;
}

/** Calls `work` with `from` and how many, until all are done. */
async function inBatches(count: number, work: (from: number, rows: number) => Promise<void>): Promise<void> {
  for (let from = 0; from < count; from += AT_ONCE) await work(from, Math.min(AT_ONCE, count - from));
}

async function organization(ctx: MutationCtx, name: string) {
  const organizationId = await ctx.db.insert("organizations", {
    driver: "bench",
    externalId: name,
    name,
    slug: name,
  });
  const userId = await ctx.db.insert("users", {
    driver: "bench",
    externalId: name,
    name,
    email: `${name}@studio.example`,
  });
  await ctx.db.insert("members", { organizationId, userId, role: "admin" });
  await ctx.db.insert("organizationSettings", { organizationId, session_log_retention_days: 3_650 });
  return { organizationId, userId };
}
type Owner = Awaited<ReturnType<typeof organization>>;

async function session(ctx: MutationCtx, { organizationId, userId }: Owner, index: number) {
  const title = `${index < RARE ? "needle " : ""}refund ${index}`;
  const sessionId = await ctx.db.insert("sandboxSessions", {
    organizationId,
    userId,
    environment: "development",
    title,
    // Most sessions have ended, and every second of those is archived.
    status: index % 100 === 0 ? "idle" : "stopped",
    ...(index % 2 === 1 && { archivedAt: Date.now() }),
    waitingFor: null,
    sandboxProvider: "e2b",
    agentType: "opencode",
    provider: "demo",
    model: "demo",
    keySource: "platform",
    idleTimeoutMs: 900_000,
    lastActivityAt: Date.now(),
    deadlineAt: 0,
    cleanupPending: false,
  });
  const of = { organizationId, sessionId };
  await ctx.db.insert("sessionTotals", {
    ...of,
    totalInputTokens: 1,
    totalCachedTokens: 0,
    totalOutputTokens: 1,
    totalCostMicroUsd: 1,
    totalCreditsConsumed: 1,
    heldMicroUsd: 0,
  });
  await ctx.db.insert("sessionStreams", {
    ...of,
    seq: 1_000_000,
    cursor: null,
    holder: null,
    leaseUntil: 0,
    generation: 1,
    batches: 0,
    needsPump: false,
  });
  const texts = { ...of, userId, environment: "development" as const, archived: index % 2 === 1 };
  await ctx.db.insert("searchTexts", { ...texts, part: 0, text: title });
  await ctx.db.insert("searchTexts", {
    ...texts,
    part: 1,
    text: `how does session ${index} refund an order`,
  });
  return sessionId;
}

async function usage(ctx: MutationCtx, { organizationId, userId }: Owner, sessionId?: Id<"sandboxSessions">) {
  const days = sessionId ? 1 : DAYS;
  for (let day = 0; day < days; day += 1)
    for (const model of MODELS)
      await ctx.db.insert("usageDaily", {
        organizationId,
        userId,
        ...(sessionId && { sessionId }),
        day: dayOf(Date.now() - day * DAY_MS),
        provider: "demo",
        model,
        keySource: "platform",
        calls: 1,
        inputTokens: 1,
        cachedTokens: 0,
        outputTokens: 1,
        costMicroUsd: 1,
      });
}

/** Fills an empty database: one organization has nearly all of it, the others a session each. */
export async function seed(engine: LocalEngine, world: World): Promise<Seeded> {
  const owner = await inOne(engine, async (ctx) => await organization(ctx, "bench"));
  await inOne(engine, async (ctx) => await usage(ctx, owner));
  const ids: Id<"sandboxSessions">[] = [];
  await inBatches(world.sessions, async (from, rows) => {
    await inOne(engine, async (ctx) => {
      for (let i = from; i < from + rows; i += 1) {
        const id = await session(ctx, owner, i);
        await usage(ctx, owner, id);
        ids.push(id);
      }
    });
  });
  await inBatches(world.organizations - 1, async (from, rows) => {
    await inOne(engine, async (ctx) => {
      for (let i = from; i < from + rows; i += 1)
        await session(ctx, await organization(ctx, `other-${i}`), i + RARE);
    });
  });
  await inBatches(world.events, async (from, rows) => {
    await inOne(engine, async (ctx) => {
      for (let i = from; i < from + rows; i += 1)
        await ctx.db.insert("sessionEvents", {
          organizationId: owner.organizationId,
          sessionId: ids[i % ids.length]!,
          seq: Math.floor(i / ids.length) + 1,
          type: "llm.response.chunk",
          ts: Date.now(),
          source: "agent",
          payload: PAYLOAD,
        });
    });
  });
  return { ...owner, sessionIds: ids };
}

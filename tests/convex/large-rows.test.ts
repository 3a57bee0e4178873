import { expect, test } from "vitest";
import { api, internal } from "#convex/_generated/api.js";
import { type Database, hashOf, readySession } from "./support.ts";
import { ada, db, freshWorld } from "./world.ts";

freshWorld();

type Ctx = Parameters<Parameters<Database["t"]["run"]>[0]>[0];

/** Inserts in transactions of ten, so that making the rows does not break the limits itself. */
async function insertMany(count: number, insert: (ctx: Ctx, index: number) => Promise<unknown>) {
  for (let made = 0; made < count; made += 10)
    await db.t.run(async (ctx) => {
      for (let i = made; i < Math.min(count, made + 10); i += 1) await insert(ctx, i);
    });
}

async function largeLog(count: number, chars: number) {
  const { sessionId } = await readySession(db, ada);
  const { events } = await ada.as.query(api.events.list, { sessionId, after: 0, limit: 100 });
  const first = (events.at(-1)?.seq ?? 0) + 1;
  const payload = JSON.stringify({ message_id: "m", delta: "x".repeat(chars) });
  await insertMany(count, async (ctx, i) =>
    ctx.db.insert("sessionEvents", {
      organizationId: ada.organizationId,
      sessionId,
      seq: first + i,
      type: "llm.response.chunk",
      ts: 1,
      source: "test",
      payload,
    }),
  );
  await db.t.run(async (ctx) => {
    const stream = await ctx.db
      .query("sessionStreams")
      .withIndex("by_session", (q) => q.eq("sessionId", sessionId))
      .unique();
    if (stream) await ctx.db.patch(stream._id, { seq: first + count - 1 });
  });
  return { sessionId, last: first + count - 1 };
}

test("CODE-5: what one transaction reads here is limited as on the platform", async () => {
  await largeLog(20, 900_000);
  await expect(
    db.t.run(async (ctx) => {
      await ctx.db
        .query("sessionEvents")
        .withIndex("by_organization", (q) => q.eq("organizationId", ada.organizationId))
        .collect();
    }),
  ).rejects.toThrow(/Too many bytes read|Read too much data/);
});

test("BUG-2, CODE-3: a log of events of maximal size is read to its end, without a gap", async () => {
  const { sessionId, last } = await largeLog(60, 900_000);
  const seqs: number[] = [];
  for (let after = 0, isDone = false; !isDone;) {
    const page = await ada.as.query(api.events.list, { sessionId, after, limit: 500 });
    seqs.push(...page.events.map(({ seq }) => seq));
    ({ isDone } = page);
    after = seqs.at(-1) ?? after;
  }
  expect(seqs).toEqual(Array.from({ length: last }, (_, i) => i + 1));
});

test("CODE-3: events of maximal size are exported to the last", async () => {
  const { last } = await largeLog(40, 900_000);
  let rows = 0;
  let cursor: string | null = null;
  for (let isDone = false; !isDone;) {
    const found: { page: unknown[]; isDone: boolean; continueCursor: string } = await ada.as.query(
      api.exports.page,
      { table: "events", paginationOpts: { numItems: 100, cursor } },
    );
    rows += found.page.length;
    cursor = found.continueCursor;
    ({ isDone } = found);
  }
  expect(rows).toBe(last);
});

test("CODE-3: the organization's stream reads events of maximal size", async () => {
  await largeLog(40, 900_000);
  const { organizationId } = ada;
  let rows = 0;
  for (let after = 0; ;) {
    const page = await db.service.query(api.organizationEvents.tail, { organizationId, after });
    if (page.length === 0) break;
    rows += page.length;
    after = page.at(-1)?.at ?? after;
  }
  expect(rows).toBeGreaterThanOrEqual(40);
});

test("CODE-3: definitions of maximal size are pulled whole, a page at a time", async () => {
  const { sessionId, generation } = await readySession(db, ada);
  await insertMany(30, async (ctx, i) =>
    ctx.db.insert("projectDefinitions", {
      organizationId: ada.organizationId,
      environment: "development",
      kind: "agent" as const,
      slug: `large-${i}`,
      definition: JSON.stringify({ slug: `large-${i}`, systemPrompt: "x".repeat(900_000) }),
    }),
  );
  await db.service.mutation(api.apiKeys.createForSandbox, {
    sessionId,
    generation,
    keys: [{ kind: "sync", hash: hashOf("s"), last4: "ssss" }],
  });
  let texts = 0;
  let cursor: string | null = null;
  do {
    const page: { texts: string[]; cursor: string | null } | null = await db.t.query(
      internal.sync.definitions,
      { keyHash: hashOf("s"), kind: "agent" as const, cursor },
    );
    texts += page?.texts.length ?? 0;
    cursor = page?.cursor ?? null;
  } while (cursor !== null);
  expect(texts).toBeGreaterThanOrEqual(30);
  const names = await ada.as.query(api.projectSummaries.names, { environment: "development" });
  expect(names.length).toBeGreaterThan(0);
});

test("CODE-9: a due row is found behind a hundred that nobody can deal with", async () => {
  const { sessionId } = await readySession(db, ada);
  await db.t.run(async (ctx) => {
    const row = await ctx.db.get(sessionId);
    if (!row) throw new Error("it is there");
    const { _id, _creationTime, ...fields } = row;
    for (let i = 0; i < 250; i += 1) await ctx.db.insert("sandboxSessions", { ...fields, deadlineAt: 1 });
    await ctx.db.patch(sessionId, { deadlineAt: 2 });
  });
  const seen: string[] = [];
  let after: { at: number; created: number } | undefined;
  for (;;) {
    const { items, next } = await db.service.query(api.due.late, { now: 10, ...(after && { after }) });
    if (next === null) break;
    seen.push(...items.map((item) => item.sessionId));
    after = next;
  }
  expect(new Set(seen).size).toBe(251);
  expect(seen).toHaveLength(251);
  expect(seen.at(-1)).toBe(sessionId);
});

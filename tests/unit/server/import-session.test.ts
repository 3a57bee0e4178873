import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import { EVENT_PAYLOADS, type EventType } from "#domain/events.ts";
import { exportSession, reviewExport } from "#server/sessions/export-session.ts";
import { importSession } from "#server/sessions/import-session.ts";
import { arbitraryOf } from "#tests/arbitrary-of.ts";
import { asJsonFile, asLinesFile, EXPORTED_SESSION } from "#tests/exported-session.ts";
import {
  callerOf,
  eve,
  type Format,
  listed,
  page,
  rowsLeft,
  sent,
  twoOrganizations,
} from "#tests/import-calls.ts";
import { readySession } from "../../convex/support.ts";
import { ada, db } from "../../convex/world.ts";

vi.mock("#server/convex/client.ts", async (original) => ({
  ...(await original<object>()),
  ...(await import("#tests/import-calls.ts")).DATA_HERE,
}));

twoOrganizations();

const take = async (file: string | Uint8Array, format: Format, who = ada, pieceBytes?: number) =>
  await importSession(callerOf(who), sent(file, format, pieceBytes), {});
const exported = async (id: string, format: Format, who = ada, mask: string[] = []) =>
  await (await exportSession(callerOf(who), id, format, mask)).text();

/** A session with a log of its own; the rows are written as they are, whatever the writer would make of them. */
async function sessionWith(events: readonly { type: string; payload: unknown }[]): Promise<string> {
  const { sessionId } = await readySession(db, ada);
  await db.t.run(async (ctx) => {
    const stream = (await ctx.db.query("sessionStreams").collect()).find(
      (row) => row.sessionId === sessionId,
    )!;
    const runId = await ctx.db.insert("runs", {
      organizationId: ada.organizationId,
      sessionId,
      userId: ada.userId,
      input: "x",
      rpcId: "x",
      status: "completed",
      totalInputTokens: 0,
      totalOutputTokens: 0,
      totalCostMicroUsd: 0,
    });
    for (const [index, { type, payload }] of events.entries())
      await ctx.db.insert("sessionEvents", {
        organizationId: ada.organizationId,
        sessionId,
        seq: stream.seq + index + 1,
        type,
        ts: 1_790_000_000_000 + index,
        source: "test",
        payload: JSON.stringify(payload),
        ...(index % 2 === 0 && { runId, costMicroUsd: index }),
      });
    await ctx.db.patch(stream._id, { seq: stream.seq + events.length });
    await ctx.db.patch(sessionId, { status: "stopped" });
  });
  return sessionId;
}

/** Sessions are made, exported and imported some dozen times, or have millions of bytes. */
const SLOW_MS = 300_000;

describe("what was exported is imported, and exported again as the same file", () => {
  const event = fc.oneof(
    ...(Object.keys(EVENT_PAYLOADS) as EventType[]).map((type) =>
      fc.record({ type: fc.constant<string>(type), payload: arbitraryOf(EVENT_PAYLOADS[type]) }),
    ),
    // One of a later version.
    fc.record({ type: fc.constant("later.added"), payload: fc.dictionary(fc.string(), fc.jsonValue()) }),
  );

  test(
    "events of every family, whatever texts they have",
    async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(event, { minLength: 1, maxLength: 12 }), async (events) => {
          const id = await sessionWith(events);
          for (const format of ["json", "jsonl"] as const) {
            const file = await exported(id, format);
            const session = await take(file, format);
            expect(session.id).not.toBe(id);
            expect(await exported(session.id, format)).toBe(file);
            // And in the organization of somebody else.
            const theirs = await take(file, format, eve, 7);
            expect(await exported(theirs.id, format, eve)).toBe(file);
          }
        }),
        { numRuns: 6 },
      );
    },
    SLOW_MS,
  );

  test("each family once", async () => {
    const all = (Object.keys(EVENT_PAYLOADS) as EventType[]).map((type) => ({
      type,
      payload: fc.sample(arbitraryOf(EVENT_PAYLOADS[type]), { numRuns: 1, seed: 7 })[0],
    }));
    const file = await exported(await sessionWith(all), "json");
    const session = await take(file, "json");
    expect(await exported(session.id, "json")).toBe(file);
    expect(await exported(session.id, "jsonl")).toBe(
      await exported((await take(await exported(session.id, "jsonl"), "jsonl")).id, "jsonl"),
    );
  });

  test(
    "events of maximal size, more than one transaction takes, in any layout of the JSON",
    async () => {
      const content = "語".repeat(299_000);
      const id = await sessionWith(
        Array.from({ length: 6 }, () => ({ type: "message.user", payload: { content } })),
      );
      const file = await exported(id, "json");
      expect(file.length).toBeGreaterThan(1_500_000);
      const session = await take(file, "json", ada, 100_000);
      expect(await exported(session.id, "json")).toBe(file);
      const spread = JSON.stringify(EXPORTED_SESSION, null, 2);
      const again = await take(spread, "json", ada, 3);
      expect(await exported(again.id, "json")).toBe(asJsonFile(EXPORTED_SESSION));
    },
    SLOW_MS,
  );
});

describe("an imported session", () => {
  test("is listed as one, with who imported it and when, and has the file's words to be found by", async () => {
    const made = await take(asJsonFile(EXPORTED_SESSION), "json");
    expect(made).toMatchObject({
      title: "Mend the shop",
      status: "stopped",
      message_count: 1,
      runs_count: 1,
    });
    expect(made.imported_at).toMatch(/^\d{4}-.*Z$/);
    expect(await listed(ada)).toMatchObject([{ id: made.id, userName: "ada", model: "demo" }]);
    for (const text of ["mend shop", "prices"])
      expect((await ada.as.query(api.sessionLists.search, { ...page, text })).page).toHaveLength(1);
    const entries = (await ada.as.query(api.audit.list, page)).page;
    expect(entries[0]).toMatchObject({ action: "session.imported", target: made.id });
    expect(JSON.stringify(entries[0])).toContain("Mend the shop");
    expect(await listed(eve)).toEqual([]);
  });

  test("is read like any other, with ids that name nothing here", async () => {
    const { id } = await take(asLinesFile(EXPORTED_SESSION), "jsonl");
    const { events, isDone } = await ada.as.query(api.events.list, { sessionId: id, after: 0, limit: 10 });
    expect(isDone).toBe(true);
    expect(events).toMatchObject([
      {
        seq: 1,
        type: "message.user",
        sessionId: id,
        runId: "imported:r1",
        ts: Date.parse("2026-11-30T09:00:01Z"),
      },
      { seq: 2, type: "usage.recorded", sessionId: id, costMicroUsd: 4_500_000 },
    ]);
    const narrowed = await ada.as.query(api.events.list, {
      sessionId: id,
      after: 0,
      limit: 10,
      types: ["usage.*"],
    });
    expect(narrowed.events.map(({ seq }) => seq)).toEqual([2]);
    await expect(eve.as.query(api.events.list, { sessionId: id, after: 0, limit: 10 })).rejects.toThrow(
      /no such/,
    );
    await expect(
      eve.as.query(api.sessionImports.texts, { sessionId: id, after: 0, limit: 10 }),
    ).rejects.toThrow(/no such/);
    await expect(eve.as.query(api.sessionImports.head, { sessionId: id })).rejects.toThrow(/no such/);
  });

  test("costs nothing here", async () => {
    const { id, total_cost_usd } = await take(asJsonFile(EXPORTED_SESSION), "json");
    expect(total_cost_usd).toBe(0);
    const left = await db.t.run(async (ctx) => ({
      usage: await ctx.db.query("usageRecords").collect(),
      daily: await ctx.db.query("usageDaily").collect(),
      holds: await ctx.db.query("creditHolds").collect(),
      totals: await ctx.db.query("sessionTotals").collect(),
      ledger: (await ctx.db.query("ledgerEntries").collect()).filter(
        ({ deltaMicroUsd }) => deltaMicroUsd !== 0,
      ),
    }));
    expect(left).toEqual({ usage: [], daily: [], holds: [], totals: [], ledger: [] });
    expect((await ada.as.query(api.sandboxSessions.get, { sessionId: id })).totalCostMicroUsd).toBe(0);
  });

  test("is refused by every path that would go on with it", async () => {
    const { id: sessionId } = await take(asJsonFile(EXPORTED_SESSION), "json");
    const model = { provider: "demo", model: "demo", keySource: "platform" } as const;
    const attempts: Record<string, () => Promise<unknown>> = {
      message: async () => await ada.as.mutation(api.runs.start, { sessionId, message: "go on" }),
      resume: async () => await ada.as.mutation(api.sessionResume.start, { sessionId }),
      branch: async () =>
        await ada.by.mutation(api.sessionBranches.create, { sessionId, fromSeq: 1, ...model }),
      rename: async () => await ada.as.mutation(api.sandboxSessions.update, { sessionId, title: "mine" }),
      keepalive: async () => await ada.as.mutation(api.sandboxSessions.keepalive, { sessionId }),
      stop: async () => await ada.as.mutation(api.sandboxSessions.stop, { sessionId }),
      command: async () =>
        await ada.by.mutation(api.directTools.begin, { sessionId, commandId: "c", command: "true" }),
      rewind: async () =>
        await ada.as.mutation(api.sessionRewinds.start, {
          sessionId,
          what: "conversation",
          toSeq: 1,
          overwrite: [],
          keep: [],
        }),
      skills: async () => await ada.as.mutation(api.skills.setRoots, { sessionId, roots: [] }),
    };
    for (const [name, attempt] of Object.entries(attempts))
      await expect(attempt(), name).rejects.toMatchObject({ data: { kind: "session_imported" } });
    expect(await exported(sessionId, "json")).toBe(asJsonFile(EXPORTED_SESSION));
  });

  test("can be put away, and deleted with all that it is", async () => {
    const { id: sessionId } = await take(asJsonFile(EXPORTED_SESSION), "json");
    await ada.as.mutation(api.sessionLists.archive, { sessionId, archived: true });
    expect(await listed(ada)).toEqual([]);
    expect(await ada.as.mutation(api.sessionDeletion.remove, { sessionId })).toMatchObject({ events: 2 });
    await expect(exported(sessionId, "json")).rejects.toThrow(/no such/);
    expect((await rowsLeft(db)).events).toBe(0);
  });

  test("has more of it masked, in head and events, as any session", async () => {
    const { id } = await take(asJsonFile(EXPORTED_SESSION), "json");
    const file = await exported(id, "json", ada, ["shop", "prices"]);
    expect(file).not.toMatch(/shop|prices/);
    const { masked } = await reviewExport(callerOf(ada), id, ["shop"]);
    expect(masked).toMatchObject([{ kind: "by_hand", text: "shop", count: 1, places: [{ seq: 0 }] }]);
  });

  test("keeps no token of Studio's own that somebody has put into the file", async () => {
    const token = `sk_studio_${"a".repeat(43)}`;
    const [first, ...rest] = EXPORTED_SESSION.events;
    const events = [{ ...first!, payload: { content: token } }, ...rest] as typeof EXPORTED_SESSION.events;
    const head = { ...EXPORTED_SESSION, session: { ...EXPORTED_SESSION.session, title: token } };
    const { id } = await take(asJsonFile({ ...head, events }), "json");
    const stored = await db.t.run(async (ctx) => [
      ...(await ctx.db.query("importedEvents").collect()),
      ...(await ctx.db.query("sessionImports").collect()),
      ...(await ctx.db.query("searchTexts").collect()),
      await ctx.db.get(id as Id<"sandboxSessions">),
    ]);
    expect(JSON.stringify(stored)).not.toContain(token);
  });
});

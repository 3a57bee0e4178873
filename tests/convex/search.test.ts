import { describe, expect, test } from "vitest";
import { api, internal } from "#convex/_generated/api.js";
import type { SessionFilter } from "#domain/session-filter.ts";
import { member, type Member, readySession } from "./support.ts";
import { ada, db, freshWorld } from "./world.ts";

freshWorld();

async function titles(who: Member, filter: SessionFilter, numItems = 50): Promise<string[]> {
  const all: string[] = [];
  for (let cursor: string | null = null; ;) {
    const paginationOpts = { numItems, cursor };
    const found: { page: { title: string }[]; isDone: boolean; continueCursor: string } = await who.as.query(
      api.sessionLists.search,
      { paginationOpts, ...filter },
    );
    all.push(...found.page.map(({ title }) => title));
    if (found.isDone) return all;
    cursor = found.continueCursor;
  }
}
type Made = Awaited<ReturnType<typeof readySession>>;
async function made(who: Member, title: string): Promise<Made> {
  const session = await readySession(db, who);
  await who.as.mutation(api.sandboxSessions.update, { sessionId: session.sessionId, title });
  return session;
}
/** A message, and what the agent said to it. */
async function ask({ sessionId, generation }: Made, message: string, output: string, batch = 1) {
  const { runId } = await ada.as.mutation(api.runs.start, { sessionId, message });
  await db.service.mutation(api.events.append, {
    sessionId,
    generation,
    batch,
    events: [],
    runEnd: { runId, ending: { status: "completed", output, stopReason: "end_turn" } },
  });
}
const texts = async () => await db.t.run(async (ctx) => await ctx.db.query("searchTexts").collect());

describe("a search", () => {
  test("finds a session by the words of its title, in any case", async () => {
    await made(ada, "Refunds over a hundred");
    await made(ada, "Tickets");
    expect(await titles(ada, { text: "HUNDRED refunds" })).toEqual(["Refunds over a hundred"]);
  });

  test("takes the last word for the beginning of one", async () => {
    await made(ada, "Refunds");
    expect(await titles(ada, { text: "ref" })).toEqual(["Refunds"]);
  });

  test("finds a session by what was asked in it", async () => {
    const { sessionId } = await made(ada, "First");
    await made(ada, "Second");
    await ada.as.mutation(api.runs.start, { sessionId, message: "Why is the carousel upside down?" });
    expect(await titles(ada, { text: "carousel" })).toEqual(["First"]);
  });

  test("finds a session by what was answered in it", async () => {
    await ask(await made(ada, "First"), "Why?", "It spins like a carousel.");
    await made(ada, "Second");
    expect(await titles(ada, { text: "carousel spins" })).toEqual(["First"]);
  });

  test("lists what it finds newest first, page by page", async () => {
    for (const title of ["carousel 1", "carousel 2", "carousel 3"]) await made(ada, title);
    expect(await titles(ada, { text: "carousel" }, 2)).toEqual(["carousel 3", "carousel 2", "carousel 1"]);
  });

  test("says that it is cut where more matches than are looked at", async () => {
    const { sessionId } = await made(ada, "carousel");
    const truncated = async (text: string) =>
      (await ada.as.query(api.sessionLists.search, { paginationOpts: { numItems: 5, cursor: null }, text }))
        .truncated;
    const add = async (count: number) =>
      await db.t.run(async (ctx) => {
        const [row] = await ctx.db.query("searchTexts").collect();
        if (!row) throw new Error("a session has its title");
        const { _id, _creationTime, ...part } = row;
        for (let n = 0; n < count; n += 1)
          await ctx.db.insert("searchTexts", { ...part, sessionId, part: n });
      });
    await add(127);
    expect(await truncated("carousel")).toBe(false);
    await add(1);
    expect(await truncated("carousel")).toBe(true);
    expect(await truncated("nothing")).toBe(false);
    const all = await ada.as.query(api.sessionLists.search, {
      paginationOpts: { numItems: 5, cursor: null },
    });
    expect(all.truncated).toBe(false);
  });

  test("finds by the new title alone once a session is renamed", async () => {
    const { sessionId } = await made(ada, "Before");
    await ada.as.mutation(api.sandboxSessions.update, { sessionId, title: "After" });
    expect(await titles(ada, { text: "before" })).toEqual([]);
    expect(await titles(ada, { text: "after" })).toEqual(["After"]);
  });

  test("keeps to the archive, or to what is not in it", async () => {
    const { sessionId } = await made(ada, "Refunds");
    await ada.as.mutation(api.runs.start, { sessionId, message: "carousel" });
    await ada.as.mutation(api.sandboxSessions.stop, { sessionId });
    await ada.as.mutation(api.sessionLists.archive, { sessionId, archived: true });
    expect(await titles(ada, { text: "carousel" })).toEqual([]);
    expect(await titles(ada, { text: "carousel", archived: true })).toEqual(["Refunds"]);
  });

  test("keeps to the caller's own where asked for", async () => {
    const bob = await member(db, "bob", "member", "ada");
    await made(ada, "Refunds of ada");
    await made(bob, "Refunds of bob");
    expect(await titles(bob, { text: "refunds", mine: true })).toEqual(["Refunds of bob"]);
  });

  test("keeps to a group", async () => {
    const { sessionId } = await made(ada, "Refunds 1");
    await made(ada, "Refunds 2");
    await ada.as.mutation(api.sandboxSessions.stop, { sessionId });
    expect(await titles(ada, { text: "refunds", group: "stopped" })).toEqual(["Refunds 1"]);
  });

  test("finds nothing of another organization", async () => {
    const eve = await member(db, "eve");
    await made(ada, "Refunds");
    expect(await titles(eve, { text: "refunds" })).toEqual([]);
  });

  test("finds no secret", async () => {
    const { sessionId } = await made(ada, "Keys");
    const secret = `sk_studio_${"a1B2".repeat(11).slice(1)}`;
    await ada.as.mutation(api.runs.start, { sessionId, message: `use ${secret}` });
    expect(JSON.stringify(await texts())).not.toContain("a1B2a1B2");
  });

  test.each(["none", "before:x", "before:", "before:1e5"])("refuses the cursor %j", async (cursor) => {
    await expect(
      ada.as.query(api.sessionLists.search, { paginationOpts: { numItems: 5, cursor }, text: "a" }),
    ).rejects.toMatchObject({ data: { code: "invalid_request" } });
  });

  test("refuses a text that is too long", async () => {
    await expect(titles(ada, { text: "a".repeat(201) })).rejects.toMatchObject({
      data: { code: "invalid_request" },
    });
  });
});

describe("the texts of a session", () => {
  test("stay bounded, the last ones kept, however much is said", async () => {
    const session = await made(ada, "Long");
    for (let i = 1; i <= 20; i += 1)
      await ask(session, `asked${i} ${"x ".repeat(40_000)}`, `said${i} ${"y ".repeat(140_000)}`, i);
    const rows = await texts();
    expect(rows).toHaveLength(33);
    expect(Math.max(...rows.map(({ text }) => text.length))).toBeLessThanOrEqual(4_000);
    expect(await titles(ada, { text: "said20" })).toEqual(["Long"]);
    expect(rows.some(({ text }) => text.startsWith("asked1 "))).toBe(false);
  });

  test("are made again, once, for a session from before", async () => {
    const { sessionId } = await made(ada, "Old");
    const { runId } = await ada.as.mutation(api.runs.start, { sessionId, message: "carousel" });
    await db.t.run(async (ctx) => {
      await ctx.db.patch(runId, { output: `pirouette ${"y ".repeat(140_000)}` });
      for (const row of await ctx.db.query("searchTexts").collect()) await ctx.db.delete(row._id);
    });
    await ada.as.mutation(api.runs.start, { sessionId, message: "waits" });
    const fn = "migrations:searchTexts";
    const migrate = async () => await db.t.mutation(internal.migrations.searchTexts, { fn, cursor: null });
    await migrate();
    const once = await texts();
    await migrate();
    expect(await texts()).toEqual(once);
    for (const text of ["old", "carousel", "pirouette", "waits"])
      expect(await titles(ada, { text })).toEqual(["Old"]);
  });
});

describe("a list that is narrowed", () => {
  test.each(["active", "idle", "waiting", "stopped", "error"] as const)(
    "by the group %s has all of it, page by page",
    async (group) => {
      const states = {
        active: "active",
        idle: "ready",
        waiting: "active",
        stopped: "stopped",
        error: "error",
      } as const;
      for (let i = 0; i < 4; i += 1) {
        const { sessionId } = await made(ada, `${i}`);
        if (i === 1) continue;
        await db.t.run(
          async (ctx) =>
            await ctx.db.patch(sessionId, {
              status: states[group],
              waitingFor: group === "waiting" ? "approval" : null,
            }),
        );
      }
      const expected = group === "idle" ? ["3", "2", "1", "0"] : ["3", "2", "0"];
      expect(await titles(ada, { group }, 2)).toEqual(expected);
    },
  );

  test("by environment has that alone", async () => {
    await made(ada, "development");
    expect(await titles(ada, { environment: "production" })).toEqual([]);
    expect(await titles(ada, { environment: "development" })).toEqual(["development"]);
  });
});

import { describe, expect, test, vi } from "vitest";
import { api, internal } from "#convex/_generated/api.js";
import { IMPORT_LIMITS } from "#domain/import-limits.ts";
import { importSession } from "#server/sessions/import-session.ts";
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
import { member } from "../../convex/support.ts";
import { ada, db } from "../../convex/world.ts";

vi.mock("#server/convex/client.ts", async (original) => ({
  ...(await original<object>()),
  ...(await import("#tests/import-calls.ts")).DATA_HERE,
}));

twoOrganizations();

const take = async (file: string | Uint8Array, format: Format) =>
  await importSession(callerOf(ada), sent(file, format), {});
/** What the audit log has of sessions. */
const told = async () =>
  (await ada.as.query(api.audit.list, page)).page
    .map(({ action }) => action)
    .filter((action) => action.startsWith("session."));

describe("of a file with a fault nothing stays", () => {
  const [one, two] = EXPORTED_SESSION.events;
  const lines = (...events: unknown[]) => events.map((event) => `${JSON.stringify(event)}\n`).join("");
  const json = (change: object) => JSON.stringify({ ...EXPORTED_SESSION, ...change });
  const deep = `${"[".repeat(70)}${"]".repeat(70)}`;
  const FAULTS: Record<string, [format: Format, file: string | Uint8Array, says: RegExp]> = {
    "no JSON": ["jsonl", `${lines(one)}{"event_id":`, /Line 2: This isn't valid JSON/],
    "no object": ["jsonl", "7\n", /Line 1: /],
    "an unknown field": ["jsonl", lines(one, { ...two, more: 1 }), /Line 2.*more/],
    "a payload of another form": [
      "jsonl",
      lines({ ...one, payload: { content: 7 } }),
      /Line 1, payload\.content: /,
    ],
    "a gap": ["jsonl", lines(one, { ...two, seq: 3 }), /Line 2, seq: It is 3, and 2 comes next/],
    "twice the same": ["jsonl", lines(one, one), /Line 2, seq/],
    "two sessions": ["jsonl", lines(one, { ...two, session_id: "s2" }), /Line 2, session_id/],
    "a time that is none": ["jsonl", lines({ ...one, ts: "yesterday" }), /Line 1, ts/],
    "too deep": ["jsonl", `{"a":${deep}}\n`, /nested more than 64 deep/],
    "no UTF-8": ["jsonl", new Uint8Array([0x7b, 0xff, 0x7d]), /UTF-8/],
    nothing: ["jsonl", "\n\n", /no events/],
    "an event without end": ["jsonl", `{"a":"${"x".repeat(IMPORT_LIMITS.eventBytes)}"}`, /longer than/],
    "cut off": ["json", asJsonFile(EXPORTED_SESSION).slice(0, -4), /cut off/],
    "no head": ["json", JSON.stringify({ events: EXPORTED_SESSION.events }), /Line 1, export_version/],
    "an unknown field of the head": [
      "json",
      json({ session: { ...EXPORTED_SESSION.session, role: "admin" } }),
      /role/,
    ],
    "a later version": ["json", json({ export_version: 2 }), /export_version/],
    "another session in the head": [
      "json",
      json({ session: { ...EXPORTED_SESSION.session, id: "s2" } }),
      /session\.id/,
    ],
    "events twice": ["json", `{"events":[],"events":[]}`, /twice/],
    "events under an escaped name": ["json", `{"\\u0065vents":[{}]}`, /Line 1/],
    "no list": ["json", `{"events":[7]}`, /list of objects/],
    "more behind it": ["json", `${asJsonFile(EXPORTED_SESSION)}{}`, /more behind the end/],
    "lines for an object": ["json", asLinesFile(EXPORTED_SESSION), /Line 2: There's more behind/],
    "a head without end": ["json", `{"a":"${"x".repeat(3 * IMPORT_LIMITS.headBytes)}`, /stand beside/],
  };

  test.each(Object.entries(FAULTS))("%s", async (_name, [format, file, says]) => {
    await expect(take(file, format)).rejects.toThrow(says);
    expect(await listed(ada)).toEqual([]);
    expect((await rowsLeft(db)).imports).toEqual(["abandoned"]);
    expect(await told()).toEqual([]);
  });

  test("what had come of it is removed, without a trace in the audit log", async () => {
    vi.useFakeTimers();
    try {
      await expect(take(lines(...EXPORTED_SESSION.events, one), "jsonl")).rejects.toThrow(/seq/);
      await db.t.finishAllScheduledFunctions(() => vi.advanceTimersByTime(60_000));
      expect(await rowsLeft(db)).toEqual({ events: 0, imports: [] });
      const left = await db.t.run(async (ctx) => await ctx.db.query("sandboxSessions").collect());
      expect(left).toEqual([]);
      expect(await told()).toEqual([]);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe("an import that is under way", () => {
  const begin = async (who = ada) => await who.by.mutation(api.sessionImports.begin, { format: "jsonl" });
  const texts = EXPORTED_SESSION.events.map((event) => JSON.stringify(event));

  test("is in no list, search, export or feed, and its session can't be opened", async () => {
    const { importId, sessionId } = await begin();
    await ada.by.mutation(api.sessionImports.append, { importId, from: 1, events: texts });
    expect(await listed(ada)).toEqual([]);
    for (const filter of [
      { text: "prices" },
      { text: "Import" },
      { group: "stopped" },
      { archived: true },
    ] as const)
      expect((await ada.as.query(api.sessionLists.search, { ...page, ...filter })).page).toEqual([]);
    for (const table of ["sessions", "imported_sessions", "imported_events"] as const)
      expect((await ada.as.query(api.exports.page, { ...page, table })).page).toEqual([]);
    expect((await ada.as.query(api.exports.ownSessions, page)).page).toEqual([]);
    expect(await ada.as.query(api.organizationEvents.head, {})).toEqual({ at: 0 });
    await expect(ada.as.query(api.sandboxSessions.get, { sessionId })).rejects.toThrow(/no such/);
    await expect(ada.as.query(api.events.list, { sessionId, after: 0, limit: 5 })).rejects.toThrow(/no such/);
  });

  test("takes each batch once, and none out of order, of another's, or that is no event", async () => {
    const { importId } = await begin();
    const add = async (from: number, events: string[], who = ada) =>
      await who.by.mutation(api.sessionImports.append, { importId, from, events });
    await add(1, texts);
    await add(1, texts);
    expect((await rowsLeft(db)).events).toBe(2);
    await expect(add(4, texts)).rejects.toMatchObject({ data: { kind: "import_lapsed" } });
    await expect(add(3, texts)).rejects.toMatchObject({ data: { kind: "import_row" } });
    await expect(add(3, ["no JSON"])).rejects.toMatchObject({ data: { kind: "import_row" } });
    await expect(add(3, texts, eve)).rejects.toMatchObject({ data: { kind: "import_not_found" } });
    const done = async () =>
      await ada.by.mutation(api.sessionImports.finish, { importId, title: "t", provider: "p", model: "m" });
    const [first, again] = [await done(), await done()];
    expect(again.id).toBe(first.id);
    expect(await told()).toEqual(["session.imported"]);
    await add(3, texts);
    await ada.by.mutation(api.sessionImports.abandon, { importId });
    expect(await rowsLeft(db)).toEqual({ events: 2, imports: ["done"] });
    expect(await listed(ada)).toHaveLength(1);
  });

  test("is given up by the sweep once nothing comes any more, and no sooner", async () => {
    vi.useFakeTimers();
    try {
      const { importId } = await begin();
      await ada.by.mutation(api.sessionImports.append, { importId, from: 1, events: texts });
      await db.t.mutation(internal.sessionImports.sweep, {});
      expect((await rowsLeft(db)).imports).toEqual(["importing"]);
      vi.advanceTimersByTime(IMPORT_LIMITS.pieceMs);
      await db.t.mutation(internal.sessionImports.sweep, {});
      await expect(
        ada.by.mutation(api.sessionImports.finish, { importId, title: "t", provider: "p", model: "m" }),
      ).rejects.toMatchObject({ data: { kind: "import_lapsed" } });
      await db.t.finishAllScheduledFunctions(() => vi.advanceTimersByTime(60_000));
      expect(await rowsLeft(db)).toEqual({ events: 0, imports: [] });
    } finally {
      vi.useRealTimers();
    }
  });

  test("has few beside it", async () => {
    for (let count = 0; count < IMPORT_LIMITS.atOnce; count += 1) await begin();
    await expect(begin()).rejects.toMatchObject({ data: { kind: "imports_at_once" } });
    await begin(eve);
  });

  test("needs a member, who may use the environment", async () => {
    const vic = await member(db, "vic", "viewer", "ada");
    const mia = await member(db, "mia", "member", "ada");
    await expect(begin(vic)).rejects.toMatchObject({ data: { code: "forbidden" } });
    await expect(
      mia.by.mutation(api.sessionImports.begin, { format: "json", environment: "production" }),
    ).rejects.toMatchObject({ data: { code: "forbidden" } });
  });
});

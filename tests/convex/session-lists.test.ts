import { expect, test } from "vitest";
import { api } from "#convex/_generated/api.js";
import type { SessionFilter } from "#domain/session-filter.ts";
import { member, type Member, readySession } from "./support.ts";
import { ada, db, freshWorld } from "./world.ts";

freshWorld();

const page = { numItems: 50, cursor: null };
const titles = async (who: Member, filter: SessionFilter = {}) =>
  (await who.as.query(api.sessionLists.search, { paginationOpts: page, ...filter })).page.map(
    ({ title }) => title,
  );
const made = async (who: Member, title: string) => {
  const { sessionId } = await readySession(db, who);
  await who.as.mutation(api.sandboxSessions.update, { sessionId, title });
  return sessionId;
};

test("the list is narrowed by state, title and whose; what is put away is asked for by name", async () => {
  const bob = await member(db, "bob", "member", "ada");
  const first = await made(ada, "Refunds");
  await made(bob, "Tickets");
  expect(await titles(ada)).toEqual(["Tickets", "Refunds"]);
  expect(await titles(ada, { text: "REF" })).toEqual(["Refunds"]);
  expect(await titles(bob, { mine: true })).toEqual(["Tickets"]);
  expect(await titles(ada, { group: "stopped" })).toEqual([]);
  await expect(
    ada.as.mutation(api.sessionLists.archive, { sessionId: first, archived: true }),
  ).rejects.toMatchObject({ data: { code: "invalid_request" } });

  await ada.as.mutation(api.sandboxSessions.stop, { sessionId: first });
  expect(await titles(ada, { group: "stopped" })).toEqual(["Refunds"]);
  await expect(
    bob.as.mutation(api.sessionLists.archive, { sessionId: first, archived: true }),
  ).rejects.toMatchObject({ data: { code: "forbidden" } });
  const away = await ada.as.mutation(api.sessionLists.archive, { sessionId: first, archived: true });
  expect(away.archivedAt).toBeGreaterThan(0);
  expect(await titles(ada)).toEqual(["Tickets"]);
  expect(await titles(ada, { archived: true })).toEqual(["Refunds"]);
  const again = await ada.as.mutation(api.sessionLists.archive, { sessionId: first, archived: true });
  expect(again.archivedAt).toBe(away.archivedAt);
  await ada.as.mutation(api.sessionLists.archive, { sessionId: first, archived: false });
  expect(await titles(ada)).toEqual(["Tickets", "Refunds"]);
});

test("BUG-5: who ended a process stands in the log; a viewer ends none, and nobody after the end", async () => {
  const { sessionId } = await readySession(db, ada);
  const ended = { sessionId, pid: 42, command: "node server.js" };
  await ada.by.mutation(api.workspaceFiles.processEnded, ended);
  const { events: log } = await ada.as.query(api.events.list, { sessionId, after: 0, limit: 100 });
  const said = log.find((event) => event.type === "process.ended");
  expect(JSON.parse(said?.payload ?? "{}")).toEqual({ pid: 42, command: "node server.js", ended_by: "ada" });
  const vera = await member(db, "vera", "viewer", "ada");
  await expect(vera.by.mutation(api.workspaceFiles.processEnded, ended)).rejects.toMatchObject({
    data: { code: "forbidden" },
  });
  const eve = await member(db, "eve");
  await expect(eve.by.mutation(api.workspaceFiles.processEnded, ended)).rejects.toMatchObject({
    data: { code: "not_found" },
  });
  await ada.as.mutation(api.sandboxSessions.stop, { sessionId });
  await expect(ada.by.mutation(api.workspaceFiles.processEnded, ended)).rejects.toMatchObject({
    data: { code: "session_stopped" },
  });
});

test("who saved a file stands in the log; a viewer saves none, and nobody after the end", async () => {
  const { sessionId } = await readySession(db, ada);
  const change = { sessionId, path: "a.ts", diff: { path: "a.ts", old_text: null, new_text: "1" } };
  await ada.by.mutation(api.workspaceFiles.changed, change);
  const { events: log } = await ada.as.query(api.events.list, { sessionId, after: 0, limit: 100 });
  const saved = log.find((event) => event.type === "file.changed");
  expect(JSON.parse(saved?.payload ?? "{}")).toEqual({ path: "a.ts", changed_by: "ada", diff: change.diff });
  const vera = await member(db, "vera", "viewer", "ada");
  await expect(vera.by.mutation(api.workspaceFiles.changed, change)).rejects.toMatchObject({
    data: { code: "forbidden" },
  });
  await ada.as.mutation(api.sandboxSessions.stop, { sessionId });
  await expect(ada.by.mutation(api.workspaceFiles.changed, change)).rejects.toMatchObject({
    data: { code: "session_stopped" },
  });
});

test("runs are listed newest first, by state, session and person, and never another organization's", async () => {
  const bob = await member(db, "bob", "member", "ada");
  const one = await readySession(db, ada);
  const two = await readySession(db, bob);
  const say = async (who: Member, { sessionId }: typeof one, message: string) =>
    await who.as.mutation(api.runs.start, { sessionId, message });
  await say(ada, one, "first");
  await say(ada, one, "waits");
  await say(bob, two, "other");
  const listed = async (who: Member, filter: object = {}, paginationOpts = page) =>
    (await who.as.query(api.runs.list, { paginationOpts, ...filter })).page.map(({ input }) => input);
  expect(await listed(ada)).toEqual(["other", "waits", "first"]);
  expect(await listed(ada, { status: "pending" })).toEqual(["waits"]);
  expect(await listed(ada, { sessionId: one.sessionId })).toEqual(["waits", "first"]);
  expect(await listed(ada, { sessionId: one.sessionId, status: "running" })).toEqual(["first"]);
  expect(await listed(bob, { mine: true })).toEqual(["other"]);
  expect(await listed(bob, { mine: true, status: "pending" })).toEqual([]);
  const first = await ada.as.query(api.runs.list, { paginationOpts: { numItems: 2, cursor: null } });
  expect(first).toMatchObject({ isDone: false, page: [{ input: "other" }, { input: "waits" }] });
  expect(await listed(ada, {}, { numItems: 2, cursor: first.continueCursor as never })).toEqual(["first"]);
  const eve = await member(db, "eve");
  expect(await listed(eve)).toEqual([]);
  await expect(listed(eve, { sessionId: one.sessionId })).rejects.toMatchObject({
    data: { code: "not_found" },
  });
});

test("a log is narrowed to types and places, and its pages go on over what they leave out", async () => {
  const { sessionId } = await readySession(db, ada);
  await ada.as.mutation(api.runs.start, { sessionId, message: "hi" });
  const read = async (more: object) =>
    await ada.as.query(api.events.list, { sessionId, after: 0, limit: 100, ...more });
  const all = (await read({})).events;
  const typesOf = (events: readonly { type: string }[]) => events.map(({ type }) => type);
  const ofRun = await read({ types: ["run.*", "message.user"] });
  expect(typesOf(ofRun.events)).toEqual(["message.user", "run.started"]);
  expect(ofRun).toMatchObject({ isDone: true, last: all.at(-1)?.seq });
  // A page of one ends at its event, and the next one goes on behind it.
  const one = await read({ types: ["run.*", "message.user"], limit: 1 });
  expect(one).toMatchObject({ isDone: false, last: one.events[0]?.seq });
  const next = await read({ types: ["run.*", "message.user"], limit: 1, after: one.last });
  expect(typesOf(next.events)).toEqual(["run.started"]);
  expect(await read({ types: ["nothing.*"] })).toMatchObject({ events: [], isDone: true });
  expect(typesOf((await read({ text: "HI" })).events)).toContain("message.user");
  expect(await read({ text: "HI", types: ["run.started"], limit: 1 })).toMatchObject({
    events: [{ type: "run.started" }],
    isDone: true,
  });
  // Names stand in rows by a mark alone; who reads them finds them.
  expect(typesOf((await read({ text: "ada", types: ["message.*"] })).events)).toEqual(["message.user"]);
  expect(await read({ text: "nowhere in it" })).toMatchObject({ events: [], isDone: true });
  await expect(read({ text: "x".repeat(201) })).rejects.toMatchObject({ data: { code: "invalid_request" } });
  expect((await read({ until: 2 })).events.map(({ seq }) => seq)).toEqual([1, 2]);
  expect(await read({ until: 2, after: 5 })).toMatchObject({ events: [], isDone: true, last: 5 });
  await expect(read({ types: [] })).rejects.toMatchObject({ data: { code: "invalid_request" } });
});

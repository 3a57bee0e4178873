import { expect, test } from "vitest";
import { api } from "#convex/_generated/api.js";
import type { SessionFilter } from "#domain/session-filter.ts";
import { member, type Member, readySession } from "./support.ts";
import { ada, db } from "./world.ts";

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

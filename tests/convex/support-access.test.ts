import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import { type SupportHours, SUPPORT_LOOK_MS } from "#domain/support.ts";
import { type Database, database, member, type Member, readySession, settle } from "./support.ts";

const HOUR_MS = 3_600_000;
const operator = { by: "op@studio.example", via: "page" as const };
const other = { by: "second@studio.example", via: "page" as const };
const TICKET = "Ticket 4711";
const page = { numItems: 20, cursor: null };

let db: Database;
let ada: Member;
let bob: Member;
let sessionId: Id<"sandboxSessions">;

beforeEach(async () => {
  vi.useFakeTimers();
  db = database();
  ada = await member(db, "ada");
  bob = await member(db, "bob");
  ({ sessionId } = await readySession(db, ada));
});
afterEach(() => void vi.useRealTimers());

const grant = async (hours: SupportHours = 1, who: Member = ada) =>
  await who.as.mutation(api.supportAccess.grant, { hours, reason: ` ${TICKET} ` });
const end = async () => await ada.as.mutation(api.supportAccess.end, {});
const told = async (who: Member = ada) => await who.as.query(api.supportAccess.told, {});

const at = (organization: string = ada.organizationId, id: string = sessionId, by = operator) => ({
  operator: by,
  organization,
  sessionId: id,
});
const look = async (...of: Parameters<typeof at>) =>
  await db.service.mutation(api.supportReads.look, at(...of));
const log = async (...of: Parameters<typeof at>) =>
  await db.service.query(api.supportReads.log, {
    ...at(...of),
    at: Date.now(),
    after: 0,
    limit: 50,
  });
const read = async (...of: Parameters<typeof at>) => {
  await look(...of);
  return await log(...of);
};
const list = async (more: { text?: string; archived?: boolean } = {}, organization = "ada") => {
  await db.service.mutation(api.supportReads.look, { operator, organization, sessionId: null });
  return await db.service.query(api.supportReads.sessions, {
    operator,
    at: Date.now(),
    organization,
    paginationOpts: page,
    ...more,
  });
};
const audits = async () => {
  const theirs = (await ada.as.query(api.audit.list, { paginationOpts: page, action: "support_access" }))
    .page;
  const own = (await db.service.query(api.operatorReports.audit, { paginationOpts: page })).page;
  return { theirs, own };
};

const refused = { data: { code: "forbidden", kind: "support_access_missing" } };
const unnoted = { data: { code: "forbidden", kind: "support_access_unnoted" } };
const missing = { data: { code: "not_found" } };

test("without consent an operator reads nothing, whatever ids they know", async () => {
  await expect(read()).rejects.toMatchObject(refused);
  await expect(read("ada")).rejects.toMatchObject(refused);
  await expect(read("ada", "nothing")).rejects.toMatchObject(refused);
  await expect(log()).rejects.toMatchObject(refused);
  await expect(list()).rejects.toMatchObject(refused);
  const unasked = { operator, at: Date.now(), organization: "ada", paginationOpts: page };
  await expect(db.service.query(api.supportReads.sessions, unasked)).rejects.toMatchObject(refused);
  expect(await audits()).toEqual({ theirs: [], own: [] });
});

test("with it they read sessions and their logs, and both audits say so before", async () => {
  await grant();
  await expect(log()).rejects.toMatchObject(unnoted);
  const { events } = await read();
  expect(events.map(({ type }) => type)).toContain("provision.step");
  expect((await list()).page).toMatchObject([{ id: sessionId, title: "New session", userName: "ada" }]);
  await ada.as.mutation(api.sandboxSessions.update, { sessionId, title: "The broken build" });
  expect((await list({ text: "broken" })).page).toHaveLength(1);
  expect((await list({ text: "whole" })).page).toEqual([]);
  expect((await list({ archived: true })).page).toEqual([]);
  const { theirs, own } = await audits();
  expect(theirs).toMatchObject([
    { action: "support_access.sessions_listed", actor: { kind: "operator" }, target: null },
    { action: "support_access.session_read", actor: { kind: "operator" }, target: sessionId },
    { action: "support_access.granted", actor: { kind: "member", person: { name: "ada" } } },
  ]);
  // The organization is told no name.
  expect(JSON.stringify(theirs)).not.toContain(operator.by);
  expect(own).toMatchObject([
    { action: "list_sessions", by: operator.by, reason: TICKET },
    { action: "read_session", by: operator.by, target: sessionId, organization: ada.organizationId },
  ]);
  expect(JSON.stringify(theirs[0]?.after)).toContain(TICKET);
});

test("a look is one entry an hour, and each operator's own", async () => {
  await grant(8);
  await read();
  await read();
  expect((await audits()).own).toHaveLength(1);
  await expect(log("ada", sessionId, other)).rejects.toMatchObject(unnoted);
  await read("ada", sessionId, other);
  expect((await audits()).own).toHaveLength(2);
  vi.advanceTimersByTime(SUPPORT_LOOK_MS - 1);
  await log();
  vi.advanceTimersByTime(1);
  await expect(log()).rejects.toMatchObject(unnoted);
  await read();
  expect((await audits()).own).toHaveLength(3);
});

test("it ends exactly at its time, even before anything has said so", async () => {
  const { until } = await grant();
  expect(until).toBe(Date.now() + HOUR_MS);
  await read();
  vi.setSystemTime(until - 1);
  await read();
  expect(await told()).toMatchObject({ until, reason: TICKET, by: "ada" });
  vi.setSystemTime(until);
  await expect(look()).rejects.toMatchObject(refused);
  await expect(log()).rejects.toMatchObject(refused);
});

test("its end is in the audit, and what was looked at is forgotten", async () => {
  await grant();
  await read();
  vi.advanceTimersByTime(HOUR_MS);
  await db.t.finishInProgressScheduledFunctions();
  await settle(db, 2);
  expect((await audits()).theirs[0]).toMatchObject({
    action: "support_access.ended",
    actor: { kind: "system" },
  });
  expect(await told()).toBeNull();
  expect(await db.t.run(async (ctx) => await ctx.db.query("supportLooks").collect())).toEqual([]);
});

test("an admin ends it at once, and its own time does nothing more", async () => {
  await grant();
  await read();
  await end();
  await expect(look()).rejects.toMatchObject(refused);
  await expect(log()).rejects.toMatchObject(refused);
  await expect(list()).rejects.toMatchObject(refused);
  await end();
  vi.advanceTimersByTime(2 * HOUR_MS);
  await db.t.finishInProgressScheduledFunctions();
  expect((await audits()).theirs.map(({ action }) => action)).toEqual([
    "support_access.ended",
    "support_access.session_read",
    "support_access.granted",
  ]);
});

test("another grant takes its place, and the end of the first does not end it", async () => {
  await grant(1);
  await read();
  const { until } = await grant(24);
  await expect(log()).rejects.toMatchObject(unnoted);
  vi.advanceTimersByTime(HOUR_MS);
  await settle(db, 1);
  expect(await told()).toMatchObject({ until });
  await read();
});

test("it is one organization's: no other's session is read by it", async () => {
  const { sessionId: theirs } = await readySession(db, bob);
  await grant();
  await expect(read("ada", theirs)).rejects.toMatchObject(missing);
  await expect(read("bob", theirs)).rejects.toMatchObject(refused);
  await expect(list({}, "bob")).rejects.toMatchObject(refused);
  await expect(read("nobody", theirs)).rejects.toMatchObject(missing);
  expect(await told(bob)).toBeNull();
  await ada.as.mutation(api.sandboxSessions.stop, { sessionId });
  await ada.as.mutation(api.sessionDeletion.remove, { sessionId });
  await expect(read()).rejects.toMatchObject(missing);
  expect((await list()).page).toEqual([]);
});

test("members and viewers are told, and only admins grant and end it", async () => {
  const viewer = await member(db, "vic", "viewer", "ada");
  const worker = await member(db, "mia", "member", "ada");
  for (const who of [viewer, worker]) {
    await expect(grant(1, who)).rejects.toMatchObject({ data: { kind: "role_too_low" } });
    await expect(who.as.mutation(api.supportAccess.end, {})).rejects.toMatchObject({
      data: { kind: "role_too_low" },
    });
  }
  await grant();
  expect(await told(viewer)).toMatchObject({ reason: TICKET });
  // Nobody makes themselves an operator by a member's token.
  await expect(ada.as.mutation(api.supportReads.look, at())).rejects.toMatchObject({
    data: { code: "forbidden" },
  });
  await expect(
    ada.as.query(api.supportReads.log, { ...at(), at: 0, after: 0, limit: 1 }),
  ).rejects.toMatchObject({
    data: { code: "forbidden" },
  });
});

test("how long and why are bounded, and a secret in the reason is masked", async () => {
  const secret = `sk_studio_${"a".repeat(43)}`;
  const send = async (args: { hours: number; reason: string }) =>
    await ada.as.mutation(api.supportAccess.grant, args as never);
  await expect(send({ hours: 2, reason: "r" })).rejects.toThrow();
  await expect(send({ hours: 1_000, reason: "r" })).rejects.toThrow();
  for (const reason of ["", "   ", "r".repeat(501)])
    await expect(send({ hours: 1, reason })).rejects.toMatchObject({ data: { code: "invalid_request" } });
  await send({ hours: 168, reason: secret });
  expect((await told())?.reason).toBe("sk_studio_…");
});

test("the console knows of it, and no more than until when and why", async () => {
  const organization = async () =>
    await db.service.query(api.operatorReports.organization, { organization: "ada" });
  expect((await organization()).support).toBeNull();
  const { until } = await grant();
  expect((await organization()).support).toEqual({ at: Date.now(), until, reason: TICKET });
});

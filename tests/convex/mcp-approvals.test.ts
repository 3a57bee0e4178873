import { beforeEach, expect, test } from "vitest";
import { api } from "#convex/_generated/api.js";
import { member, type Member, readySession } from "./support.ts";
import { SERVER } from "./things.ts";
import { ada, db, freshWorld } from "./world.ts";

freshWorld();

/** A list with one tool, whose description and hash are another each time. */
const list = (mark: string) => ({
  tools: JSON.stringify([{ description: `Says ${mark}.`, inputSchema: { type: "object" }, name: "say" }]),
  digest: mark.repeat(64),
  count: 1,
  parts: [{ name: "say", hash: mark.repeat(64) }],
});
const [FIRST, SECOND, THIRD] = [list("a"), list("b"), list("c")];

let bob: Member;
let serverId: string;
const offers = async (found: typeof FIRST) =>
  await ada.by.mutation(api.mcpServers.noteTest, { serverId, version: 1, status: "connected", found });
const approve = async (who: Member, { digest }: typeof FIRST) =>
  await who.as.mutation(api.mcpServers.enable, { serverId, enabled: true, seen: digest });
const approved = async () => (await ada.as.query(api.mcpServers.tools, { serverId })).approved?.digest;

beforeEach(async () => {
  bob = await member(db, "bob", "admin", "ada");
  ({ id: serverId } = await ada.by.mutation(api.mcpServers.save, {
    ...SERVER,
    sealed: { ciphertext: "c", version: 1 },
    dataKey: { wrapped: "w", kekVersion: 1 },
  }));
  await offers(FIRST);
  await approve(ada, FIRST);
});

test("of two admins who approve half a second apart, neither approves what they have not seen", async () => {
  await offers(SECOND);
  // Both have this list before them; Ada is the quicker one, and the server changes again in between.
  await approve(ada, SECOND);
  await offers(THIRD);
  const moved = { data: { kind: "mcp_tools_moved" } };
  await expect(approve(bob, SECOND)).rejects.toMatchObject(moved);
  expect(await approved()).toBe(SECOND.digest);
  // Without saying what they saw, nothing is approved either.
  await bob.as.mutation(api.mcpServers.enable, { serverId, enabled: true });
  expect(await approved()).toBe(SECOND.digest);
  await approve(bob, THIRD);
  await expect(approve(ada, SECOND)).rejects.toMatchObject(moved);
  expect(await approved()).toBe(THIRD.digest);
  // A second press of the same changes nothing, and is no second entry.
  await approve(bob, THIRD);
  const entries = await db.t.run(async (ctx) => await ctx.db.query("auditEntries").collect());
  expect(entries.filter(({ action }) => action === "mcp.tools_approved")).toHaveLength(2);
});

test("at the same moment, only the one who has seen the present list approves it", async () => {
  await offers(THIRD);
  const [stale, current] = await Promise.allSettled([approve(ada, SECOND), approve(bob, THIRD)]);
  expect([stale.status, current.status]).toEqual(["rejected", "fulfilled"]);
  expect(await approved()).toBe(THIRD.digest);
});

test("a session shows the texts of what was approved since it got its tools, as far as they are kept", async () => {
  const { sessionId } = await readySession(db, ada);
  await db.service.mutation(api.sessionMcp.begin, { sessionId });
  const changes = async () =>
    await ada.as.query(api.sessionMcpChanges.ofServer, { sessionId, serverName: SERVER.name });
  expect(await changes()).toBeNull();
  await offers(SECOND);
  await approve(ada, SECOND);
  expect(await changes()).toEqual([
    {
      name: "say",
      before: expect.stringContaining('"Says a."'),
      after: expect.stringContaining('"Says b."'),
    },
  ]);
  for (const mark of ["c", "d", "e", "f", "0", "1"]) {
    await offers(list(mark));
    await approve(bob, list(mark));
  }
  expect(await changes()).toBeNull();
  expect(await db.t.run(async (ctx) => (await ctx.db.query("mcpPastLists").collect()).length)).toBe(5);
  const eve = await member(db, "eve");
  await expect(
    eve.as.query(api.sessionMcpChanges.ofServer, { sessionId, serverName: SERVER.name }),
  ).rejects.toMatchObject({ data: { kind: "session_not_found" } });
  await ada.as.mutation(api.mcpServers.remove, { serverId });
  expect(await db.t.run(async (ctx) => await ctx.db.query("mcpPastLists").collect())).toEqual([]);
});

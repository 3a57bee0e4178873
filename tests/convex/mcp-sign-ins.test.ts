import { expect, test } from "vitest";
import { api } from "#convex/_generated/api.js";
import { removeSpent } from "#convex/model/spent.ts";
import { MCP_LIMITS } from "#domain/mcp.ts";
import { member } from "./support.ts";
import { SERVER } from "./things.ts";
import { ada, db, freshWorld } from "./world.ts";

freshWorld();

const REMOTE = {
  ...SERVER,
  name: "remote",
  transport: "streamable-http" as const,
  command: undefined,
  args: undefined,
  env: {},
  url: "https://mcp.example.com/mcp",
};
const HASH = "a".repeat(64);
const code = (kind: string) => ({ data: { kind } });

async function remote() {
  const { command: _c, args: _a, ...fields } = REMOTE;
  return await ada.by.mutation(api.mcpServers.save, {
    ...fields,
    sealed: { ciphertext: "c", version: 1 },
    dataKey: { wrapped: "w", kekVersion: 1 },
  });
}
const begin = async (serverId: string, who = ada, stateHash = HASH) =>
  await who.by.mutation(api.mcpSignIns.begin, { serverId, stateHash, ciphertext: "pending" });
const take = async (who = ada, stateHash = HASH) => await who.by.mutation(api.mcpSignIns.take, { stateHash });
const keep = async (serverId: string, grant = 1, version = 1) =>
  await ada.by.mutation(api.mcpSignIns.keep, {
    serverId,
    version,
    sealed: { ciphertext: `tokens ${grant}`, version: grant },
    expiresAt: Date.now() + 60_000,
  });
const grantOf = async (serverId: string) =>
  await db.service.query(api.mcpSignIns.grant, { serverId: serverId as never });

test("a sign-in ends once, in time, by who began it, in the organization where it was begun", async () => {
  const { id } = await remote();
  const bob = await member(db, "bob", "admin", "ada");
  const eve = await member(db, "eve");
  await expect(begin(id, eve)).rejects.toMatchObject(code("mcp_not_found"));
  await begin(id);
  await expect(take(bob)).rejects.toMatchObject(code("mcp_sign_in_over"));
  await expect(take(eve)).rejects.toMatchObject(code("mcp_sign_in_over"));
  await expect(take(ada, "b".repeat(64))).rejects.toMatchObject(code("mcp_sign_in_over"));
  expect(await take()).toMatchObject({ ciphertext: "pending", nextVersion: 1, server: { id } });
  await expect(take()).rejects.toMatchObject(code("mcp_sign_in_over"));
  // A second one takes the place of the first.
  await begin(id);
  await begin(id, ada, "c".repeat(64));
  await expect(take()).rejects.toMatchObject(code("mcp_sign_in_over"));
  await db.t.run(async (ctx) => {
    const row = await ctx.db.query("mcpSignIns").unique();
    await ctx.db.patch(row!._id, { expiresAt: Date.now() });
  });
  await expect(take(ada, "c".repeat(64))).rejects.toMatchObject(code("mcp_sign_in_over"));
});

test("a sign-in that nobody came back from is removed once its time is over, and no other is", async () => {
  const { id } = await remote();
  const bob = await member(db, "bob", "admin", "ada");
  await begin(id);
  await begin(id, bob, "b".repeat(64));
  // The account is gone by then; nobody would begin again in its place.
  await db.t.run(async (ctx) => await ctx.db.delete(bob.userId));
  const sweep = async (now: number) => await db.t.run(async (ctx) => await removeSpent(ctx, now));
  const left = async () => await db.t.run(async (ctx) => (await ctx.db.query("mcpSignIns").collect()).length);
  await sweep(Date.now());
  expect(await left()).toBe(2);
  await sweep(Date.now() + MCP_LIMITS.signInMs + 1);
  expect(await left()).toBe(0);
});

test("what was granted is for the same server, and gone with it, or once it is another", async () => {
  const { id } = await remote();
  expect(await keep(id)).toMatchObject({ signIn: "active" });
  // Two people who come back at the same moment: the first one's counts.
  await expect(keep(id)).rejects.toMatchObject(code("mcp_race"));
  await expect(keep(id, 2, 9)).rejects.toMatchObject(code("mcp_race"));
  const save = async (url: string, version: number) =>
    await ada.by.mutation(api.mcpServers.save, {
      name: "remote",
      transport: "streamable-http",
      env: {},
      headers: {},
      url,
      serverId: id,
      sealed: { ciphertext: "c", version },
    });
  expect(await save(REMOTE.url, 2)).toMatchObject({ signIn: "active" });
  expect(await grantOf(id)).toMatchObject({ ciphertext: "tokens 1", version: 1 });
  await begin(id);
  expect((await save("https://elsewhere.example/mcp", 3)).signIn).toBeUndefined();
  expect(await grantOf(id)).toBeNull();
  await expect(take()).rejects.toMatchObject(code("mcp_sign_in_over"));
  await keep(id, 1, 3);
  await ada.as.mutation(api.mcpServers.remove, { serverId: id });
  expect(await db.t.run(async (ctx) => await ctx.db.query("mcpGrants").collect())).toEqual([]);
});

test("one server of Studio's fetches the next token, and what another one says later counts for nothing", async () => {
  const { id } = await remote();
  await keep(id);
  const { grantId } = (await grantOf(id))!;
  const claim = async (version: number) =>
    await db.service.mutation(api.mcpSignIns.claim, { grantId, version });
  const refreshed = async (version: number, next?: string) =>
    await db.service.mutation(api.mcpSignIns.refreshed, {
      grantId,
      version,
      ...(next !== undefined && { sealed: { ciphertext: next, version: version + 1 }, expiresAt: 5 }),
    });
  expect([await claim(1), await claim(1)]).toEqual([true, false]);
  // It couldn't be fetched: the next one tries.
  await refreshed(1);
  expect(await claim(1)).toBe(true);
  expect(await refreshed(1, "tokens 2")).toBe(true);
  expect(await refreshed(1, "old")).toBe(false);
  expect(await grantOf(id)).toMatchObject({ ciphertext: "tokens 2", version: 2, expiresAt: 5 });
  await db.service.mutation(api.mcpSignIns.lost, { grantId, version: 1 });
  expect(await grantOf(id)).not.toBeNull();
  await db.service.mutation(api.mcpSignIns.lost, { grantId, version: 2 });
  expect(await grantOf(id)).toBeNull();
  const [row] = await ada.as.query(api.mcpServers.list, {});
  expect(row).toMatchObject({ signIn: "lost" });
  expect(JSON.stringify(row)).not.toContain("tokens");
});

test("who signs out leaves nothing", async () => {
  const { id } = await remote();
  await keep(id);
  const drop = async () => await ada.by.mutation(api.mcpSignIns.drop, { serverId: id });
  expect(await drop()).toMatchObject({ ciphertext: "tokens 1" });
  expect(await drop()).toBeNull();
  expect(await grantOf(id)).toBeNull();
});

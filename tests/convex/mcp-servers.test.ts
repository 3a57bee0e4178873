import { expect, test } from "vitest";
import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import { MAX_MCP_SERVERS } from "#domain/mcp.ts";
import { hashOf, member, readySession } from "./support.ts";
import { AGENT, SERVER, TOOLS } from "./things.ts";
import { ada, db, freshWorld } from "./world.ts";

freshWorld();

const KEY = { wrapped: "w", kekVersion: 1 };
const other = {
  tools: JSON.stringify([{ inputSchema: { type: "object" }, name: "other" }]),
  digest: "e".repeat(64),
  count: 1,
};
const sealedAs = (version: number) => ({ ciphertext: `sealed ${version}`, version });
const add = async (name: string, first = true) =>
  await ada.by.mutation(api.mcpServers.save, {
    ...SERVER,
    name,
    sealed: sealedAs(1),
    ...(first && { dataKey: KEY }),
  });
const tested = async (
  serverId: string,
  found: typeof TOOLS & { parts?: { name: string; hash: string }[] } = TOOLS,
  version = 1,
) => await ada.by.mutation(api.mcpServers.noteTest, { serverId, version, status: "connected", found });
const turnOn = async (serverId: string, seen?: string) =>
  await ada.as.mutation(api.mcpServers.enable, {
    serverId,
    enabled: true,
    ...(seen !== undefined && { seen }),
  });
const code = (kind: string) => ({ data: { kind } });
const on = async (name: string, first = true) => {
  const { id } = await add(name, first);
  await tested(id);
  await turnOn(id);
  return id;
};

test("a server is on only with the tools that somebody has seen, and off once it is another", async () => {
  const { id } = await add("memory");
  await expect(turnOn(id)).rejects.toMatchObject(code("mcp_not_tested"));
  await tested(id);
  await expect(turnOn(id, other.digest)).rejects.toMatchObject(code("mcp_tools_moved"));
  expect(await turnOn(id, TOOLS.digest)).toMatchObject({
    enabled: true,
    approvedDigest: TOOLS.digest,
    toolsCount: 1,
  });
  await tested(id, other);
  const changed = await ada.as.query(api.mcpServers.tools, { serverId: id });
  expect(changed).toMatchObject({
    server: { approvedDigest: TOOLS.digest, foundDigest: other.digest },
    approved: { digest: TOOLS.digest },
    found: { digest: other.digest },
  });
  const saved = await ada.by.mutation(api.mcpServers.save, {
    ...SERVER,
    serverId: id,
    command: "elsewhere",
    sealed: sealedAs(2),
  });
  expect(saved).toMatchObject({ enabled: false, toolsCount: 0, status: "disconnected" });
  expect(await ada.as.query(api.mcpServers.tools, { serverId: id })).toMatchObject({
    approved: null,
    found: null,
  });
  // A test that was begun before says nothing of it.
  await expect(tested(id, TOOLS, 1)).rejects.toMatchObject(code("mcp_race"));
});

test("names are one server's, secrets in nothing that members read, and there is an end to their number", async () => {
  const { id } = await add("memory");
  await expect(add("memory", false)).rejects.toMatchObject(code("mcp_name_taken"));
  await expect(
    ada.by.mutation(api.mcpServers.save, { ...SERVER, serverId: id, sealed: sealedAs(1) }),
  ).rejects.toMatchObject(code("mcp_race"));
  const mia = await member(db, "mia", "viewer", "ada");
  const entries = await db.t.run(async (ctx) => await ctx.db.query("auditEntries").collect());
  const seen = [await mia.as.query(api.mcpServers.list, {}), entries];
  expect(JSON.stringify(seen)).not.toContain("sealed 1");
  await expect(mia.as.mutation(api.mcpServers.enable, { serverId: id, enabled: true })).rejects.toMatchObject(
    {
      data: { code: "forbidden" },
    },
  );
  const eve = await member(db, "eve");
  expect(await eve.as.query(api.mcpServers.list, {})).toEqual([]);
  await expect(eve.as.query(api.mcpServers.tools, { serverId: id })).rejects.toMatchObject(
    code("mcp_not_found"),
  );
  for (let count = 1; count < MAX_MCP_SERVERS; count += 1) await add(`server-${count}`, false);
  await expect(add("one-more", false)).rejects.toMatchObject(code("mcp_limit"));
});

test("a session gets the servers that its agent names, without an agent all that are on; its sandbox can use those alone", async () => {
  const memory = await on("memory");
  await on("weather", false);
  await add("off", false);
  const { id: agentId } = await ada.as.mutation(api.agents.create, { ...AGENT, mcpServers: ["memory"] });
  await expect(
    ada.as.mutation(api.agents.create, { ...AGENT, mcpServers: ["nobody"] }),
  ).rejects.toMatchObject(code("agent_mcp_servers"));
  const plain = await readySession(db, ada);
  const agents = await readySession(db, ada, { agentId });
  const begin = async (sessionId: Id<"sandboxSessions">) =>
    await db.service.mutation(api.sessionMcp.begin, { sessionId });
  expect(await begin(plain.sessionId)).toHaveLength(2);
  expect(await begin(agents.sessionId)).toEqual([{ serverId: memory, only: null }]);
  // Once more, as where its agent starts again.
  expect(await begin(agents.sessionId)).toEqual([{ serverId: memory, only: null }]);
  const names = await db.service.query(api.sessionMcp.namesOf, { sessionId: agents.sessionId });
  expect(names).toEqual([{ name: "memory", tools: ["remember"] }]);
  await db.service.mutation(api.apiKeys.createForSandbox, {
    sessionId: agents.sessionId,
    generation: agents.generation,
    keys: [{ kind: "sync", hash: hashOf("token"), last4: "wxyz" }],
  });
  const held = async (name: string) =>
    await db.service.query(api.sessionMcp.ofToken, { hash: hashOf("token"), name });
  expect(await held("memory")).toMatchObject({ serverId: memory, approvedDigest: TOOLS.digest });
  const read = async (digest: string) =>
    await db.service.query(api.sessionMcp.approvedTools, { serverId: memory, digest });
  expect(await read(TOOLS.digest)).toBe(TOOLS.tools);
  expect(await read(other.digest)).toBeNull();
  expect(await held("weather")).toBeNull();
  await ada.as.mutation(api.mcpServers.enable, { serverId: memory, enabled: false });
  expect(await held("memory")).toBeNull();
  const shown = await ada.as.query(api.sessionMcp.ofSession, { sessionId: agents.sessionId });
  expect(shown).toMatchObject([{ name: "memory", state: "gone" }]);
  await turnOn(memory);
  await db.t.run(async (ctx) => await ctx.db.patch(agents.sessionId, { status: "stopped" }));
  expect(await held("memory")).toBeNull();
});

test("what a sandbox says of a server is logged where it is new, and not without end", async () => {
  await on("memory");
  const { sessionId } = await readySession(db, ada);
  await db.service.mutation(api.sessionMcp.begin, { sessionId });
  const say = async (connected: boolean, name = "memory") =>
    await db.service.mutation(api.sessionMcp.reported, {
      sessionId,
      name,
      connected,
      tools: 1,
      reason: "It ended.",
    });
  expect(await say(true, "another")).toBe(false);
  for (let count = 0; count < 60; count += 1) {
    await say(count % 2 === 0);
    await say(count % 2 === 0);
  }
  const events = await db.t.run(async (ctx) => await ctx.db.query("sessionEvents").collect());
  const said = events.filter(({ type }) => type.startsWith("mcp."));
  expect(said).toHaveLength(20);
  expect(said[0]).toMatchObject({ type: "mcp.server.connected" });
});

test("a session shows what was approved of its servers since it began", async () => {
  const hash = (of: string) => of.repeat(64);
  const list = (parts: { name: string; hash: string }[], digest: string) => ({
    tools: JSON.stringify(parts.map(({ name }) => ({ inputSchema: { type: "object" }, name }))),
    digest: hash(digest),
    count: parts.length,
    parts,
  });
  const { id } = await add("memory");
  await tested(
    id,
    list(
      [
        { name: "keep", hash: hash("1") },
        { name: "drop", hash: hash("1") },
      ],
      "1",
    ),
  );
  await turnOn(id);
  const { sessionId } = await readySession(db, ada);
  await db.service.mutation(api.sessionMcp.begin, { sessionId });
  const shown = async () => (await ada.as.query(api.sessionMcp.ofSession, { sessionId }))[0];
  expect(await shown()).toMatchObject({ state: "same", changes: null, connected: null, transport: "stdio" });
  await tested(
    id,
    list(
      [
        { name: "keep", hash: hash("2") },
        { name: "more", hash: hash("1") },
      ],
      "2",
    ),
  );
  // What is only found is no matter of the session's.
  expect(await shown()).toMatchObject({ state: "same" });
  // To say once more that it is on approves nothing that nobody has seen, and neither does off and on.
  expect(await turnOn(id)).toMatchObject({ enabled: true, approvedDigest: hash("1") });
  await ada.as.mutation(api.mcpServers.enable, { serverId: id, enabled: false });
  await expect(turnOn(id)).rejects.toMatchObject(code("mcp_tools_moved"));
  await turnOn(id, hash("2"));
  expect(await shown()).toMatchObject({
    state: "changed",
    changes: { added: ["more"], removed: ["drop"], changed: ["keep"] },
    toolHashes: [hash("1"), hash("1")],
  });
  await db.service.mutation(api.sessionMcp.begin, { sessionId });
  expect(await shown()).toMatchObject({ state: "same", toolNames: ["keep", "more"] });
});

test("calls are added to their day, and the last failures and days are kept", async () => {
  const id = await on("memory");
  const note = async (failures: { at: number; tool: string; message: string }[] = []) =>
    await db.service.mutation(api.mcpUsage.note, {
      serverId: id,
      calls: 2,
      errors: failures.length,
      totalMs: 30,
      maxMs: 20,
      resultBytes: 100,
      failures,
    });
  await db.t.run(async (ctx) => {
    const row = { organizationId: ada.organizationId, serverId: id, errors: 0, totalMs: 1, maxMs: 1 };
    for (const day of ["2020-01-01", "2020-01-02"])
      await ctx.db.insert("mcpDaily", { ...row, day, calls: 9, resultBytes: 0, failures: [] });
  });
  await note();
  for (let at = 1; at < 9; at += 1)
    await note([{ at, tool: "t".repeat(500), message: `${at} ${"m".repeat(9_000)}` }]);
  const { days, failures } = await ada.as.query(api.mcpUsage.ofServer, { serverId: id });
  expect(days).toMatchObject([{ calls: 18, errors: 8, totalMs: 270, maxMs: 20, resultBytes: 900 }]);
  expect(failures.map(({ at }) => at)).toEqual([8, 7, 6, 5, 4]);
  expect(JSON.stringify(failures).length).toBeLessThan(4_000);
  const rows = async () => await db.t.run(async (ctx) => await ctx.db.query("mcpDaily").collect());
  expect(await rows()).toHaveLength(1);
  await ada.as.mutation(api.mcpServers.remove, { serverId: id });
  expect(await rows()).toEqual([]);
});

test("Studio looks at what is on by itself, once of several servers, and what has changed is seen", async () => {
  const id = await on("memory");
  const due = async (now: number) => (await db.service.query(api.due.mcp, { now })).items;
  expect(await due(Date.now())).toEqual([]);
  const later = Date.now() + 13 * 60 * 60_000;
  expect(await due(later)).toMatchObject([{ serverId: id }]);
  await db.t.run(async (ctx) => await ctx.db.patch(id, { dueAt: 1 }));
  const claim = async () => await db.service.mutation(api.sessionMcp.claim, { serverId: id });
  expect(await claim()).toMatchObject({ serverId: id });
  expect(await claim()).toBeNull();
  await db.service.mutation(api.sessionMcp.noteFound, {
    serverId: id,
    version: 1,
    status: "connected",
    found: other,
  });
  const [row] = await ada.as.query(api.mcpServers.list, {});
  expect(row).toMatchObject({
    enabled: true,
    approvedDigest: TOOLS.digest,
    foundDigest: other.digest,
    toolsCount: 1,
  });
  expect(await due(Date.now() + 60_000)).toEqual([]);
  await ada.as.mutation(api.mcpServers.enable, { serverId: id, enabled: false });
  expect(await due(later)).toEqual([]);
});

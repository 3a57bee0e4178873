import fs from "node:fs";
import path from "node:path";
import { brotliDecompressSync } from "node:zlib";
import { ConvexHttpClient } from "convex/browser";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { api } from "#convex/_generated/api.js";
import { monthOf } from "#domain/usage-report.ts";
import { DataService } from "#tests/data.ts";

/** Two organizations with three sessions each, their runs, events, keys and audit entries, as 3433157 left them. */
const FIXTURE = path.resolve(import.meta.dirname, "../../fixtures/data-3433157/data.sqlite.br");
const NAMES = ["acme", "globex"] as const;
/** What 3433157 wrote for each organization. */
const ENTRIES = 67;
/** All that there are, in their order. */
const MIGRATIONS = [
  ...fs
    .readFileSync(path.resolve(import.meta.dirname, "../../../convex/migrations.ts"), "utf8")
    .matchAll(/^ {2}internal\.(migrations)\.(\w+),$/gm),
].map(([, file, name]) => `${file}:${name}`);
const page = { paginationOpts: { numItems: 100, cursor: null } };

let data: DataService;
let members: ConvexHttpClient[];

async function memberOf(name: string): Promise<ConvexHttpClient> {
  const service = await data.service();
  const { organizationId, userId } = await service.mutation(api.identity.mirror, {
    driver: "test",
    user: { externalId: `user-${name}`, name: `Person of ${name}`, email: `p@${name}.example` },
    organization: { externalId: `org-${name}`, name, slug: name },
    role: "admin",
    assertedAt: Date.now(),
    welcomeMicroUsd: 0,
  });
  const client = new ConvexHttpClient(data.url, { logger: false });
  client.setAuth(await data.token({ kind: "member", org: organizationId, user: userId, role: "admin" }));
  return client;
}

beforeAll(async () => {
  data = await DataService.start(brotliDecompressSync(fs.readFileSync(FIXTURE)));
  members = await Promise.all(NAMES.map(memberOf));
});
afterAll(async () => await data?.stop());

async function start(): Promise<string[]> {
  return await (await data.service()).mutation(api.migrations.start, {});
}

async function untilDone(): Promise<void> {
  const deadline = performance.now() + 20_000;
  for (;;) {
    const all = await (await data.service()).query(api.migrations.status, {});
    if (all.every(({ isDone }) => isDone)) return;
    if (performance.now() > deadline) throw new Error(`not done: ${JSON.stringify(all)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Micro-dollars that each organization's calls had cost, 60 of them from its credits. */
const SPENT = 90;
const usageOf = async (client: ConvexHttpClient) =>
  (await client.query(api.usageReports.page, { from: "2020-01-01", ...page })).groups;
const foundBy = async (client: ConvexHttpClient, text: string) => {
  const found = [false, true].map(
    async (archived) => (await client.query(api.sessionLists.search, { ...page, text, archived })).page,
  );
  return (await Promise.all(found)).flat().map(({ title }) => title);
};
async function costOf(client: ConvexHttpClient): Promise<number> {
  const lists = [false, true].map(
    async (archived) => (await client.query(api.sessionLists.search, { ...page, archived })).page,
  );
  const sessions = (await Promise.all(lists)).flat();
  return sessions.reduce((sum, session) => sum + session.totalCostMicroUsd, 0);
}

const entriesOf = async (client: ConvexHttpClient) => (await client.query(api.audit.list, page)).page;

/** Calls an internal function as the operator does. */
async function asOperator(fn: string, args: object): Promise<{ status: string; errorMessage?: string }> {
  const answer = await fetch(`${data.url}/api/mutation`, {
    method: "POST",
    headers: { authorization: `Convex ${data.secrets.convexAdminKey}`, "content-type": "application/json" },
    body: JSON.stringify({ path: fn, format: "json", args }),
  });
  return (await answer.json()) as { status: string; errorMessage?: string };
}

describe("data of 3433157", () => {
  test("opens, and is read, before anything of it has been changed", async () => {
    for (const [index, client] of members.entries()) {
      const entries = await entriesOf(client);
      expect(entries).toHaveLength(ENTRIES);
      expect(entries[0]).toMatchObject({ action: "api_key.revoked", actor: { kind: null } });
      expect(entries[0]?.actor.person?.name).toBe(`Person of ${NAMES[index]}`);
    }
  });

  test("has its sessions' totals, before they have moved", async () => {
    for (const client of members) expect(await costOf(client)).toBe(SPENT);
  });

  test.each(MIGRATIONS)("a dry run of %s changes nothing, and says what it would", async (name) => {
    const state = async () => ({
      entries: await entriesOf(members[0]!),
      usage: await usageOf(members[0]!),
      found: await foundBy(members[0]!, "message"),
      done: await (await data.service()).query(api.migrations.status, {}),
    });
    const before = await state();
    const answer = await asOperator(name, { dryRun: true });
    expect(answer.status).toBe("error");
    expect(answer.errorMessage).toContain("Dry run");
    expect(await state()).toEqual(before);
  });

  test("is changed to the present form, also where the process is killed in the middle", async () => {
    expect(await start()).toEqual(MIGRATIONS);
    await data.kill("SIGKILL");
    await data.restart();
    members = await Promise.all(NAMES.map(memberOf));
    expect((await asOperator("migrations:run", {})).status).toBe("success");
    await untilDone();
    for (const client of members) {
      const entries = await entriesOf(client);
      expect(entries).toHaveLength(ENTRIES);
      expect(entries.filter(({ actor }) => actor.kind === null)).toEqual([]);
      const settings = await client.query(api.audit.list, { ...page, action: "setting" });
      expect(settings.page).toHaveLength(63);
      expect(settings.page[0]).toMatchObject({
        action: "setting.changed",
        target: "idle_timeout_minutes",
        after: "30",
        actor: { kind: "apiKey", label: "nightly" },
      });
      const stored = await client.query(api.exports.page, { table: "audit", ...page });
      expect(JSON.stringify(stored.page)).not.toContain("Person of");
    }
  });

  test("its totals and its days' usage are what its calls had cost", async () => {
    for (const client of members) {
      expect(await costOf(client)).toBe(SPENT);
      const usage = await usageOf(client);
      expect(usage.reduce((sum, group) => sum + group.costMicroUsd, 0)).toBe(SPENT);
    }
  });

  test("its sessions are found by their titles and by what was asked, each in its organization", async () => {
    for (const [index, client] of members.entries()) {
      expect((await foundBy(client, "session")).toSorted((a, b) => a.localeCompare(b))).toEqual([
        "Session 0",
        "Session 1",
        "Session 2",
      ]);
      expect(await foundBy(client, `message ${NAMES[index]}`)).toHaveLength(3);
      expect(await foundBy(client, NAMES[1 - index]!)).toEqual([]);
    }
  });

  test("a second time there is nothing to do", async () => {
    const before = await entriesOf(members[0]!);
    expect(await start()).toEqual([]);
    expect((await asOperator("migrations:run", {})).status).toBe("success");
    await untilDone();
    expect(await entriesOf(members[0]!)).toEqual(before);
  });

  test("sessions, runs, events, keys and credits are all there, each in its organization", async () => {
    for (const [index, client] of members.entries()) {
      const name = NAMES[index];
      const archived = (await client.query(api.sessionLists.search, { ...page, archived: true })).page;
      const shown = (await client.query(api.sessionLists.search, page)).page;
      expect([...shown, ...archived].map(({ title, status }) => `${title} ${status}`)).toEqual([
        "Session 2 active",
        "Session 1 idle",
        "Session 0 stopped",
      ]);
      for (const [n, { id }] of [...shown, ...archived].toReversed().entries()) {
        const { events } = await client.query(api.events.list, { sessionId: id, after: 0, limit: 500 });
        expect(events.map(({ seq }) => seq)).toEqual(events.map((_, at) => at + 1));
        const runId = events.find((event) => event.type === "run.started")?.runId ?? "";
        expect((await client.query(api.runs.get, { runId })).input).toBe(`Message ${n} of ${name}`);
        const long = events.find((event) => event.type === "tool.completed");
        const { output_artifact_id } = JSON.parse(long?.payload ?? "{}") as { output_artifact_id: string };
        const artifact = await client.query(api.artifacts.get, {
          sessionId: id,
          artifactId: output_artifact_id,
        });
        expect(artifact.text).toHaveLength(20_000);
      }
      // Which month it was spent in depends on when this runs.
      const spent = (await usageOf(client)).filter(
        ({ day, keySource }) => keySource === "platform" && day.startsWith(monthOf(Date.now())),
      );
      expect(await client.query(api.credits.balance, {})).toMatchObject({
        balanceMicroUsd: 5_000_000 - 60,
        spentMicroUsd: spent.reduce((sum, { costMicroUsd }) => sum + costMicroUsd, 0),
      });
      expect(await client.query(api.providerKeys.list, {})).toMatchObject([
        { provider: "compatible:house", models: [{ id: "m" }] },
        { provider: "openai", last4: "wxyz" },
      ]);
      expect(await client.query(api.organizationSettings.get, {})).toMatchObject({ max_live_sessions: 60 });
      expect((await client.query(api.apiKeys.list, page)).page).toMatchObject([{ name: "nightly" }]);
    }
  });

  test("is worked on: a message to a session of before is taken", async () => {
    const [client] = members;
    const idle = (await client!.query(api.sessionLists.search, page)).page.find(
      ({ status }) => status === "idle",
    );
    const { runId } = await client!.mutation(api.runs.start, { sessionId: idle!.id, message: "go on" });
    expect((await client!.query(api.runs.get, { runId })).status).toBe("running");
    await client!.mutation(api.sandboxSessions.stop, { sessionId: idle!.id });
    expect((await client!.query(api.sandboxSessions.get, { sessionId: idle!.id })).status).toBe("stopped");
  });
});

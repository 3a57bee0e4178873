import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { mutationGeneric } from "convex/server";
import { convexToJson, type Value } from "convex/values";
import type { MutationCtx } from "#convex/_generated/server.js";
import { bundleApp, loadApp } from "#runtime/bundle.ts";
import { type LocalEngine, openEngine } from "#runtime/engine/engine.ts";
import type { Api } from "#tests/api.ts";
import { type Figure, median, percentile } from "./figures.ts";

const RUNS = 10_000;
const AT_ONCE = 500;
const ROUNDS = 30;
const PAIRS = 5;
const STATUSES = ["completed", "failed", "cancelled"] as const;

async function inOne<T>(engine: LocalEngine, work: (ctx: MutationCtx) => Promise<T>): Promise<T> {
  const results: T[] = [];
  const fn = mutationGeneric(async (ctx) => {
    results.push(await work(ctx));
    return null;
  });
  await engine.inline("mutation", fn, null);
  const [result] = results;
  if (result === undefined) throw new Error("the transaction was not run");
  return result;
}

/** An organization with two people and so many runs of theirs; one in a hundred was expensive. */
async function seed(engine: LocalEngine) {
  const made = await inOne(engine, async (ctx) => {
    const organizationId = await ctx.db.insert("organizations", {
      driver: "bench",
      externalId: "o",
      name: "o",
      slug: "o",
    });
    const person = async (name: string) => {
      const user = { driver: "bench", externalId: name, name, email: `${name}@studio.example` };
      const userId = await ctx.db.insert("users", user);
      await ctx.db.insert("members", { organizationId, userId, role: "admin" });
      return userId;
    };
    const userId = await person("ada");
    const otherId = await person("mia");
    const sessionId = await ctx.db.insert("sandboxSessions", {
      organizationId,
      environment: "development",
      userId,
      title: "Bench",
      status: "stopped",
      waitingFor: null,
      sandboxProvider: "e2b",
      agentType: "opencode",
      provider: "demo",
      model: "demo",
      keySource: "platform",
      idleTimeoutMs: 900_000,
      lastActivityAt: 0,
      deadlineAt: 0,
      cleanupPending: false,
    });
    return { organizationId, userId, otherId, sessionId };
  });
  for (let from = 0; from < RUNS; from += AT_ONCE)
    await inOne(engine, async (ctx) => {
      for (let n = from; n < from + AT_ONCE; n += 1)
        await ctx.db.insert("runs", {
          organizationId: made.organizationId,
          sessionId: made.sessionId,
          userId: n % 10 === 0 ? made.otherId : made.userId,
          provider: "demo",
          model: n % 2 === 0 ? "demo" : "other",
          input: "Check the links of the README, and mend those that lead nowhere.",
          status: STATUSES[n % STATUSES.length] ?? "completed",
          output: "All links lead somewhere. ".repeat(20),
          rpcId: `rpc-${n}`,
          totalInputTokens: 1_000,
          totalOutputTokens: 100,
          totalCostMicroUsd: n % 100 === 0 ? 2_000_000 : 1_000,
        });
      return null;
    });
  return made;
}

/** A page of 50 of ten thousand runs, by what people filter them by: the slowest of the 95th percentiles. */
async function listed(): Promise<Figure> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "studio-runs-"));
  try {
    const dir = path.resolve(import.meta.dirname, "../../convex");
    const bundled = await bundleApp({
      dir,
      outDir: path.join(folder, "bundle"),
      env: { STUDIO_JWKS: 'data:application/json,{"keys":[]}' },
    });
    const { providers: _, ...app } = await loadApp(bundled);
    const engine = openEngine({ ...app, path: path.join(folder, "runs.sqlite") });
    const { organizationId, userId, otherId, sessionId } = await seed(engine);
    const filters: Record<string, Record<string, Value>> = {
      none: {},
      status: { status: "failed" },
      person: { personId: otherId },
      session: { sessionId },
      model: { provider: "demo", model: "other" },
      cost: { minCostMicroUsd: 1_000_000 },
      "person and status": { personId: otherId, status: "failed" },
    };
    const issuer = "https://studio.example";
    let asked = 0;
    const slowest: { name: string; ms: number }[] = [];
    for (const [name, filter] of Object.entries(filters)) {
      const times: number[] = [];
      for (let round = 0; round < ROUNDS; round += 1) {
        const begun = performance.now();
        await engine.query({
          path: "runs:list",
          args: JSON.stringify(convexToJson({ paginationOpts: { numItems: 50, cursor: null }, ...filter })),
          internal: false,
          // Another identity each time, for which there is no cached answer.
          identity: {
            subject: "member",
            issuer,
            tokenIdentifier: `${issuer}|member`,
            kind: "member",
            org: organizationId,
            user: userId,
            role: "admin",
            asked: String((asked += 1)),
          },
        });
        times.push(performance.now() - begun);
      }
      slowest.push({ name, ms: percentile(times, 0.95) });
    }
    await engine.close();
    const worst = slowest.toSorted((a, b) => b.ms - a.ms)[0];
    return {
      name: "list of 10,000 runs, filtered",
      unit: "ms",
      measured: worst?.ms ?? Number.NaN,
      aim: 50,
      note: `95th percentile, slowest filter: ${worst?.name}`,
    };
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** Of what was made. */
type Ids = { session_id: string; sessionId: string };
/** Milliseconds of a request, which must succeed. */
async function timed(api: Api, url: string, body: object): Promise<{ ms: number; body: Ids }> {
  const begun = performance.now();
  const answer = await api.call<Ids>("POST", url, body);
  const ms = performance.now() - begun;
  if (answer.status >= 300) throw new Error(`${url}: ${JSON.stringify(answer.body)}`);
  return { ms, body: answer.body };
}

/** Until a run is accepted that brings its session: in one request by API, and in the two that the page makes. */
async function accepted(api: Api): Promise<Figure> {
  const byApi: number[] = [];
  const byPage: number[] = [];
  const demo = { provider: "demo", model: "demo" };
  for (let pair = 0; pair <= PAIRS; pair += 1) {
    const made = await timed(api, "/api/v1/runs", { input: "say hi", ...demo });
    await api.stop(made.body.session_id);
    const session = await timed(api, "/api/studio/sessions", demo);
    const id = session.body.sessionId;
    const sent = await timed(api, `/api/studio/sessions/${id}/message`, { message: "say hi" });
    await api.stop(id);
    // The first pair warms up.
    if (pair === 0) continue;
    byApi.push(made.ms);
    byPage.push(session.ms + sent.ms);
  }
  return {
    name: "a run by API, beside the page",
    unit: "ms",
    measured: median(byApi),
    baseline: median(byPage),
    against: "added",
    aim: 20,
    note: "until it is accepted",
  };
}

/** What lists of runs cost, and what a run by API costs more than one by the page. */
export async function runs(api: Api): Promise<Figure[]> {
  return [await listed(), await accepted(api)];
}

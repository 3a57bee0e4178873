/**
 * `npm run bench:scale [-- --events 1000000]`: what Studio's reads cost with little data and with much, on the embedded
 * runtime. The aim is that the cost stays within 1.5 ×.
 */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { convexToJson, type Value } from "convex/values";
import { dayOf } from "#domain/usage-report.ts";
import { bundleApp, loadApp } from "#runtime/bundle.ts";
import { type LocalEngine, openEngine } from "#runtime/engine/engine.ts";
import { rate } from "./runtime/measure.ts";
import { seed, type Seeded, type World } from "./scale-world.ts";

const MEASURE_MS = 2_000;
const AIM = 1.5;
/** What a page of a list, or of a log, has in either world. */
const ROWS = 10;

const { values } = parseArgs({ options: { events: { type: "string", default: "1000000" } } });
const SMALL: World = { sessions: 100, events: 1_000, organizations: 1 };
const LARGE: World = { sessions: 10_000, events: Number(values.events), organizations: 2_000 };

const note = (text: string) => process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${text}\n`);
const argsText = (args: Record<string, Value>) => JSON.stringify(convexToJson(args));

/** What is measured, by name. */
function reads(engine: LocalEngine, { organizationId, userId, sessionIds }: Seeded) {
  const issuer = "https://studio.example";
  const as = (claims: Record<string, string>) => {
    const subject = claims.kind ?? "";
    return { subject, issuer, tokenIdentifier: `${issuer}|${subject}`, ...claims };
  };
  const member = as({ kind: "member", org: organizationId, user: userId, role: "admin" });
  const service = as({ kind: "service" });
  let asked = 0;
  const ask = (fn: string, args: Record<string, Value>, identity = member) =>
    engine.query({
      path: fn,
      args: argsText(args),
      internal: false,
      // Another identity each time, for which there is no cached answer.
      identity: { ...identity, asked: String(asked++) },
    });
  const page = () => ({ numItems: ROWS, cursor: null });
  const one = (i: number) => sessionIds[Math.abs(i * 7) % sessionIds.length] ?? "";
  const list = (filter: Record<string, Value>) => () =>
    ask("sessionLists:live", { paginationOpts: page(), ...filter });
  const run = (fn: string, args: Record<string, Value>) =>
    engine.mutation({ path: fn, args: argsText(args), internal: true });
  return {
    list: list({}),
    "list, archived": list({ archived: true }),
    "list, own": list({ mine: true }),
    "list, stopped": list({ group: "stopped" }),
    "totals of a list": (i: number) =>
      ask("sessionLists:totals", { sessionIds: Array.from({ length: ROWS }, (_, n) => one(i + n)) }),
    "search, rare word": list({ text: "needle" }),
    "search, word of every session": list({ text: "refund" }),
    "usage, 30 days": () =>
      ask("usageReports:page", {
        from: dayOf(Date.now() - 40 * 86_400_000),
        paginationOpts: { ...page(), numItems: 100 },
      }),
    "usage of a session": (i: number) =>
      ask("usageReports:page", { from: "2020-01-01", sessionId: one(i), paginationOpts: page() }),
    "open a session": (i: number) => ask("sandboxSessions:get", { sessionId: one(i) }),
    "its log": (i: number) => ask("events:list", { sessionId: one(i), after: 0, limit: ROWS }),
    "sweep, late sessions": (i: number) => ask("due:late", { now: Date.now() + i }, service),
    "sweep, lapsed leases": (i: number) => ask("due:lapsed", { now: Date.now() + i }, service),
    "sweep, spent rows": () => run("sweeps:spent", {}),
    "sweep, one organization's retention": () => run("sweeps:organizationRetention", { organizationId }),
  };
}

async function measured(folder: string, world: World): Promise<Map<string, number>> {
  const outDir = path.join(folder, "bundle");
  fs.mkdirSync(outDir, { recursive: true });
  const dir = path.resolve(import.meta.dirname, "../../convex");
  const { providers: _, ...app } = await loadApp(
    await bundleApp({ dir, outDir, env: { STUDIO_JWKS: 'data:application/json,{"keys":[]}' } }),
  );
  const engine = openEngine({ ...app, path: path.join(folder, `${world.sessions}.sqlite`) });
  note(`seeding ${JSON.stringify(world)}`);
  const seeded = await seed(engine, world);
  const costs = new Map<string, number>();
  note("measuring");
  for (const [name, call] of Object.entries(reads(engine, seeded)))
    costs.set(name, 1_000 / (await rate(MEASURE_MS, call)));
  await engine.close();
  return costs;
}

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "studio-scale-"));
try {
  const small = await measured(folder, SMALL);
  const large = await measured(folder, LARGE);
  for (const [name, before] of small) {
    const after = large.get(name) ?? Number.NaN;
    const ratio = after / before;
    const line = [
      name.padEnd(38),
      `${before.toFixed(2)} ms`.padStart(10),
      `${after.toFixed(2)} ms`.padStart(10),
    ];
    process.stdout.write(`${line.join("")}  ${ratio.toFixed(2)} ×  ${ratio <= AIM ? "met" : "MISSED"}\n`);
  }
} finally {
  fs.rmSync(folder, { recursive: true, force: true });
}
process.exit(0);

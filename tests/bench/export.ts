/**
 * `npm run bench:export [-- --json] [--events 18000]`: what the export of a long session takes in time and memory, from
 * the embedded runtime's rows to the bytes that are sent, beside reading the same pages alone.
 */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { convexToJson, jsonToConvex, type Value } from "convex/values";
import type { EventEnvelope } from "#domain/events.ts";
import { ExportMask } from "#domain/export-mask.ts";
import { MAX_EVENTS_PAGE } from "#domain/limits.ts";
import { bundleApp, loadApp } from "#runtime/bundle.ts";
import { openEngine } from "#runtime/engine/engine.ts";
import { type ExportFormat, WRITERS } from "#server/sessions/export-writers.ts";
import { toEnvelope } from "#server/stream/envelope.ts";
import { EXPORTED_SESSION } from "#tests/exported-session.ts";
import { type Figure, report, table } from "./figures.ts";
import { seed } from "./scale-world.ts";

const { values } = parseArgs({
  options: { json: { type: "boolean", default: false }, events: { type: "string", default: "18000" } },
});
const EVENTS = Number(values.events);
const AIM_MS = 2_000;
/** What of the heap an export may hold beyond what was there, whatever its length. */
const AIM_MB = 32;
/** Garbage is collected before the heap is looked at, which takes long: not at every piece. */
const LOOK_EVERY = 8;

type Answer = Parameters<typeof toEnvelope>[0];
interface Page {
  events: Answer[];
  last: number;
  isDone: boolean;
}

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "studio-export-"));
const outDir = path.join(folder, "bundle");
fs.mkdirSync(outDir, { recursive: true });
const { providers: _, ...app } = await loadApp(
  await bundleApp({
    dir: path.resolve(import.meta.dirname, "../../convex"),
    outDir,
    env: { STUDIO_JWKS: 'data:application/json,{"keys":[]}' },
  }),
);
const engine = openEngine({ ...app, path: path.join(folder, "world.sqlite") });
const { organizationId, userId, sessionIds } = await seed(engine, {
  sessions: 1,
  events: EVENTS,
  organizations: 1,
});
const issuer = "https://studio.example";
const identity = {
  subject: "member",
  issuer,
  tokenIdentifier: `${issuer}|member`,
  kind: "member",
  org: organizationId,
  user: userId,
  role: "admin",
};
let asked = 0;

async function pageAfter(after: number): Promise<Page> {
  const args: Record<string, Value> = { sessionId: sessionIds[0]!, after, limit: MAX_EVENTS_PAGE };
  const answer = await engine.query({
    path: "events:list",
    args: JSON.stringify(convexToJson(args)),
    internal: false,
    // Another identity each time, for which there is no cached answer.
    identity: { ...identity, asked: String(asked++) },
  });
  return jsonToConvex(JSON.parse(answer.value)) as unknown as Page;
}

async function* pages(): AsyncGenerator<EventEnvelope[]> {
  for (let after = 0, isDone = false; !isDone;) {
    const page = await pageAfter(after);
    yield page.events.map(toEnvelope);
    ({ last: after, isDone } = page);
  }
}

const { events: __, ...rest } = EXPORTED_SESSION;
const head = rest as unknown as Parameters<(typeof WRITERS)["json"]>[0]["head"];
const encoder = new TextEncoder();

async function exported(format: ExportFormat, onPiece: () => void = () => undefined): Promise<number> {
  let bytes = 0;
  for await (const piece of WRITERS[format]({ pages: pages(), head, mask: new ExportMask([]) })) {
    bytes += encoder.encode(piece).length;
    onPiece();
  }
  return bytes;
}

const took = async (work: () => Promise<unknown>): Promise<number> => {
  const start = performance.now();
  await work();
  return performance.now() - start;
};
const heapMb = (): number => {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed / 1e6;
};

const readAlone = async () => {
  for await (const _events of pages());
};
// Once each, so that none pays for what is compiled first.
await readAlone();
const bytes = await exported("json");
await exported("jsonl");
const baseline = await took(readAlone);
const figures: Figure[] = [];
for (const format of ["json", "jsonl", "markdown"] as const) {
  const measured = await took(async () => await exported(format));
  figures.push({ name: `export of ${EVENTS} events, ${format}`, unit: "ms", measured, aim: AIM_MS });
  figures.push({
    name: `the same beside reading the log alone, ${format}`,
    unit: "ms",
    measured,
    baseline,
    against: "ratio",
    aim: 2,
  });
}
const before = heapMb();
let most = before;
let pieces = 0;
await exported("json", () => {
  pieces += 1;
  if (pieces % LOOK_EVERY === 0) most = Math.max(most, heapMb());
});
figures.push({
  name: "heap while it is exported, beyond before",
  unit: "MB",
  measured: Math.max(0, most - before),
  aim: AIM_MB,
  note: `the file has ${(bytes / 1e6).toFixed(1)} MB`,
});
await engine.close();
fs.rmSync(folder, { recursive: true, force: true });
process.stdout.write(values.json ? `${JSON.stringify(report(figures))}\n` : table(figures));

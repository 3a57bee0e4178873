import { Session } from "node:inspector/promises";
import { figure, type RuntimeFigure } from "./measure.ts";

/** Whose code a function is, by the address of its file. */
const OWNERS: [what: string, of: RegExp][] = [
  ["in convex's own code, from builder to JSON", /\/node_modules\/convex\//],
  ["in storage, SQLite included", /\/lib\/runtime\/storage\//],
  ["in the engine", /\/lib\/runtime\//],
];

/** Where the time of a call goes, by whose code it is, as V8's sampling profiler sees it; for about `ms`. */
export async function sharesOf(ms: number, call: (i: number) => Promise<unknown>): Promise<RuntimeFigure[]> {
  const session = new Session();
  session.connect();
  await session.post("Profiler.enable");
  await session.post("Profiler.start");
  const startedMs = performance.now();
  for (let i = 0; performance.now() - startedMs < ms; i++) await call(i);
  const { profile } = await session.post("Profiler.stop");
  session.disconnect();
  // Callers come before what they call; what has no file, such as SQLite itself, is its caller's.
  const ownerOf = new Map<number, number>();
  for (const { id, callFrame, children = [] } of profile.nodes) {
    const own = OWNERS.findIndex(([, of]) => of.test(callFrame.url));
    const owner = own >= 0 ? own : (ownerOf.get(id) ?? -1);
    ownerOf.set(id, owner);
    for (const child of children) ownerOf.set(child, owner);
  }
  const { samples = [], timeDeltas = [] } = profile;
  const spent = OWNERS.map(() => 0);
  let all = 0;
  for (const [i, id] of samples.entries()) {
    const took = timeDeltas[i] ?? 0;
    const owner = ownerOf.get(id) ?? -1;
    if (owner >= 0) spent[owner] = (spent[owner] ?? 0) + took;
    all += took;
  }
  return OWNERS.map(([what], owner) =>
    figure(`  ${what}`, ((spent[owner] ?? 0) / all) * 100, "% of its time"),
  );
}

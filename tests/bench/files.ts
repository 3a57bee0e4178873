import type { Api } from "#tests/api.ts";
import type { Stack } from "#tests/stack.ts";
import { type Figure, median } from "./figures.ts";

const ROUNDS = 5;
const FILES = 30_000;

/** From sending a message until its run has ended, in milliseconds. */
async function turnMs(api: Api, sessionId: string): Promise<number> {
  const startedAt = performance.now();
  await api.finish(await api.send(sessionId, "say hi"));
  return performance.now() - startedAt;
}

/** A turn of a session with many small files in its workspace, beside the same before they were there (BUG-4). */
export async function turnsAmongFiles(stack: Stack, api: Api): Promise<Figure[]> {
  const session = await api.createSession();
  const times: Record<"empty" | "many", number[]> = { empty: [], many: [] };
  for (const kind of ["empty", "many"] as const) {
    if (kind === "many")
      await stack.runInSandbox(
        session.sandboxId ?? "",
        `mkdir -p /workspace/many && cd /workspace/many && seq -f 'f%g.txt' 1 ${FILES} | xargs touch`,
      );
    for (let round = 0; round <= ROUNDS; round++) {
      const ms = await turnMs(api, session.id);
      if (round > 0) times[kind].push(ms);
    }
  }
  await api.stop(session.id);
  return [
    {
      name: "say hi, 30,000 files",
      unit: "ms",
      measured: median(times.many),
      baseline: median(times.empty),
      aim: 1_000,
      note: `a whole turn; at the slowest ${Math.round(Math.max(...times.many))} ms`,
    },
  ];
}

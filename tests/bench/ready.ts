import type { Api } from "../support/api.ts";
import { timeBareAgent } from "./bare-agent.ts";
import { type Figure, median } from "./figures.ts";

const ROUNDS = 5;

async function timeSession(api: Api): Promise<number> {
  const startedAt = performance.now();
  const session = await api.createSession();
  const took = performance.now() - startedAt;
  if (session.status !== "ready")
    throw new Error(`The session is ${session.status}: ${session.errorMessage}`);
  await api.stop(session.id);
  return took;
}

/** From the click until the session is ready, beside the bare agent; alternating, behind one round of each for warmth. */
export async function clickToReady(api: Api, modelUrl: string): Promise<Figure[]> {
  const ours: number[] = [];
  const bare: number[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const [withStudio, without] = [await timeSession(api), await timeBareAgent(modelUrl)];
    if (round === 0) continue;
    ours.push(withStudio);
    bare.push(without);
  }
  return [
    {
      name: "click → ready",
      unit: "ms",
      measured: median(ours),
      baseline: median(bare),
      against: "ratio",
      aim: 1.5,
      note: `beside OpenCode over sandbox-agent alone; ${spread(ours)}, ${spread(bare)}`,
    },
  ];
}

const spread = (values: number[]) => `${Math.min(...values).toFixed(0)}–${Math.max(...values).toFixed(0)}`;

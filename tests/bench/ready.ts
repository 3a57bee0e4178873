import type { Api } from "#tests/api.ts";
import { timeBareAgent } from "./bare-agent.ts";
import { type Figure, median } from "./figures.ts";

const ROUNDS = 5;

/** Milliseconds until a session is ready, and how many of them its agent took to open its own. */
export async function timeSession(
  api: Api,
): Promise<{ total: number; agent: number; sandboxId: string | null }> {
  const startedAt = performance.now();
  const session = await api.createSession();
  const total = performance.now() - startedAt;
  if (session.status !== "ready")
    throw new Error(`The session is ${session.status}: ${session.errorMessage}`);
  const opened = (await api.events(session.id)).find(
    ({ payload }) => payload.step === "agent-session" && payload.status === "completed",
  );
  await api.stop(session.id);
  return { total, agent: Number(opened?.payload.duration_ms), sandboxId: session.sandboxId };
}

/** From the click until the session is ready, beside the bare agent; alternating, behind one round of each for warmth. */
export async function clickToReady(api: Api, modelUrl: string): Promise<Figure[]> {
  const ours: number[] = [];
  const agent: number[] = [];
  const bare: number[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const [withStudio, without] = [await timeSession(api), await timeBareAgent(modelUrl)];
    if (round === 0) continue;
    ours.push(withStudio.total);
    agent.push(withStudio.agent);
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
      note: `beside OpenCode over sandbox-agent alone; ${spread(ours)} beside ${spread(bare)}; the agent's own part ${median(agent)}`,
    },
  ];
}

const spread = (values: number[]) => `${Math.min(...values).toFixed(0)}–${Math.max(...values).toFixed(0)}`;

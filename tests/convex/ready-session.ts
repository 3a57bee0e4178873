import { beforeEach } from "vitest";
import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import { readySession } from "./support.ts";
import { ada, db, freshWorld } from "./world.ts";

/** A session of Ada's that is ready; the test holds its lease. */
export let sessionId: Id<"sandboxSessions">;
export let generation: number;

/** Makes a fresh one, in a fresh world, before each test of the file that calls it. */
export function freshSession(): void {
  freshWorld();
  beforeEach(async () => {
    ({ sessionId, generation } = await readySession(db, ada));
  });
}

/** The session's agent has ended. */
export const loseAgent = async () =>
  await db.service.mutation(api.sessionAgent.lost, { sessionId, generation, cause: "agent_exited" });

/** It was started again. */
export const restartAgent = async () =>
  await db.service.mutation(api.sessionAgent.restarted, {
    sessionId,
    generation,
    acpServerId: "acp-2",
    cursor: 0,
    rpcId: "r-next",
    events: [],
  });

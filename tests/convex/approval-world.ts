import { beforeEach } from "vitest";
import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import { freshSession, generation, sessionId } from "./ready-session.ts";
import { leaveFor } from "./things.ts";
import { ada, db } from "./world.ts";

/** A run of Ada's, whose agent asks for leave. */
export let runId: Id<"runs">;
/** The batch of events that the agent sent last. */
export let batch: number;

/** Makes a fresh one, in a fresh session, before each test of the file that calls it. */
export function freshRun(): void {
  freshSession();
  beforeEach(async () => {
    ({ runId } = await ada.as.mutation(api.runs.start, { sessionId, message: "hi" }));
    batch = 0;
  });
}

interface AgentEvent {
  type: string;
  source: string;
  payload: string;
  rpcId?: string;
  act?: boolean;
}

/** What the run's agent sends, in a batch of its own. */
export async function append(event: AgentEvent) {
  batch += 1;
  const events = [{ ...event, runId }];
  return await db.service.mutation(api.events.append, { sessionId, generation, batch, events });
}

/** The agent asks for leave for a command. */
export const ask = async (key: string, command: string, more: object = {}) =>
  await append(leaveFor(key, command, more));

/** The keys of what waits for an answer. */
export const pending = async () =>
  (await ada.as.query(api.approvals.pending, { runId })).map(({ key }) => key);

/** What was decided, as the log tells it. */
export const decided = async () =>
  (await ada.as.query(api.events.list, { sessionId, after: 0, limit: 400 })).events
    .filter(({ type }) => type === "approval.decided")
    .map(({ payload }) => JSON.parse(payload) as Record<string, unknown>);

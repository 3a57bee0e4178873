import type { FunctionReturnType } from "convex/server";
import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import { serviceData } from "./client.ts";
import { persistently } from "./retry.ts";

const PAGE = 500;
/** How long a database out of reach is waited for: who carries a session must not give it up for that. */
const PATIENCE_MS = 30_000;

type SessionData = FunctionReturnType<typeof api.sandboxSessions.forServer>;
type Events = FunctionReturnType<typeof api.events.tail>["events"];

/** A session as it is now, with its organization and its place in the agent's stream. */
export async function sessionOf(sessionId: Id<"sandboxSessions">): Promise<SessionData> {
  const query = async () => await serviceData().query(api.sandboxSessions.forServer, { sessionId });
  return await persistently("session", PATIENCE_MS, query);
}

/** So much of the log before a run shows which turn the agent's last one is. */
const BEFORE = 200;

interface RunLog {
  /** The run's events, in order, as they are stored. */
  logged: Events;
  /** The last events before the run began. */
  before: Events;
}

async function readRun(sessionId: Id<"sandboxSessions">, runId: Id<"runs">, before: number): Promise<RunLog> {
  const data = serviceData();
  const startedSeq = await data.query(api.sessionAgent.startOfRun, { runId });
  const all: Events = [];
  for (let after = Math.max(0, startedSeq - before); ;) {
    const page = await data.query(api.events.tail, { sessionId, after, limit: PAGE });
    all.push(...page.events);
    if (page.isDone) break;
    after = page.events.at(-1)?.seq ?? after;
  }
  return {
    logged: all.filter((event) => event.seq > startedSeq && event.runId === runId),
    before: all.filter((event) => event.seq < startedSeq),
  };
}

/** A run's events, in order, as they are stored. */
export async function logOf(sessionId: Id<"sandboxSessions">, runId: Id<"runs">): Promise<Events> {
  const read = async () => await readRun(sessionId, runId, 0);
  return (await persistently("log", PATIENCE_MS, read)).logged;
}

/** The same, with the last events before the run. */
export async function logAround(sessionId: Id<"sandboxSessions">, runId: Id<"runs">): Promise<RunLog> {
  const read = async () => await readRun(sessionId, runId, BEFORE);
  return await persistently("log", PATIENCE_MS, read);
}

import type { FunctionReturnType } from "convex/server";
import { api } from "../../../convex/_generated/api.js";
import type { Id } from "../../../convex/_generated/dataModel.js";
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

async function events(sessionId: Id<"sandboxSessions">, runId: Id<"runs">): Promise<Events> {
  const data = serviceData();
  const all: Events = [];
  let after = await data.query(api.sessionAgent.startOfRun, { runId });
  for (;;) {
    const page = await data.query(api.events.tail, { sessionId, after, limit: PAGE });
    all.push(...page.events.filter((event) => event.runId === runId));
    if (page.isDone) return all;
    after = page.events.at(-1)?.seq ?? after;
  }
}

/** A run's events, in order, as they are stored. */
export async function logOf(sessionId: Id<"sandboxSessions">, runId: Id<"runs">): Promise<Events> {
  return await persistently("log", PATIENCE_MS, async () => await events(sessionId, runId));
}

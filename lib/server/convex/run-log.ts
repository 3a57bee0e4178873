import type { FunctionReturnType } from "convex/server";
import { api } from "../../../convex/_generated/api.js";
import type { Id } from "../../../convex/_generated/dataModel.js";
import { serviceData } from "./client.ts";

const PAGE = 500;

/** A run's events, in order, as they are stored. */
export async function logOf(
  sessionId: Id<"sandboxSessions">,
  runId: Id<"runs">,
): Promise<FunctionReturnType<typeof api.events.tail>> {
  const data = serviceData();
  const all: FunctionReturnType<typeof api.events.tail> = [];
  let after = await data.query(api.sessionAgent.startOfRun, { runId });
  for (;;) {
    const page = await data.query(api.events.tail, { sessionId, after, limit: PAGE });
    all.push(...page.filter((event) => event.runId === runId));
    if (page.length < PAGE) return all;
    after = page.at(-1)?.seq ?? after;
  }
}

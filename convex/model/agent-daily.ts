import { addSums, dayOf, NO_USAGE, type UsageSum } from "#domain/usage-report.ts";
import type { Doc, Id } from "../_generated/dataModel";
import type { MutationCtx } from "../_generated/server";

interface Counted {
  organizationId: Id<"organizations">;
  agentId: Id<"agents">;
  day: string;
}

/** Adds to what an agent's runs of a day used. To be called once for each thing that is counted, in its transaction. */
async function addToAgent(ctx: MutationCtx, of: Counted, runs: number, sum: UsageSum): Promise<void> {
  const known = await ctx.db
    .query("agentDaily")
    .withIndex("by_agent_day", (q) => q.eq("agentId", of.agentId).eq("day", of.day))
    .unique();
  if (known) await ctx.db.patch(known._id, { runs: known.runs + runs, ...addSums(known, sum) });
  else await ctx.db.insert("agentDaily", { ...of, runs, ...addSums(sum, NO_USAGE) });
}

/** Counts a run that is asked for, where its session has an agent. */
export async function countRun(
  ctx: MutationCtx,
  { organizationId, agentId }: Pick<Doc<"sandboxSessions">, "organizationId" | "agentId">,
  at: number,
): Promise<void> {
  if (agentId) await addToAgent(ctx, { organizationId, agentId, day: dayOf(at) }, 1, NO_USAGE);
}

/** Counts what calls of a session used on a day, where it has an agent. */
export async function countUse(
  ctx: MutationCtx,
  { sessionId, day, sum }: { sessionId: Id<"sandboxSessions">; day: string; sum: UsageSum },
): Promise<void> {
  const session = await ctx.db.get(sessionId);
  if (!session?.agentId) return;
  const { organizationId, agentId } = session;
  await addToAgent(ctx, { organizationId, agentId, day }, 0, sum);
}

/** Counts a run from before agents' days were added up. Idempotent. */
export async function withRunCounted(ctx: MutationCtx, run: Doc<"runs">): Promise<Partial<Doc<"runs">>> {
  if (run.agentCounted === true || !run.agentId) return {};
  await countRun(ctx, run, run._creationTime);
  return { agentCounted: true };
}

/** Counts a session's day from before agents' days were added up. Idempotent. */
export async function withUseCounted(
  ctx: MutationCtx,
  row: Doc<"usageDaily">,
): Promise<Partial<Doc<"usageDaily">>> {
  const { sessionId, day, agentCounted } = row;
  if (agentCounted === true || !sessionId) return {};
  await countUse(ctx, { sessionId, day, sum: addSums(row, NO_USAGE) });
  return { agentCounted: true };
}

import { agentAsJson, type AgentFields } from "#domain/agent.ts";
import { agentChangeSchema, agentChanges, MAX_AGENT_VERSIONS } from "#domain/agent-versions.ts";
import { MAX_AGENTS } from "#domain/agents.ts";
import type { Doc, Id } from "../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../_generated/server";
import type { Caller } from "../functions.ts";
import { setAgentRules } from "./agent-rules.ts";
import { checkAgent, fieldsOf } from "./agents.ts";
import { refuse } from "./refusal.ts";
import { validatorOf } from "./zod-validator.ts";

export const agentChange = validatorOf(agentChangeSchema);

type Agent = Doc<"agents">;
interface Origin {
  authorId?: Id<"users">;
  restoredFrom?: number | undefined;
}

/** Keeps what an agent is as one of its versions. */
async function insertVersion(
  ctx: MutationCtx,
  { _id: agentId, organizationId, ...row }: Pick<Agent, "_id" | "organizationId" | "updatedAt"> & AgentFields,
  revision: number,
  { authorId, restoredFrom }: Origin,
): Promise<void> {
  await ctx.db.insert("agentVersions", {
    organizationId,
    agentId,
    revision,
    ...fieldsOf(row),
    ...(authorId && { authorId }),
    ...(restoredFrom !== undefined && { restoredFrom }),
    at: row.updatedAt,
  });
}

/** Begins the versions of an agent that has none yet, with what it is. @returns its present version */
export async function beginVersions(ctx: MutationCtx, row: Agent, origin: Origin = {}): Promise<number> {
  if (row.revision !== undefined) return row.revision;
  await insertVersion(ctx, { ...row, ...fieldsOf(row) }, 1, origin);
  await ctx.db.patch(row._id, { revision: 1 });
  return 1;
}

/**
 * Makes an agent, with its first version and its rules; the caller reports it.
 * @throws unknown_provider | unknown_model | invalid_request
 */
export async function createAgent(
  ctx: MutationCtx,
  caller: Caller,
  fields: AgentFields,
  rules: Parameters<typeof setAgentRules>[3],
): Promise<Agent> {
  const { organizationId } = caller;
  await checkAgent(ctx, organizationId, fields);
  const known = await ctx.db
    .query("agents")
    .withIndex("by_organization_archived_updated", (q) =>
      q.eq("organizationId", organizationId).eq("archivedAt", undefined),
    )
    .take(MAX_AGENTS);
  if (known.length >= MAX_AGENTS) throw refuse("agent_limit", { limit: MAX_AGENTS });
  const id = await ctx.db.insert("agents", { organizationId, ...fields, updatedAt: Date.now() });
  if (rules.length > 0) await setAgentRules(ctx, caller, id, rules);
  await beginVersions(ctx, (await ctx.db.get(id))!, { authorId: caller.user._id });
  return (await ctx.db.get(id))!;
}

/**
 * Makes an agent something else, as its next version; the oldest ones go.
 * @returns the agent as it is then, and what is different: nothing where the wish is what it is already
 * @throws unknown_provider | unknown_model | invalid_request
 */
export async function changeAgent(
  ctx: MutationCtx,
  caller: Caller,
  row: Agent,
  { fields, restoredFrom }: { fields: AgentFields; restoredFrom?: number },
): Promise<{ after: Agent; isChanged: boolean }> {
  const isChanged = agentChanges(fieldsOf(row), fields).length > 0;
  if (!isChanged) return { after: row, isChanged };
  await checkAgent(ctx, caller.organizationId, fields);
  const revision = (await beginVersions(ctx, row)) + 1;
  const changed = { ...fields, revision, updatedAt: Date.now() };
  await ctx.db.patch(row._id, changed);
  const after = { ...row, ...changed };
  await insertVersion(ctx, { ...after, ...fields }, revision, { authorId: caller.user._id, restoredFrom });
  const old = await ctx.db
    .query("agentVersions")
    .withIndex("by_agent_revision", (q) =>
      q.eq("agentId", row._id).lte("revision", revision - MAX_AGENT_VERSIONS),
    )
    .take(MAX_AGENT_VERSIONS);
  for (const { _id } of old) await ctx.db.delete(_id);
  return { after, isChanged };
}

/** One of an agent's versions. @throws not_found for one that is not kept */
export async function versionOf(
  ctx: QueryCtx | MutationCtx,
  agentId: Id<"agents">,
  revision: number,
): Promise<Doc<"agentVersions">> {
  const row = await ctx.db
    .query("agentVersions")
    .withIndex("by_agent_revision", (q) => q.eq("agentId", agentId).eq("revision", revision))
    .unique();
  if (!row) throw refuse("agent_version_not_found", { kept: MAX_AGENT_VERSIONS });
  return row;
}

/** What a version changed; null where the one before it is not kept. */
export async function changesOf(ctx: QueryCtx, row: Doc<"agentVersions">, known?: Doc<"agentVersions">) {
  const before =
    known ??
    (await ctx.db
      .query("agentVersions")
      .withIndex("by_agent_revision", (q) => q.eq("agentId", row.agentId).eq("revision", row.revision - 1))
      .unique());
  return before && agentChanges(fieldsOf(before), fieldsOf(row));
}

/** What the audit log says of a change. */
export const auditedChange = (before: Agent, after: Agent, restoredFrom?: number) => ({
  action: "agent.changed" as const,
  target: after.name,
  before: agentAsJson(fieldsOf(before)),
  after: {
    ...agentAsJson(fieldsOf(after)),
    version: after.revision,
    ...(restoredFrom !== undefined && { restored_from: restoredFrom }),
  },
});

import { z } from "zod";
import { agentAsJson, type AgentFields, agentRepositorySchema } from "./agent.ts";

/** Versions of an agent that are kept, the present one among them. */
export const MAX_AGENT_VERSIONS = 100;

const value = z.union([z.string(), z.number(), z.null(), z.array(z.string()), agentRepositorySchema]);

/** What two versions of an agent differ in: a field as `/api/v1` names it, and both of its values. */
export const agentChangeSchema = z.object({ field: z.string(), before: value, after: value });
export type AgentChange = z.infer<typeof agentChangeSchema>;

/** The order of a list says nothing. */
const comparable = (one: AgentChange["before"]): string =>
  JSON.stringify(Array.isArray(one) ? one.toSorted() : one);

/** What has changed from one version of an agent to another, in the order of its fields. Pure. */
export function agentChanges(before: AgentFields, after: AgentFields): AgentChange[] {
  const was = agentAsJson(before);
  const is = agentAsJson(after);
  return (Object.keys(is) as (keyof typeof is)[])
    .filter((field) => comparable(was[field]) !== comparable(is[field]))
    .map((field) => ({ field, before: was[field], after: is[field] }));
}

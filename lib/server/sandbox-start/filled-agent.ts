import type { Doc } from "#convex/_generated/dataModel.js";
import type { PinnedAgent } from "#domain/agent.ts";
import { agentValues, filledPrompt } from "#domain/prompt-variables.ts";

/** A session's agent with its instructions filled in: the same at each of its starts. */
export function filledAgent(
  agent: PinnedAgent | null,
  session: Pick<Doc<"sandboxSessions">, "environment" | "provider" | "model" | "_creationTime">,
  organization: Pick<Doc<"organizations">, "_id" | "name">,
): PinnedAgent | null {
  if (!agent) return null;
  const { environment, provider, model, _creationTime } = session;
  const values = agentValues({
    organizationName: organization.name,
    organizationId: organization._id,
    agentName: agent.name,
    environment,
    provider,
    model,
    startedAt: Math.floor(_creationTime),
  });
  return { ...agent, systemPrompt: filledPrompt(agent.systemPrompt, values) };
}

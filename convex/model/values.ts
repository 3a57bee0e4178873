import { v } from "convex/values";

export const environment = v.union(v.literal("development"), v.literal("production"));
export const role = v.union(v.literal("viewer"), v.literal("member"), v.literal("admin"));
export const keySource = v.union(v.literal("platform"), v.literal("direct"), v.literal("openrouter"));

/** States of lib/domain/lifecycle.ts as validators, and why an agent is started anew. */
export const sessionStatus = v.union(
  v.literal("provisioning"),
  v.literal("ready"),
  v.literal("active"),
  v.literal("idle"),
  v.literal("stopped"),
  v.literal("error"),
);
export const waitCause = v.union(
  v.literal("sandbox"),
  v.literal("agent-start"),
  v.literal("project-pull"),
  v.literal("provider"),
  v.literal("approval"),
  v.literal("budget"),
  v.literal("credits"),
  v.literal("mcp"),
);
export const agentRestart = v.union(
  v.literal("payer"),
  v.literal("agent_exited"),
  v.literal("agent_silent"),
  v.literal("stream_gap"),
  v.literal("cancel_unheard"),
);
export const runStatus = v.union(
  v.literal("pending"),
  v.literal("running"),
  v.literal("completed"),
  v.literal("failed"),
  v.literal("cancelled"),
);

/** Ends of texts that are not shown yet: see lib/server/acp/resume.ts. */
export const held = v.object({
  messageId: v.string(),
  text: v.string(),
  thought: v.optional(v.object({ id: v.string(), text: v.string() })),
  calls: v.optional(
    v.array(v.object({ id: v.string(), name: v.string(), kind: v.string(), startedAt: v.number() })),
  ),
});

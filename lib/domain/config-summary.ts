import type { PinnedAgent } from "./agent.ts";
import type { DeadlineAction } from "./approvers.ts";
import { DEADLINES } from "./lifecycle.ts";
import type { Session } from "./session.ts";

/** What a run was configured with, and where each value came from. */
export interface ConfigSummary {
  profile_id: string | null;
  models: { planner: string; executor: string };
  llm: { payer: string; temperature: number | null; max_tokens: number | null };
  limits: {
    budget_cap_usd: number | null;
    idle_timeout_ms: number;
    run_timeout_ms: number;
    approval_timeout_ms: number;
    /** What becomes of a request that nobody answers. */
    approval_timeout_action: DeadlineAction;
  };
  safety: { tools_mode: string; auto_approve: boolean };
  config_overlays: string[];
  /** By the path of each value: `agent:<id>`, `session` (chosen for it alone), `organization`, or `default`. */
  sources: Record<string, string>;
}

type Configured = Pick<
  Session,
  "provider" | "model" | "keySource" | "budgetCapMicroUsd" | "idleTimeoutMs" | "autoApprove"
>;

/** How long requests wait, as the organization has it now. */
export interface ApprovalDeadline {
  minutes: number;
  action: DeadlineAction;
  /** Whether the organization has set it. */
  isSet: boolean;
}

/** What a session's runs are configured with; its agent is what it was when the session began. Pure. */
export function configSummary(
  session: Configured,
  agent: PinnedAgent | null,
  deadline: ApprovalDeadline,
): ConfigSummary {
  const model = `${session.provider}/${session.model}`;
  const overlay = agent === null ? null : `agent:${agent.agentId}`;
  const ofAgent = overlay ?? "default";
  const isAgentsModel = agent?.provider === session.provider && agent.model === session.model;
  const models = overlay !== null && isAgentsModel ? overlay : "session";
  const isAgentsApproval = overlay !== null && (agent?.toolsMode === "full") === session.autoApprove;
  const approval = isAgentsApproval ? overlay : session.autoApprove ? "session" : "default";
  return {
    profile_id: agent?.agentId ?? null,
    models: { planner: model, executor: model },
    llm: {
      payer: session.keySource,
      temperature: agent?.temperature ?? null,
      max_tokens: agent?.maxTokens ?? null,
    },
    limits: {
      budget_cap_usd: session.budgetCapMicroUsd === null ? null : session.budgetCapMicroUsd / 1_000_000,
      idle_timeout_ms: session.idleTimeoutMs,
      run_timeout_ms: DEADLINES.runMs,
      approval_timeout_ms: deadline.minutes * 60_000,
      approval_timeout_action: deadline.action,
    },
    safety: { tools_mode: agent?.toolsMode ?? "restricted", auto_approve: session.autoApprove },
    config_overlays: overlay === null ? [] : [overlay],
    sources: {
      "models.planner": models,
      "models.executor": models,
      "llm.payer": session.keySource === "platform" ? "default" : "organization",
      "llm.temperature": ofAgent,
      "llm.max_tokens": ofAgent,
      "limits.budget_cap_usd": session.budgetCapMicroUsd === null ? "default" : "session",
      "limits.idle_timeout_ms": session.idleTimeoutMs === DEADLINES.idleMs ? "default" : "organization",
      "limits.run_timeout_ms": "default",
      "limits.approval_timeout_ms": deadline.isSet ? "organization" : "default",
      "limits.approval_timeout_action": deadline.isSet ? "organization" : "default",
      "safety.tools_mode": ofAgent,
      "safety.auto_approve": approval,
    },
  };
}

import type { Environment, KeySource } from "./catalog.ts";
import type { SessionStatus, WaitCause } from "./lifecycle.ts";

/** More of a wait on a model's provider: what it answered, and when it may be asked again. */
export interface WaitDetail {
  /** HTTP status. */
  status: number;
  message: string;
  /** Epoch milliseconds; null where the provider said nothing of it. */
  retryAt: number | null;
}

/** A session as every reader sees it; times are epoch milliseconds, money is integer micro-USD. */
export interface Session {
  id: string;
  organizationId: string;
  environment: Environment;
  userId: string;
  userName: string;
  title: string;
  status: SessionStatus;
  waitingFor: WaitCause | null;
  /** With `waitingFor` of `provider` alone. */
  waitDetail: WaitDetail | null;
  /** What ends the wait, or what can be done now, in words for a person. */
  nextStep: string;
  errorMessage: string | null;
  sandboxProvider: "e2b";
  sandboxId: string | null;
  agentType: "opencode";
  agentSessionId: string | null;
  provider: string;
  model: string;
  /** What was asked for, where its provider has retired it; else null. */
  requestedModel: string | null;
  keySource: KeySource;
  /** True where the key itself is in the sandbox, so that its calls are not counted. */
  rawKey: boolean;
  /** True where every question of the agent is answered with yes, and logged. */
  autoApprove: boolean;
  totalInputTokens: number;
  totalCachedTokens: number;
  totalOutputTokens: number;
  totalCostMicroUsd: number;
  totalCreditsConsumed: number;
  /** What the session may cost; null where it has no cap. */
  budgetCapMicroUsd: number | null;
  idleTimeoutMs: number;
  lastActivityAt: number;
  createdAt: number;
  stoppedAt: number | null;
  /** When a person put it away; null while it stands in the lists. */
  archivedAt: number | null;
}

import type { Environment, KeySource } from "./catalog.ts";
import type { SessionStatus, WaitCause } from "./lifecycle.ts";

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

import type { Role, Scope } from "#domain/roles.ts";

/** Ids of one organization's rows, that the others must not reach. */
export interface Ids {
  organizationId: string;
  userId: string;
  sessionId: string;
  runId: string;
  keyId: string;
  commandId: string;
  dataKeyId: string;
  checkpointKeyId: string;
  policyId: string;
  setupScriptId: string;
  setupBuildId: string;
  checkpointId: string;
  agentId: string;
  skillId: string;
  offerId: string;
  ruleId: string;
  serverId: string;
  grantId: string;
  rewindId: string;
  pursuitId: string;
  webhookId: string;
  importId: string;
  connectionId: string;
  topUpPlanId: string;
  notificationId: string;
  deliveryId: string;
  destinationId: string;
  subscriptionId: string;
}

export type Access =
  | {
      /** An actor's function is called by a server, for a member or a key. */
      for: "member" | "actor";
      min: Role;
      scope: Scope;
      args: (ids: Ids) => Record<string, unknown>;
      foreign: "not_found" | "own";
      /** Not for API keys, whatever their scope. */
      peopleOnly?: true;
    }
  | { for: "service"; args: (ids: Ids) => Record<string, unknown> };

/** A member's function; what it needs, and what another organization's admin gets. */
export const member = (
  min: Role,
  scope: Scope,
  foreign: "not_found" | "own",
  args: (ids: Ids) => Record<string, unknown> = () => ({}),
): Access => ({ for: "member", min, scope, foreign, args });
/** The same, called by a server for a member or a key. */
export const actor: typeof member = (...needs) => ({ ...member(...needs), for: "actor" }) as Access;
/** What only Studio's own servers may call. */
export const service = (args: (ids: Ids) => Record<string, unknown> = () => ({})): Access => ({
  for: "service",
  args,
});

import { api } from "#convex/_generated/api.js";
import { type ConfigSummary, configSummary } from "#domain/config-summary.ts";
import type { Principal } from "#domain/principal.ts";
import { dataFor } from "../convex/client.ts";

/** What a session's runs are configured with, and where each value came from. @throws HttpError not_found */
export async function sessionConfig(caller: Principal, sessionId: string): Promise<ConfigSummary> {
  const data = dataFor(caller);
  const [session, { agent, approvalMinutes, approvalAction, isApprovalSet }] = await Promise.all([
    data.query(api.sandboxSessions.get, { sessionId }),
    data.query(api.sandboxSessions.config, { sessionId }),
  ]);
  return configSummary(session, agent, {
    minutes: approvalMinutes,
    action: approvalAction,
    isSet: isApprovalSet,
  });
}

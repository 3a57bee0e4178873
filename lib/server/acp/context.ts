import { randomBytes } from "node:crypto";
import { DEADLINES } from "../../domain/lifecycle.ts";
import type { BridgeContext } from "./from-acp.ts";

/** What the translation of an agent's messages cannot see in them, at this moment. */
export function bridgeContext({ provider, model }: { provider: string; model: string }): BridgeContext {
  return {
    provider,
    model,
    now: Date.now(),
    approvalMs: DEADLINES.approvalMs,
    newKey: (kind) => `${kind}_${randomBytes(12).toString("hex")}`,
  };
}

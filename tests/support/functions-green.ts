import { type Access, actor, member, service } from "./function-access.ts";

const where = ({ sessionId }: { sessionId: string }) => ({ sessionId, folder: "shop" });
const ofClaim = ({ pursuitId }: { pursuitId: string }) => ({ pursuitId, claim: 1 });

/** The functions of webhooks, and those that bring pull requests to green: see functions.ts. */
export const GREEN_FUNCTIONS: Record<string, Access> = {
  "greenPursuits:handOver": actor("member", "sessions:write", "not_found", (ids) => ({
    ...where(ids),
    message: "m",
    comments: [],
  })),
  "greenPursuits:start": member("member", "sessions:write", "not_found", (ids) => ({
    ...where(ids),
    maxAttempts: 3,
    maxCostMicroUsd: 1_000_000,
  })),
  "greenPursuits:stop": member("member", "sessions:write", "not_found", where),
  "gitHooks:forMaking": actor("admin", "settings:write", "not_found", () => ({ slug: "house" })),
  "gitHooks:make": actor("admin", "settings:write", "not_found", () => ({
    slug: "house",
    ciphertext: "c",
    version: 1,
  })),
  "gitHooks:remove": member("admin", "settings:write", "not_found", () => ({ slug: "house" })),
  "gitHooks:sealed": service(() => ({ connectionId: "none" })),
  "gitHooks:take": service(({ connectionId }) => ({
    connectionId,
    keys: [],
    repository: "acme/shop",
    numbers: [],
    branches: [],
  })),
  "due:webhooks": service(() => ({ now: 0 })),
  "runWebhooks:forMaking": actor("member", "sessions:write", "own"),
  "runWebhooks:ofRun": member("viewer", "sessions:read", "not_found", ({ runId }) => ({ runId })),
  "runWebhooks:claim": service(({ webhookId }) => ({ webhookId, now: 0 })),
  "runWebhooks:came": service(({ webhookId }) => ({ webhookId, attempt: 1, status: 200, now: 0 })),
  "due:green": service(() => ({ now: 0 })),
  "greenWork:claim": service(({ pursuitId }) => ({ pursuitId })),
  "greenWork:renew": service(ofClaim),
  "greenWork:later": service((ids) => ({ ...ofClaim(ids), afterMs: 1 })),
  "greenWork:attempt": service((ids) => ({
    ...ofClaim(ids),
    head: "",
    message: "m",
    found: 1,
    comments: [],
  })),
  "greenWork:leave": service(ofClaim),
  "greenWork:left": service((ids) => ({ ...ofClaim(ids), commit: null })),
  "greenWork:end": service((ids) => ({ ...ofClaim(ids), reason: "slow" })),
};

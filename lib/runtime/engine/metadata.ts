import type { Call } from "./call.ts";
import { splitName } from "./component-path.ts";
import { PlatformError } from "./errors.ts";

/** What `ctx.meta.getDeploymentMetadata()` says of this deployment. */
export interface Deployment {
  name: string;
  region: string | null;
  class: "s16" | "s256" | "d1024" | "d2048";
}
export const DEPLOYMENT: Deployment = { name: "embedded", region: null, class: "s16" };

/** The metadata that every kind of function can ask for, as JSON text; undefined for other calls. */
export function metadataSyscall(call: Call, op: string, deployment: Deployment): string | undefined {
  switch (op) {
    case "1.0/getUserIdentity":
      call.usedIdentity = true;
      return JSON.stringify(call.identity);
    case "1.0/getFunctionMetadata":
      return JSON.stringify({ name: nameOf(call), componentPath: call.component });
    case "1.0/getDeploymentMetadata":
      return JSON.stringify(deployment);
    case "1.0/getRequestMetadata":
      return JSON.stringify({ ...call.source, requestId: call.requestId });
    case "1.0/getTransactionMetrics":
      // `convex` gives this text a meaning of its own.
      if (!call.transaction) throw new PlatformError(`Unknown async operation ${op}`);
      return JSON.stringify(call.transaction.meter.report());
    case "1.0/auditLog":
      call.logLines.push("[AUDIT]");
      return "null";
    default:
      return undefined;
  }
}

function nameOf(call: Call): string {
  return call.kind === "httpAction" ? "http" : splitName(call.path).name.replace(/:default$/, "");
}

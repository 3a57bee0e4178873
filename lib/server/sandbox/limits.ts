import { type SandboxLimits, sandboxLimits } from "#domain/capacity.ts";
import { env } from "../env.ts";
import { serviceFeatures } from "./service.ts";

/**
 * How many sandboxes there may be, by what the sandbox service says of its machine and what the operator has set.
 * @throws TypeError where the service cannot be reached
 */
export async function limitsNow(): Promise<SandboxLimits> {
  const { STUDIO_MAX_SANDBOXES: max, STUDIO_WARM_AGENTS: warm } = env();
  return sandboxLimits({ memoryMb: (await serviceFeatures()).memoryMb, max, warm });
}

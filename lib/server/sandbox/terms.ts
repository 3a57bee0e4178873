import { api } from "#convex/_generated/api.js";
import { serviceData } from "../convex/client.ts";
import { env } from "../env.ts";

/** Tells Convex what the operator has set for sandboxes: it decides by that who may have one more, and what it costs. */
export async function tellTerms(): Promise<void> {
  const { STUDIO_SANDBOX_VCPU_MICRO_USD, STUDIO_SANDBOX_GB_MICRO_USD, STUDIO_SANDBOX_HOURS_PER_MONTH } =
    env();
  await serviceData().mutation(api.sandboxMeters.setTerms, {
    vcpuNanoUsd: Math.round(STUDIO_SANDBOX_VCPU_MICRO_USD * 1_000),
    gbNanoUsd: Math.round(STUDIO_SANDBOX_GB_MICRO_USD * 1_000),
    monthlyHours: STUDIO_SANDBOX_HOURS_PER_MONTH,
  });
}

import { v } from "convex/values";
import type { ProblemKind } from "#domain/problems.ts";
import type { Id } from "../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../_generated/server";
import { dataKey, dataKeyInUse, fitsDataKey, putDataKey } from "./data-keys.ts";
import { refuse } from "./refusal.ts";
import { providerStatus } from "./values.ts";

/** What a server needs before it can encrypt a secret: the organization's data key, and the secret's next version. */
export const beforeSealing = {
  organizationId: v.id("organizations"),
  nextVersion: v.number(),
  dataKey: v.nullable(dataKey),
};

/** The same, for a secret that takes the place of one that is there. */
export async function readyToSeal(
  ctx: QueryCtx,
  organizationId: Id<"organizations">,
  known: { version: number } | null,
) {
  return {
    organizationId,
    nextVersion: (known?.version ?? 0) + 1,
    dataKey: await dataKeyInUse(ctx, organizationId),
  };
}

/** Refusals without words of their own: another save came between. */
type Race = Extract<
  ProblemKind,
  "provider_key_race" | "variable_race" | "git_connection_race" | "registry_race" | "mcp_race"
>;

/**
 * Takes a secret that a server has sealed, with the organization's new data key where it had none.
 * @throws the refusal where another save came between: nothing was stored, try again
 */
export async function takeSealed(
  ctx: MutationCtx,
  organizationId: Id<"organizations">,
  known: { version: number } | null,
  sealed: { version: number; dataKey: typeof dataKey.type | undefined },
  race: Race,
): Promise<void> {
  const fits = await fitsDataKey(ctx, organizationId, sealed.dataKey);
  if ((known?.version ?? 0) + 1 !== sealed.version || !fits) throw refuse(race);
  if (sealed.dataKey) await putDataKey(ctx, organizationId, sealed.dataKey);
}

/** What a server's test of a stored credential found. */
export const testResult = { status: providerStatus, statusDetail: v.optional(v.string()) };
type TestResult = { status: typeof providerStatus.type; statusDetail?: string };

/** The same as a row keeps it. */
export const testedNow = (found: TestResult) => ({
  ...found,
  ...(found.status === "active" && { verifiedAt: Date.now() }),
});

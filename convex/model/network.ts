import type { Environment } from "#domain/catalog.ts";
import { v } from "convex/values";
import {
  DEFAULT_POLICY,
  MAX_HOST_CHARS,
  type NetworkPolicy,
  REFUSAL_REASONS,
  type StoredPolicy,
} from "#domain/network.ts";
import type { Doc, Id } from "../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../_generated/server";
import type { SessionWriter } from "./session-writer.ts";
import { literals } from "./zod-validator.ts";

/** What a sandbox was refused. */
export const refusedHost = v.object({
  host: v.string(),
  port: v.number(),
  reason: literals(REFUSAL_REASONS),
});

/** What a name can be made of; what a sandbox has made up otherwise is not repeated. */
const NAME = /^[a-z0-9._:[\]-]+$/;

/** Which refusals are news: each destination once, and so many at most, whatever code in a sandbox tries. */
export function freshRefusals(
  known: readonly { host: string; port: number }[],
  refused: readonly (typeof refusedHost.type)[],
  max: number,
): (typeof refusedHost.type)[] {
  const seen = new Set(known.map(({ host, port }) => `${host} ${port}`));
  return refused.filter(({ host, port }) => {
    const key = `${host} ${port}`;
    const isNew = seen.size < max && !seen.has(key);
    if (!isNew || host.length > MAX_HOST_CHARS || !NAME.test(host)) return false;
    seen.add(key);
    return true;
  });
}

/** The row of an environment's policy, if anybody has ever changed it. */
export async function policyRow(
  ctx: QueryCtx | MutationCtx,
  organizationId: Id<"organizations">,
  environment: Environment,
): Promise<Doc<"networkPolicies"> | null> {
  return await ctx.db
    .query("networkPolicies")
    .withIndex("by_environment", (q) => q.eq("organizationId", organizationId).eq("environment", environment))
    .unique();
}

/** A policy as it is stored, or the default. The lists are the caller's own. */
export function storedPolicy(row: Doc<"networkPolicies"> | null) {
  const { mode, presets, hosts } = row ?? DEFAULT_POLICY;
  return { mode, presets: [...presets], hosts: [...hosts], revision: row?.revision ?? 0 };
}

/** How far the sandboxes of an environment may reach now. */
export const policyOf = async (
  ctx: QueryCtx | MutationCtx,
  organizationId: Id<"organizations">,
  environment: Environment,
) => storedPolicy(await policyRow(ctx, organizationId, environment));

/**
 * Stores a changed policy, to be brought to the live sandboxes.
 * @returns the policy as it is stored
 */
export async function savePolicy(
  ctx: MutationCtx,
  organizationId: Id<"organizations">,
  environment: Environment,
  { mode, presets, hosts }: NetworkPolicy,
) {
  const row = await policyRow(ctx, organizationId, environment);
  const fields = {
    mode,
    presets: [...presets],
    hosts: [...hosts],
    revision: (row?.revision ?? 0) + 1,
    pending: true,
  };
  if (row) await ctx.db.patch(row._id, fields);
  else await ctx.db.insert("networkPolicies", { organizationId, environment, ...fields, claimedUntil: 0 });
  return await policyOf(ctx, organizationId, environment);
}

/** Logs the policy that a session's sandbox follows from now on. */
export async function noteApplied(
  writer: SessionWriter,
  policy: StoredPolicy,
  cause: "start" | "change",
): Promise<void> {
  const { mode, presets, hosts, revision } = policy;
  writer.patch({ networkRevision: revision });
  await writer.append({
    type: "network.applied",
    source: "studio.network",
    payload: { mode, presets: [...presets], hosts: [...hosts], cause },
  });
}

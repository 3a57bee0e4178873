import { v } from "convex/values";
import { isLive, LIVE_STATUSES } from "#domain/lifecycle.ts";
import { LIMITS } from "#domain/limits.ts";
import { checkPolicy, type NetworkPolicy, parseHost, policyAllows } from "#domain/network.ts";
import type { Doc } from "./_generated/dataModel";
import type { MutationCtx } from "./_generated/server";
import { orgMutation, orgQuery, refuse, serviceMutation } from "./functions.ts";
import { noteApplied, policyOf, policyRow, savePolicy, storedPolicy as stored } from "./model/network.ts";
import { takeUpTo } from "./model/paging.ts";
import { SessionWriter } from "./model/session-writer.ts";
import { mayUse } from "./model/sessions.ts";
import { environment, networkPolicy, storedPolicy } from "./model/values.ts";

/** How long one server has for bringing a policy to the live sandboxes, and when another may try after a failure. */
const CLAIM_MS = 60_000;
const RETRY_MS = 3_000;
/** More than an organization can have live at once. */
const MAX_SESSIONS = 1_000;

/** The network policy of each environment, or its default. */
export const get = orgQuery({
  min: "viewer",
  scope: "settings:read",
  args: {},
  returns: v.object({ development: storedPolicy, production: storedPolicy }),
  handler: async (ctx) => ({
    development: await policyOf(ctx, ctx.caller.organizationId, "development"),
    production: await policyOf(ctx, ctx.caller.organizationId, "production"),
  }),
});

/** A policy as the audit log has it. */
const told = ({ mode, presets, hosts }: NetworkPolicy) => ({ mode, presets, hosts });
const targetOf = (name: string) => `network policy (${name})`;

/**
 * Replaces an environment's policy. Live sandboxes follow within seconds.
 * @param args `revision`: the one that the change is based on; another one in place is refused
 * @throws invalid_request | forbidden
 */
export const set = orgMutation({
  min: "admin",
  scope: "settings:write",
  audit: "entry",
  bounds: { presets: LIMITS.networkPresets, hosts: LIMITS.networkHosts },
  args: { environment, ...networkPolicy, revision: v.optional(v.number()) },
  returns: storedPolicy,
  handler: async (ctx, { environment: where, revision, ...wanted }) => {
    const { organizationId } = ctx.caller;
    mayUse(ctx.caller, where);
    const before = await policyOf(ctx, organizationId, where);
    if (revision !== undefined && revision !== before.revision) throw refuse("network_changed");
    const checked = checkPolicy(wanted);
    if (!checked.ok) throw refuse("network_invalid", { fault: checked.fault });
    const { policy } = checked;
    if (JSON.stringify(told(before)) === JSON.stringify(told(policy))) {
      await ctx.report(null);
      return before;
    }
    const after = await savePolicy(ctx, organizationId, where, policy);
    await ctx.report({
      action: "setting.changed",
      target: targetOf(where),
      before: told(before),
      after: told(policy),
    });
    return after;
  },
});

/**
 * Adds one host to an environment's list, whatever else was changed meanwhile. A host that is let through already
 * changes nothing.
 * @throws invalid_request where it is no host, the list is full, or the policy is closed | forbidden
 */
export const allowHost = orgMutation({
  min: "admin",
  scope: "settings:write",
  audit: "entry",
  bounds: { host: LIMITS.networkHost },
  args: { environment, host: v.string() },
  returns: storedPolicy,
  handler: async (ctx, { environment: where, host: typed }) => {
    const { organizationId } = ctx.caller;
    mayUse(ctx.caller, where);
    const before = await policyOf(ctx, organizationId, where);
    const parsed = parseHost(typed);
    if (!parsed.ok) throw refuse("network_invalid", { fault: parsed.fault });
    if (before.mode === "closed") throw refuse("network_closed");
    const { name, wildcard, port } = parsed.host;
    const isThrough =
      before.mode === "open" ||
      before.hosts.includes(parsed.entry) ||
      // Without a port it is through where every port is.
      (!wildcard && policyAllows(before, name, port ?? 0));
    if (isThrough) {
      await ctx.report(null);
      return before;
    }
    const checked = checkPolicy({ ...before, hosts: [...before.hosts, parsed.entry] });
    if (!checked.ok) throw refuse("network_invalid", { fault: checked.fault });
    const after = await savePolicy(ctx, organizationId, where, checked.policy);
    await ctx.report({
      action: "setting.changed",
      target: targetOf(where),
      before: told(before),
      after: told(after),
    });
    return after;
  },
});

/** The organization's live sandboxes in the environment that follow another revision. */
async function staleSessions(
  ctx: MutationCtx,
  { organizationId, environment: where, revision }: Doc<"networkPolicies">,
): Promise<Doc<"sandboxSessions">[]> {
  const found: Doc<"sandboxSessions">[] = [];
  for (const status of LIVE_STATUSES) {
    const live = await takeUpTo(
      ctx.db
        .query("sandboxSessions")
        .withIndex("by_organization_status", (q) =>
          q.eq("organizationId", organizationId).eq("status", status),
        ),
      { rows: MAX_SESSIONS },
    );
    found.push(
      ...live.filter(
        (session) =>
          session.environment === where &&
          session.sandboxId !== undefined &&
          session.networkRevision !== revision,
      ),
    );
  }
  return found;
}

/**
 * Takes up a changed policy, so that no other server brings it to the sandboxes at the same time.
 * @returns the policy's revision, and the sessions whose sandboxes do not follow it yet; null where there is nothing to do
 */
export const claim = serviceMutation({
  args: { policyId: v.id("networkPolicies") },
  returns: v.nullable(v.object({ revision: v.number(), sessionIds: v.array(v.id("sandboxSessions")) })),
  handler: async (ctx, { policyId }) => {
    const row = await ctx.db.get(policyId);
    const now = Date.now();
    if (!row?.pending || row.claimedUntil > now) return null;
    await ctx.db.patch(policyId, { claimedUntil: now + CLAIM_MS });
    const sessions = await staleSessions(ctx, row);
    return { revision: row.revision, sessionIds: sessions.map(({ _id }) => _id) };
  },
});

/**
 * A session's sandbox follows a revision, which the session's log says.
 * @returns false where that is another session's sandbox by now, or an older revision: there is more to do
 */
export const applied = serviceMutation({
  args: { sessionId: v.id("sandboxSessions"), sandboxId: v.string(), revision: v.number() },
  returns: v.boolean(),
  handler: async (ctx, { sessionId, sandboxId, revision }) => {
    const writer = await SessionWriter.open(ctx, sessionId);
    const { session } = writer;
    if (!isLive(session.status)) return true;
    const row = await policyRow(ctx, session.organizationId, session.environment);
    if (session.sandboxId !== sandboxId || row?.revision !== revision) return false;
    if (session.networkRevision === revision) return true;
    await noteApplied(writer, stored(row), "change");
    await writer.save();
    return true;
  },
});

/** Ends a claim. What is not done, or was changed again meanwhile, is taken up again. */
export const settle = serviceMutation({
  args: { policyId: v.id("networkPolicies"), revision: v.number(), done: v.boolean() },
  returns: v.null(),
  handler: async (ctx, { policyId, revision, done }) => {
    const row = await ctx.db.get(policyId);
    if (!row) return;
    const isOver = done && row.revision === revision && (await staleSessions(ctx, row)).length === 0;
    await ctx.db.patch(policyId, { pending: !isOver, claimedUntil: done ? 0 : Date.now() + RETRY_MS });
  },
});

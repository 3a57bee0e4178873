import { type Infer, v } from "convex/values";
import { findModel } from "#domain/catalog.ts";
import { countsIn, inOrder } from "#domain/rules/rule.ts";
import type { Doc, Id } from "../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../_generated/server";
import { agentHasSkill, productionOf, rootsOf, sha256Of, skillsOf } from "./skills.ts";
import type { AgentPin } from "./agents.ts";
import { mcpToolParts } from "./mcp.ts";
import { ruleAction, rulesAt, ruleScope, toRule } from "./rules.ts";

/** Rules that are kept one by one; the digest is of all. */
const MAX_PINNED_RULES = 50;

const prices = v.object({
  priceInMicroUsd: v.number(),
  priceCachedMicroUsd: v.number(),
  priceOutMicroUsd: v.number(),
});
/** What a session begins with that can become something else while it goes on. */
export const sessionPin = {
  /** Of its model, for a million tokens; null for an endpoint of the organization's own. */
  prices: v.nullable(prices),
  skills: v.array(
    v.object({
      root: v.string(),
      name: v.string(),
      revision: v.number(),
      /** Of its SKILL.md; null for a text that is older than those whose hashes are kept. */
      sha256: v.nullable(v.string()),
    }),
  ),
  /** Those that counted, by their order; none of the session's own. */
  rules: v.array(v.object({ name: v.string(), scope: ruleScope, pattern: v.string(), action: ruleAction })),
  rulesCount: v.number(),
  rulesDigest: v.string(),
};
const sessionPinObject = v.object(sessionPin);
/**
 * Of a session that repeats another one: its skills are its pins' alone, with those texts, and its MCP servers these
 * alone, with the tools that are still what they were.
 */
export const fixedMeans = v.object({
  ofSessionId: v.id("sandboxSessions"),
  /** Null where they aren't known: it gets those of now. */
  servers: v.nullable(v.array(v.object({ name: v.string(), digest: v.string(), tools: mcpToolParts }))),
});
/** What a session has for as long as it goes on, of one that it repeats. */
export interface Fixed extends Infer<typeof fixedMeans> {
  skills: (typeof sessionPinObject.type)["skills"];
}

type Session = Pick<
  Doc<"sandboxSessions">,
  "organizationId" | "environment" | "provider" | "model" | "agentId" | "skillsRoots"
>;

function pricesOf({ provider, model }: Session): typeof prices.type | null {
  const found = findModel(provider, model)?.model;
  if (!found) return null;
  const { priceInMicroUsd, priceCachedMicroUsd, priceOutMicroUsd } = found;
  return { priceInMicroUsd, priceCachedMicroUsd, priceOutMicroUsd };
}

async function skillsNow(ctx: QueryCtx | MutationCtx, session: Session, agent: AgentPin | null) {
  const roots = rootsOf(session);
  return (await skillsOf(ctx, session.organizationId)).flatMap((row) => {
    const { root, name, enabled, hashes } = row;
    if (!enabled || !roots.includes(root) || !agentHasSkill(agent, name)) return [];
    const revision = session.environment === "production" ? productionOf(row) : row.revision;
    if (revision === null) return [];
    // Hashes end with the present revision's.
    const sha256 = hashes[hashes.length - 1 - (row.revision - revision)] ?? null;
    return [{ root, name, revision, sha256 }];
  });
}

/** What a session would begin with at this moment. */
export async function pinsNow(
  ctx: QueryCtx | MutationCtx,
  session: Session,
  agent: AgentPin | null,
): Promise<typeof sessionPinObject.type> {
  const { organizationId, environment, agentId } = session;
  const places = [...(agentId ? [`agent:${agentId}`] : []), `environment:${environment}`, "organization"];
  const rows = await Promise.all(places.map(async (place) => await rulesAt(ctx, organizationId, place)));
  const all = inOrder(rows.flat().map(toRule))
    .filter((rule) => rule.enabled && countsIn(rule, environment))
    .map(({ name, scope, pattern, action }) => ({ name, scope, pattern, action }));
  return {
    prices: pricesOf(session),
    skills: await skillsNow(ctx, session, agent),
    rules: all.slice(0, MAX_PINNED_RULES),
    rulesCount: all.length,
    rulesDigest: await sha256Of(JSON.stringify(all)),
  };
}

/** Keeps what a session begins with. @param fixed what it has of another one, whatever that is by now */
export async function pinSession(
  ctx: MutationCtx,
  session: Session & Pick<Doc<"sandboxSessions">, "_id">,
  agent: AgentPin | null,
  fixed: Fixed | null,
): Promise<void> {
  const { organizationId, _id: sessionId } = session;
  await ctx.db.insert("sessionPins", {
    organizationId,
    sessionId,
    ...(await pinsNow(ctx, session, agent)),
    ...(fixed && { skills: fixed.skills, fixed: { ofSessionId: fixed.ofSessionId, servers: fixed.servers } }),
    at: Date.now(),
  });
}

/** What was kept of a session's beginning; null for one from before that was. */
export async function pinsOf(
  ctx: QueryCtx | MutationCtx,
  sessionId: Id<"sandboxSessions">,
): Promise<Doc<"sessionPins"> | null> {
  return await ctx.db
    .query("sessionPins")
    .withIndex("by_session", (q) => q.eq("sessionId", sessionId))
    .unique();
}

/** What a session has of the one that it repeats, for a branch of it; null where it repeats none. */
export async function fixedOf(
  ctx: QueryCtx | MutationCtx,
  sessionId: Id<"sandboxSessions">,
): Promise<Fixed | null> {
  const pins = await pinsOf(ctx, sessionId);
  return pins?.fixed ? { ...pins.fixed, skills: pins.skills } : null;
}

import { v } from "convex/values";
import { madeStates } from "#domain/provenance.ts";
import {
  ACCEPTED_LIMIT,
  type Gap,
  GAP_KINDS,
  gapId,
  gapText,
  MAX_GAPS,
  TEMPLATE_LIMIT,
} from "#domain/repeat.ts";
import { MAX_SESSION_RULES } from "#domain/rules/rule.ts";
import type { Doc } from "../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../_generated/server";
import { type Caller, refuse } from "../functions.ts";
import { type AgentPin, pinnedAgentOf } from "./agents.ts";
import { mcpServersOf } from "./mcp.ts";
import type { RunRule } from "./run-rules.ts";
import { madeNow } from "./session-made.ts";
import { partsOf, sessionServersOf, unchangedTools } from "./session-mcp.ts";
import { type Fixed, pinsNow, pinsOf } from "./session-pins.ts";
import { sessionOf } from "./sessions.ts";
import { textByHash } from "./skill-texts.ts";
import { skillAt } from "./skills.ts";
import { literals } from "./zod-validator.ts";

/** The session that a new one repeats, as a server tells it. */
export const repeated = v.object({
  sessionId: v.string(),
  /** What sandboxes are made of now. */
  template: v.string(),
  /** Gaps that the person has seen and goes on with, by `gapId`. */
  accepted: v.array(v.string()),
});
export const repeatedLimit = {
  kind: "fields",
  fields: { template: TEMPLATE_LIMIT, accepted: ACCEPTED_LIMIT },
} as const;
export const gap = v.object({
  kind: literals(GAP_KINDS),
  name: v.nullable(v.string()),
  parts: v.array(v.string()),
});

/** How a session can be repeated. */
interface Repeat {
  parent: Doc<"sandboxSessions">;
  agent: AgentPin | null;
  /** What the repeat has whatever that is by now; null where nothing was kept. */
  fixed: Fixed | null;
  /** Rules that it brings, since others count by now. */
  rules: RunRule[];
  gaps: Gap[];
}

type Ctx = QueryCtx | MutationCtx;
type Pins = Doc<"sessionPins">;
/** Below those that a session brought itself, whatever their priority. */
const BEHIND_OWN = -1_000_000_000;

async function skillsTo(ctx: Ctx, { organizationId, skills }: Pins) {
  const gaps: Gap[] = [];
  const kept: Pins["skills"] = [];
  for (const skill of skills) {
    const { root, name, sha256 } = skill;
    const row = await skillAt(ctx, organizationId, { root, name });
    const why = !row
      ? "skill_gone"
      : !row.enabled
        ? "skill_off"
        : sha256 === null || (await textByHash(ctx, row, sha256)) === null
          ? "skill_text"
          : null;
    if (why === null) kept.push(skill);
    else gaps.push({ kind: why, name, parts: [] });
  }
  return { kept, gaps };
}

async function serversTo(ctx: Ctx, parent: Doc<"sandboxSessions">, pins: Pins) {
  const rows = await sessionServersOf(ctx, parent._id);
  // No sandbox was ever made, so none were given.
  if (!pins.made && rows.length === 0)
    return { servers: null, gaps: [{ kind: "mcp_unknown", name: null, parts: [] }] satisfies Gap[] };
  const there = await mcpServersOf(ctx, parent.organizationId);
  const gaps: Gap[] = [];
  const servers = rows.flatMap((its) => {
    const { name, digest } = its;
    const row = there.find(({ _id }) => _id === its.serverId);
    if (!row?.enabled || row.name !== name) {
      gaps.push({ kind: "mcp_gone", name, parts: [] });
      return [];
    }
    const tools = partsOf(its);
    if (row.approvedDigest !== digest || its.isNarrowed) {
      const same = new Set(unchangedTools(tools, row.approvedParts ?? []).map((tool) => tool.name));
      const lost = tools.filter((tool) => !same.has(tool.name)).map((tool) => tool.name);
      if (same.size === 0) gaps.push({ kind: "mcp_changed", name, parts: [] });
      else if (lost.length > 0) gaps.push({ kind: "mcp_changed", name, parts: lost });
    }
    return [{ name, digest, tools }];
  });
  return { servers, gaps };
}

function rulesTo(pins: Pins, now: Awaited<ReturnType<typeof pinsNow>>) {
  if (pins.rulesDigest === now.rulesDigest) return { rules: [], gaps: [] };
  if (pins.rulesCount > Math.min(MAX_SESSION_RULES, pins.rules.length))
    return {
      rules: [],
      gaps: [
        { kind: "rules_many", name: null, parts: [String(pins.rulesCount), String(MAX_SESSION_RULES)] },
      ] satisfies Gap[],
    };
  const textOf = (rule: Pins["rules"][number]) => JSON.stringify([rule.pattern, rule.action]);
  const had = new Set(pins.rules.map(textOf));
  const since = now.rules.filter((rule) => !had.has(textOf(rule))).map(({ name }) => name);
  return {
    rules: pins.rules.map(({ name, pattern, action }) => ({ name, pattern, action, priority: BEHIND_OWN })),
    gaps: since.length > 0 ? ([{ kind: "rules_since", name: null, parts: since }] satisfies Gap[]) : [],
  };
}

/** The order of a stored row's fields says nothing. */
const samePrices = (then: Pins["prices"], now: NonNullable<Pins["prices"]>): boolean =>
  then?.priceInMicroUsd === now.priceInMicroUsd &&
  then.priceCachedMicroUsd === now.priceCachedMicroUsd &&
  then.priceOutMicroUsd === now.priceOutMicroUsd;

/**
 * How a session can be repeated, and what can't be had as it was. What only a server knows (whether its model is still
 * offered, and its repositories can still be reached) is not among it.
 * @throws not_found
 */
export async function repeatOf(
  ctx: Ctx,
  caller: Caller,
  { sessionId, template }: { sessionId: string; template: string },
): Promise<Repeat> {
  const parent = await sessionOf(ctx, caller, sessionId);
  const agent = await pinnedAgentOf(ctx, parent._id);
  const pins = await pinsOf(ctx, parent._id);
  if (!pins)
    return { parent, agent, fixed: null, rules: [], gaps: [{ kind: "pins", name: null, parts: [] }] };
  const now = await pinsNow(ctx, parent, agent);
  const skills = await skillsTo(ctx, pins);
  const servers = await serversTo(ctx, parent, pins);
  const rules = rulesTo(pins, now);
  const gaps: Gap[] = [];
  if (pins.made) {
    const states = madeStates(pins.made, await madeNow(ctx, parent), template);
    if (states.template === "changed") gaps.push({ kind: "template", name: null, parts: [] });
    if (states.snapshot !== "same") gaps.push({ kind: "setup", name: null, parts: [] });
  }
  if (now.prices !== null && !samePrices(pins.prices, now.prices))
    gaps.push({ kind: "price", name: parent.model, parts: [] });
  gaps.push(...skills.gaps, ...rules.gaps, ...servers.gaps);
  return {
    parent,
    agent,
    fixed: { ofSessionId: parent._id, skills: skills.kept, servers: servers.servers },
    rules: rules.rules,
    gaps: gaps.slice(0, MAX_GAPS),
  };
}

/** @throws repeat_differs where there is a gap that the person has not been told of, or does not go on with */
export function checkGaps(gaps: readonly Gap[], accepted: readonly string[]): void {
  const known = new Set(accepted);
  const open = gaps.filter((one) => !known.has(gapId(one)));
  if (open.length > 0) throw refuse("repeat_differs", { differs: open.map(gapText) });
}

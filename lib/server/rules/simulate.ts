import { api } from "#convex/_generated/api.js";
import type {
  proposalsResponse,
  simulateBody,
  simulatedCall,
  simulateResponse,
  testRulesBody,
  testRulesResponse,
} from "#contracts/rules.ts";
import type { ApprovalRequest } from "#domain/approval-rules.ts";
import type { Principal } from "#domain/principal.ts";
import { callOf } from "#domain/rules/call.ts";
import { decide, prepare } from "#domain/rules/decide.ts";
import { patternFault } from "#domain/rules/pattern.ts";
import { allows, proposalsFor } from "#domain/rules/propose.ts";
import { countsIn, MAX_RULES, type Rule, type RuleAction } from "#domain/rules/rule.ts";
import type { z } from "zod";
import { dataFor } from "../convex/client.ts";
import { pageOf } from "../http/page.ts";
import { refuse } from "../http/refuse.ts";

interface Draft {
  name: string;
  tool_pattern: string;
  action: RuleAction;
}

const DRAFT = "draft:";

/** Rules that are not saved, in their order, in front of all others. @throws HttpError invalid_request */
function drafted(drafts: readonly Draft[]): Rule[] {
  return drafts.map(({ name, tool_pattern: pattern, action }, index) => {
    const fault = patternFault(pattern);
    if (fault !== null) throw refuse("rule_pattern", { fault });
    return {
      id: `${DRAFT}${index}`,
      name,
      pattern,
      action,
      scope: "session",
      priority: drafts.length - index,
      enabled: true,
      createdAt: index,
      isAdmins: true,
    };
  });
}

/** The organization's rules, without those of sessions. */
async function storedRules(caller: Principal): Promise<Rule[]> {
  const rules: Rule[] = [];
  let cursor: string | undefined;
  do {
    const { rows, nextCursor }: { rows: Rule[]; nextCursor: string | null } = await pageOf(
      { limit: 100, cursor },
      async (paginationOpts) => await dataFor(caller).query(api.approvalRules.list, { paginationOpts }),
    );
    rules.push(...rows);
    cursor = nextCursor ?? undefined;
  } while (cursor !== undefined && rules.length < MAX_RULES);
  return rules;
}

/** What rules say of one call: those that are sent, else those that are stored. @throws HttpError invalid_request */
export async function testRules(
  caller: Principal,
  { tool, kind, request, environment, rules }: z.output<typeof testRulesBody>,
): Promise<z.infer<typeof testRulesResponse>> {
  const all = rules ? drafted(rules) : await storedRules(caller);
  const call = callOf({ tool, kind, request });
  const { action, rules: by, why } = decide(prepare(all.filter((rule) => countsIn(rule, environment))), call);
  return { action, rules: [...by], why, proposals: proposalsFor(call) };
}

type Past = Awaited<ReturnType<typeof pastCalls>>["calls"][number];

/** A page of what agents asked leave for, newest first. */
async function pastCalls(caller: Principal, limit: number, cursor: string | null) {
  const { page, isDone, continueCursor } = await dataFor(caller).query(api.approvalRules.past, {
    paginationOpts: { numItems: limit, cursor },
  });
  const calls = page.flatMap((row) =>
    row.call === null ? [] : [{ ...row, asked: JSON.parse(row.call) as ApprovalRequest }],
  );
  return { calls, lookedAt: page.length, nextCursor: isDone ? null : continueCursor };
}

const DECISIONS = ["pending", "approved", "denied", "bypassed"] as const;

function simulated(past: Past, rules: readonly Rule[]): z.infer<typeof simulatedCall> | null {
  const counting = rules.filter((rule) => rule.id.startsWith(DRAFT) || countsIn(rule, past.environment));
  const { action, rules: by, why } = decide(prepare(counting), callOf(past.asked));
  if (!by.some(({ id }) => id.startsWith(DRAFT))) return null;
  const decision = DECISIONS.find((word) => word === past.decision) ?? "pending";
  const byPerson = past.reason === "person";
  const said = { auto_approve: "approved", auto_deny: "denied", ask: decision }[action];
  return {
    session_id: past.sessionId,
    approval_key: past.key,
    summary: past.summary,
    requested_at: new Date(past.requestedAt).toISOString(),
    decision,
    by_person: byPerson,
    action,
    rules: [...by],
    why,
    differs: byPerson && said !== decision,
  };
}

/** Tries unsaved rules on a page of past calls. @throws HttpError invalid_request */
export async function simulateRules(
  caller: Principal,
  { rules: drafts, with_existing: withExisting, limit, cursor }: z.output<typeof simulateBody>,
): Promise<z.infer<typeof simulateResponse>> {
  const rules = [...drafted(drafts), ...(withExisting ? await storedRules(caller) : [])];
  const { calls, lookedAt, nextCursor } = await pastCalls(caller, limit, cursor ?? null);
  return {
    looked_at: lookedAt,
    not_kept: lookedAt - calls.length,
    matches: calls.flatMap((past) => simulated(past, rules) ?? []),
    next_cursor: nextCursor,
  };
}

const MAX_EXAMPLES = 3;
const LOOKED_AT = 100;

/** Patterns that would allow what is asked, with what each would have matched lately. @throws HttpError not_found */
export async function listProposals(
  caller: Principal,
  runId: string,
  key: string,
): Promise<z.infer<typeof proposalsResponse>> {
  const { call } = await dataFor(caller).query(api.approvalRules.asked, { runId, key });
  const patterns = call === null ? [] : proposalsFor(callOf(JSON.parse(call) as ApprovalRequest));
  if (patterns.length === 0) return { proposals: [], looked_at: 0 };
  const { calls, lookedAt } = await pastCalls(caller, LOOKED_AT, null);
  const judged = calls.filter((past) => past.key !== key).map((past) => ({ past, call: callOf(past.asked) }));
  const proposals = patterns.map((pattern) => {
    const found = judged.filter((one) => allows(pattern, one.call));
    const examples = [...new Set(found.map(({ past }) => past.summary))].slice(0, MAX_EXAMPLES);
    return { pattern, matches: found.length, examples };
  });
  return { proposals, looked_at: lookedAt };
}

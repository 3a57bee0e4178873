import { describe, expect, test } from "vitest";
import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import { MAX_SESSION_RULES } from "#domain/rules/rule.ts";
import { RULE_SETS } from "#domain/rules/sets.ts";
import { makeReady, member, type Member } from "./support.ts";
import { HEADLESS, leaveFor, RULE } from "./things.ts";
import { ada, db, freshWorld } from "./world.ts";

freshWorld();

const TESTS = { pattern: "builtin:shell:npm test *", action: "auto_approve" as const };
const page = { paginationOpts: { numItems: 100, cursor: null } };

type Made = { runId: Id<"runs">; sessionId: Id<"sandboxSessions"> };
const begin = async (more: object, who: Member = ada): Promise<Made> =>
  await who.by.mutation(api.headlessRuns.start, { ...HEADLESS, ...more });
const rulesOf = async ({ sessionId }: Made) =>
  (await ada.as.query(api.approvalRules.list, { scope: "session", sessionId, ...page })).page;

/** The agent of a run asks for leave for commands, one after another. */
async function asks({ runId, sessionId }: Made, ...commands: string[]): Promise<void> {
  const generation = await makeReady(db, sessionId);
  const events = commands.map((command, index) => ({
    ...leaveFor(`key-${index}`, command, { summary: command }),
    runId,
  }));
  await db.service.mutation(api.events.append, { sessionId, generation, batch: 1, events });
}
const decisions = async ({ runId }: Made) =>
  (await ada.as.query(api.approvals.ofRun, { runId })).map(({ summary, decision, reason, decidedBy }) => [
    summary,
    decision,
    reason,
    decidedBy,
  ]);

describe("the rules that a run brings", () => {
  test("decide in its session, and the run says which did", async () => {
    const made = await begin({
      rules: [
        { ...TESTS, name: "Tests" },
        { pattern: "builtin:shell:rm *", action: "auto_deny" },
      ],
    });
    await asks(made, "npm test src", "rm -rf dist", "npm publish");
    expect(await decisions(made)).toEqual([
      ["npm publish", "pending", null, null],
      ["rm -rf dist", "denied", "rule", "The rule “rm *”"],
      ["npm test src", "approved", "rule", "The rule “Tests”"],
    ]);
  });

  test("are no other session's, and what nobody decides on is denied at the deadline", async () => {
    const made = await begin({ rules: [TESTS] });
    const other = await begin({});
    await asks(other, "npm test");
    const approval = await db.t.run(async (ctx) => (await ctx.db.query("approvals").collect())[0]!);
    expect(await decisions(other)).toEqual([["npm test", "pending", null, null]]);
    const { internal } = await import("#convex/_generated/api.js");
    await db.t.mutation(internal.approvals.expire, { approvalId: approval._id });
    expect(await decisions(other)).toEqual([["npm test", "denied", "timeout", null]]);
    expect(await rulesOf(made)).toHaveLength(1);
    expect(await rulesOf(other)).toEqual([]);
  });

  test("can be the organization's by their id, or a set by its name, in the order given", async () => {
    const { id: ruleId } = await ada.as.mutation(api.approvalRules.create, RULE);
    const made = await begin({ rules: [{ ruleId }, { set: "careful" }, { ...TESTS, priority: 3 }] });
    const rules = await rulesOf(made);
    expect(rules.map(({ pattern }) => pattern)).toEqual([
      TESTS.pattern,
      RULE.pattern,
      ...RULE_SETS.careful.rules.map(({ pattern }) => pattern),
    ]);
    expect(rules.every(({ enabled, isAdmins }) => enabled && !isAdmins)).toBe(true);
  });

  test("lift nothing that an admin has denied for more than the session", async () => {
    await ada.as.mutation(api.approvalRules.create, { ...RULE, action: "auto_deny", name: "None" });
    const made = await begin({ rules: [TESTS] });
    await asks(made, "npm test");
    expect(await decisions(made)).toEqual([["npm test", "denied", "rule", "The rule “None”"]]);
  });

  test("are in the audit log, each with who brought it", async () => {
    await begin({ rules: [TESTS, { set: "balanced" }] });
    const entries = await db.t.run(async (ctx) => await ctx.db.query("auditEntries").collect());
    const created = entries.filter(({ action }) => action === "approval_rule.created");
    expect(created).toHaveLength(1 + RULE_SETS.balanced.rules.length);
    expect(created.every(({ userId }) => userId === ada.userId)).toBe(true);
  });

  test("come again with a run that repeats it, and with nobody else's", async () => {
    const made = await begin({ rules: [TESTS] });
    const again = await begin({ likeRunId: made.runId });
    expect((await rulesOf(again)).map(({ pattern }) => pattern)).toEqual([TESTS.pattern]);
    const eve = await member(db, "eve");
    await expect(begin({ likeRunId: made.runId }, eve)).rejects.toMatchObject({
      data: { kind: "run_not_found" },
    });
  });

  test.each([
    ["a pattern that is none", [{ pattern: "npm test", action: "ask" }], "rule_pattern"],
    ["an id that is no rule's", [{ ruleId: "nothing" }], "rule_not_found"],
    [
      "more than a session can have",
      Array.from({ length: 3 }, () => ({ set: "balanced" })),
      "session_rule_limit",
    ],
  ])("with %s start no run", async (_, rules, kind) => {
    await expect(begin({ rules })).rejects.toMatchObject({ data: { kind } });
    expect(await db.t.run(async (ctx) => (await ctx.db.query("runs").collect()).length)).toBe(0);
  });

  test("are bounded, and another organization's are not to be named", async () => {
    const rules = Array.from({ length: MAX_SESSION_RULES + 1 }, () => TESTS);
    await expect(begin({ rules })).rejects.toThrow("items");
    const eve = await member(db, "eve");
    const { id: ruleId } = await eve.as.mutation(api.approvalRules.create, RULE);
    await expect(begin({ rules: [{ ruleId }] })).rejects.toMatchObject({
      data: { kind: "rule_not_found" },
    });
  });

  test("in production are for admins, as the session is", async () => {
    const bob = await member(db, "bob", "member", "ada");
    const asked = { environment: "production", rules: [TESTS] };
    await expect(begin(asked, bob)).rejects.toMatchObject({ data: { code: "forbidden" } });
    const made = await begin(asked);
    await asks(made, "npm test");
    expect(await decisions(made)).toMatchObject([["npm test", "approved", "rule", "The rule “npm test *”"]]);
  });
});

describe("a run's name", () => {
  const one = "a".repeat(64);
  const two = "b".repeat(64);

  test("is refused for a request that differs in anything, and kept for the same", async () => {
    const first = await begin({ requestKey: "nightly", digest: one });
    expect(await begin({ requestKey: "nightly", digest: one })).toEqual(first);
    await expect(begin({ requestKey: "nightly", digest: two })).rejects.toMatchObject({
      data: { kind: "request_key_reused", code: "already_exists" },
    });
    const known = { requestKey: "nightly", message: HEADLESS.message };
    await expect(ada.by.query(api.headlessRuns.known, { ...known, digest: two })).rejects.toMatchObject({
      data: { kind: "request_key_reused" },
    });
  });

  test("serves a message, too: it is sent once", async () => {
    const { sessionId } = await begin({});
    const named = { sessionId, message: "again", requestKey: "rerun", digest: one };
    const first = await ada.as.mutation(api.runs.start, named);
    expect((await ada.as.mutation(api.runs.start, named)).runId).toBe(first.runId);
    await expect(ada.as.mutation(api.runs.start, { ...named, digest: two })).rejects.toMatchObject({
      data: { kind: "request_key_reused" },
    });
    expect(await db.t.run(async (ctx) => (await ctx.db.query("runs").collect()).length)).toBe(2);
  });
});

test("what was decided in a run is nobody else's to see", async () => {
  const made = await begin({});
  const eve = await member(db, "eve");
  await expect(eve.as.query(api.approvals.ofRun, { runId: made.runId })).rejects.toMatchObject({
    data: { kind: "run_not_found" },
  });
});

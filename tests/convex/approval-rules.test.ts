import { describe, expect, test } from "vitest";
import { api, internal } from "#convex/_generated/api.js";
import { MAX_RULES, MAX_SESSION_RULES } from "#domain/rules/rule.ts";
import { isUnused, startOfDay, UNUSED_DAYS } from "#domain/rules/unused.ts";
import { ask, decided, freshRun, pending, runId } from "./approval-world.ts";
import { sessionId } from "./ready-session.ts";
import { member, type Member } from "./support.ts";
import { RULE } from "./things.ts";
import { ada, db } from "./world.ts";

freshRun();

const make = async (more: object = {}) =>
  await ada.as.mutation(api.approvalRules.create, { ...RULE, ...more });
const page = { paginationOpts: { numItems: 50, cursor: null } };
const rulesNow = async () => (await ada.as.query(api.approvalRules.list, page)).page;

/** A member of the same organization, without an admin's rights. */
const colleague = async (): Promise<Member> => await member(db, "bob", "member", "ada");

describe("a decision by rule", () => {
  test("is made at once, names the rule, and is never pending", async () => {
    const { id } = await make();
    await ask("a", "npm test src");
    expect(await pending()).toEqual([]);
    expect(await decided()).toMatchObject([
      {
        approval_key: "a",
        decision: "approved",
        reason: "rule",
        decided_by: "The rule “Tests”",
        rules: [{ id, name: "Tests" }],
      },
    ]);
    const session = await ada.as.query(api.sandboxSessions.get, { sessionId });
    expect(session.waitingFor).toBeNull();
  });

  test("covers no more than the rule", async () => {
    await make();
    await ask("a", "npm test && rm -rf /");
    await ask("b", "PATH=/evil npm test");
    await ask("c", "npm install");
    await ask("d", "npm test", { tool: "mail", kind: "other" });
    await ask("e", "npm test", { notes: [{ path: "/x", kind: "link", unchecked: true }] });
    expect(await pending()).toEqual(["a", "b", "c", "d", "e"]);
  });

  test("that denies holds over all leave, and may hold over approving by itself", async () => {
    await make({ name: "No push", pattern: "builtin:shell:git push *", action: "auto_deny" });
    await ada.as.mutation(api.sandboxSessions.update, { sessionId, autoApprove: true });
    await ask("a", "bash -c 'git push --force'");
    await ask("b", "git $X");
    await ask("c", "git status");
    expect(await pending()).toEqual(["b"]);
    expect(await decided()).toMatchObject([
      { approval_key: "a", decision: "denied", message: "Denied by the rule “No push”." },
      { approval_key: "c", decision: "approved", decided_by: "Auto-approve of this session" },
    ]);
  });

  test("of a wider place is outranked by a session's, but not what an admin denied for everyone", async () => {
    const bob = await colleague();
    await db.t.run(async (ctx) => await ctx.db.patch(sessionId, { userId: bob.userId }));
    await make({ pattern: "builtin:shell:git *", action: "ask" });
    await make({ pattern: "builtin:shell:git push *", action: "auto_deny" });
    const own = { ...RULE, scope: "session" as const, sessionId, pattern: "builtin:shell:git *" };
    await bob.as.mutation(api.approvalRules.create, own);
    await ask("a", "git status");
    await ask("b", "git push");
    expect((await decided()).map(({ decision }) => decision)).toEqual(["approved", "denied"]);
    // An admin's word in the session is the narrower one.
    await ada.as.mutation(api.approvalRules.create, {
      ...own,
      priority: 5,
      pattern: "builtin:shell:git push *",
    });
    await ask("c", "git push");
    expect((await decided()).at(-1)).toMatchObject({ approval_key: "c", decision: "approved" });
  });

  test("for everywhere allows nothing in production, and still denies there", async () => {
    await db.t.run(async (ctx) => await ctx.db.patch(sessionId, { environment: "production" }));
    await make();
    await make({ pattern: "builtin:shell:rm *", action: "auto_deny" });
    await ask("a", "npm test");
    await ask("b", "rm x");
    expect(await pending()).toEqual(["a"]);
    await make({ scope: "environment", environment: "production" });
    await ask("c", "npm test");
    expect(await pending()).toEqual(["a"]);
  });

  test("holds for a person's direct command where it denies, and only there", async () => {
    await make({ name: "No push", pattern: "builtin:shell:git push *", action: "auto_deny" });
    const begin = async (command: string) =>
      await ada.by.mutation(api.directTools.begin, { sessionId, commandId: "c", command });
    await expect(begin("ls && sh -c 'git push'")).rejects.toThrow("No push");
    await begin("git status");
  });

  test("of a rule that was switched off or deleted is a person's again", async () => {
    const { id: ruleId } = await make();
    await ada.as.mutation(api.approvalRules.update, { ruleId, enabled: false });
    await ask("a", "npm test");
    await ada.as.mutation(api.approvalRules.update, { ruleId, enabled: true });
    await ask("b", "npm test");
    await ada.as.mutation(api.approvalRules.remove, { ruleId });
    await ask("c", "npm test");
    expect(await pending()).toEqual(["a", "c"]);
  });
});

describe("from the card", () => {
  const pattern = "builtin:shell:npm test *";
  const allow = async (key: string, rule: { pattern: string; scope: "session" | "environment" }, as = ada) =>
    await as.as.mutation(api.approvals.decide, { runId, key, decision: "approved", rule });

  test("a rule is made with the decision, once, and answers what is open of its like", async () => {
    await ask("a", "npm test src");
    await ask("b", "npm test lib");
    await ask("c", "npm install");
    await allow("a", { pattern, scope: "session" });
    await expect(allow("a", { pattern, scope: "session" })).rejects.toThrow("already");
    expect(await pending()).toEqual(["c"]);
    const [first, second] = await decided();
    expect(first).toMatchObject({
      reason: "person",
      made_rule: { name: "npm test *", pattern, scope: "session" },
    });
    expect(second).toMatchObject({ approval_key: "b", reason: "rule", decided_by: "The rule “npm test *”" });
    const { page: own } = await ada.as.query(api.approvalRules.list, {
      scope: "session",
      sessionId,
      ...page,
    });
    expect(own).toHaveLength(1);
    expect(await rulesNow()).toEqual([]);
    // Undone, the next is asked again.
    await ada.as.mutation(api.approvalRules.remove, { ruleId: own[0]!.id });
    await ask("d", "npm test x");
    expect(await pending()).toEqual(["c", "d"]);
  });

  test("a rule that does not cover what is asked, or is no pattern, is none", async () => {
    await ask("a", "npm test; rm x");
    for (const wrong of [pattern, "builtin:shell:rm *", "npm", "a:b\n"])
      await expect(allow("a", { pattern: wrong, scope: "session" })).rejects.toThrow();
    expect(await pending()).toEqual(["a"]);
    expect(await rulesNow()).toEqual([]);
  });

  test("a member makes none for everyone, nor in another's session", async () => {
    const bob = await colleague();
    await ask("a", "npm test");
    await expect(allow("a", { pattern, scope: "environment" }, bob)).rejects.toThrow();
    await expect(allow("a", { pattern, scope: "session" }, bob)).rejects.toThrow();
    expect(await pending()).toEqual(["a"]);
    await allow("a", { pattern, scope: "environment" });
    expect(await rulesNow()).toMatchObject([{ scope: "environment", environment: "development" }]);
  });

  test("what a rule denies by now, nobody approves", async () => {
    await ask("a", "git push");
    await make({ pattern: "builtin:shell:git push *", action: "auto_deny", name: "No push" });
    const as = { runId, key: "a" };
    await expect(ada.as.mutation(api.approvals.decide, { ...as, decision: "approved" })).rejects.toThrow(
      "No push",
    );
    await ada.as.mutation(api.approvals.decide, { ...as, decision: "denied" });
  });
});

describe("rules", () => {
  test("stand in the order they are moved to, and within it keep counting", async () => {
    const ids = [];
    for (const name of ["a", "b", "c", "d"]) ids.push((await make({ name })).id);
    const [a, b, , d] = ids;
    const order = async () =>
      (await rulesNow())
        .toSorted((x, y) => y.priority - x.priority || x.createdAt - y.createdAt)
        .map(({ name }) => name);
    await ada.as.mutation(api.approvalRules.move, { ruleId: d!, beforeId: a! });
    expect(await order()).toEqual(["d", "a", "b", "c"]);
    await ada.as.mutation(api.approvalRules.move, { ruleId: a!, beforeId: null });
    await ada.as.mutation(api.approvalRules.move, { ruleId: d!, beforeId: b! });
    expect(await order()).toEqual(["d", "b", "c", "a"]);
    await expect(ada.as.mutation(api.approvalRules.move, { ruleId: a!, beforeId: "nope" })).rejects.toThrow();
  });

  test("of others are not there, and a member makes none for everyone", async () => {
    const { id: ruleId } = await make();
    const eve = await member(db, "eve");
    for (const act of [
      async () => await eve.as.mutation(api.approvalRules.remove, { ruleId }),
      async () => await eve.as.mutation(api.approvalRules.update, { ruleId, enabled: false }),
      async () => await eve.as.mutation(api.approvalRules.create, { ...RULE, scope: "session", sessionId }),
      async () => await eve.as.query(api.approvalRules.list, { scope: "session", sessionId, ...page }),
    ])
      await expect(act()).rejects.toThrow(/no such/i);
    const bob = await colleague();
    await expect(bob.as.mutation(api.approvalRules.create, RULE)).rejects.toThrow();
    await expect(bob.as.mutation(api.approvalRules.update, { ruleId, enabled: false })).rejects.toThrow();
    await expect(bob.as.mutation(api.approvalRules.remove, { ruleId })).rejects.toThrow();
    await expect(
      bob.as.mutation(api.approvalRules.create, { ...RULE, scope: "session", sessionId }),
    ).rejects.toThrow();
    expect(await rulesNow()).toHaveLength(1);
  });

  test("are as many as can be read for one decision", async () => {
    const { organizationId, userId } = ada;
    await db.t.run(async (ctx) => {
      for (let index = 0; index < MAX_RULES; index += 1)
        await ctx.db.insert("approvalRules", {
          ...RULE,
          organizationId,
          place: "organization",
          pattern: `builtin:shell:${"x".repeat(400)}${index} *`,
          isAdmins: true,
          createdById: userId,
          updatedAt: 0,
        });
    });
    await expect(make()).rejects.toThrow("1000");
    await ask("a", "npm test");
    expect(await pending()).toEqual(["a"]);
    const own = { ...RULE, scope: "session" as const, sessionId };
    for (let index = 0; index < MAX_SESSION_RULES; index += 1)
      await ada.as.mutation(api.approvalRules.create, own);
    await expect(ada.as.mutation(api.approvalRules.create, own)).rejects.toThrow("50");
    await ask("b", "npm test");
    expect(await pending()).toEqual(["a"]);
  });

  test("are tried on what was asked before", async () => {
    await make();
    await ask("a", "npm test");
    await ask("b", "rm x");
    await ada.as.mutation(api.approvals.decide, { runId, key: "b", decision: "denied" });
    const { page: past } = await ada.as.query(api.approvalRules.past, page);
    expect(past.map(({ key, decision, reason }) => [key, decision, reason])).toEqual([
      ["b", "denied", "person"],
      ["a", "approved", "rule"],
    ]);
    expect(JSON.parse(past[0]!.call!)).toMatchObject({ tool: "bash", request: { command: "rm x" } });
  });
});

describe("a tool that is free", () => {
  const fetches = (url: string) => ({ tool: "webfetch", kind: "fetch", request: { url } });
  const held = async () => await db.service.query(api.sessionAgent.heldTools, { sessionId });

  test("asks only where a rule may hold it back, and is then decided at once", async () => {
    expect(await held()).toEqual([]);
    await make({ name: "No evil", pattern: "builtin:fetch:https://evil.example/*", action: "auto_deny" });
    expect(await held()).toEqual(["webfetch"]);
    await ask("a", "", fetches("https://good.example/"));
    await ask("b", "", fetches("https://evil.example/x"));
    expect(await pending()).toEqual([]);
    expect(await decided()).toMatchObject([
      { approval_key: "a", decision: "approved", reason: "rule", decided_by: "Studio" },
      { approval_key: "b", decision: "denied", rules: [{ name: "No evil" }] },
    ]);
  });

  test("of a rule that asks, a person decides", async () => {
    await make({ name: "Ask", pattern: "builtin:fetch", action: "ask" });
    await ask("a", "", fetches("https://good.example/"));
    expect(await pending()).toEqual(["a"]);
  });
});

describe("the use of a rule", () => {
  const useOf = async (id: string) => (await rulesNow()).find((rule) => rule.id === id);
  const today = startOfDay(Date.now());

  test("is noted by the day, with whatever it decides, and no more often", async () => {
    const allows = await make();
    const asks = await make({ name: "Asks", pattern: "builtin:shell:git push *", action: "ask" });
    const idle = await make({ name: "Idle", pattern: "builtin:shell:make *" });
    await ask("a", "npm test src");
    await ask("b", "git push origin");
    expect((await useOf(allows.id))?.usedAt).toBe(today);
    expect((await useOf(asks.id))?.usedAt).toBe(today);
    expect(await useOf(idle.id)).not.toHaveProperty("usedAt");
    // A row that was written again would be another: its day alone tells nothing of it.
    await db.t.run(async (ctx) => await ctx.db.patch(allows.id, { usedAt: 1 }));
    await ask("c", "npm test src");
    expect((await useOf(allows.id))?.usedAt).toBe(today);
    expect((await useOf(allows.id))?.updatedAt).toBe(allows.updatedAt);
  });

  test("counts from the migration on, where the rule is older", async () => {
    const { id } = await make();
    const fn = "migrations:rulesUsed";
    const migrate = async () => await db.t.mutation(internal.migrations.rulesUsed, { fn, cursor: null });
    await db.t.run(async (ctx) => await ctx.db.patch(id, { updatedAt: 0 }));
    const long = today + (UNUSED_DAYS + 1) * 86_400_000;
    expect(isUnused((await useOf(id))!, today + 86_400_000)).toBe(true);
    await migrate();
    const after = (await useOf(id))!;
    await migrate();
    expect(await useOf(id)).toEqual(after);
    expect(isUnused(after, today + 86_400_000)).toBe(false);
    expect(isUnused(after, long)).toBe(true);
    expect(isUnused({ ...after, action: "auto_deny" }, long)).toBe(false);
    expect(isUnused({ ...after, enabled: false }, long)).toBe(false);
  });
});

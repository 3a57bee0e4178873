import { beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { api } from "#convex/_generated/api.js";
import type { Approver } from "#domain/approvers.ts";
import { ask, freshRun, pending, runId } from "./approval-world.ts";
import { sessionId } from "./ready-session.ts";
import { type Member, member } from "./support.ts";
import { RULE } from "./things.ts";
import { ada, db } from "./world.ts";

freshRun();

let bob: Member;

beforeEach(async () => {
  bob = await member(db, "bob", "member", "ada");
});

const policy = async (...approvers: Partial<Approver>[]) =>
  await ada.as.mutation(api.organizationSettings.set, {
    approvers: approvers.map((one): Approver => ({
      environment: "development",
      kind: "run",
      role: "member",
      someone_else: false,
      someone_else_minutes: null,
      ...one,
    })),
  });
type Decision = "approved" | "approved_for_session" | "denied" | "abort";
const decide = async (who: Member, key: string, decision: Decision = "approved") =>
  await who.as.mutation(api.approvals.decide, { runId, key, decision });
const standing = async (who: Member, key: string) =>
  await who.as.query(api.approvals.standing, { runId, key });

describe("by role", () => {
  test("a kind that is for admins is approved by none else, in whatever command it hides; anyone may deny", async () => {
    await policy({ kind: "push", role: "admin" });
    await ask("plain", "npm test");
    await ask("push", "npm test && git push");
    await ask("hidden", 'eval "$X"');
    await decide(bob, "plain");
    for (const key of ["push", "hidden"]) {
      await expect(decide(bob, key)).rejects.toThrow("only admins");
      await expect(decide(bob, key, "approved_for_session")).rejects.toThrow("only admins");
    }
    expect(await standing(bob, "push")).toEqual({
      words: "Admins can approve this.",
      obstacle: { by: "role" },
    });
    await decide(bob, "hidden", "denied");
    await decide(ada, "push");
    expect(await pending()).toEqual([]);
  });

  test("a role that was taken from somebody no longer approves", async () => {
    await policy({ role: "admin" });
    await ask("a", "ls");
    const carl = await member(db, "carl", "admin", "ada");
    await member(db, "carl", "member", "ada");
    await expect(decide(carl, "a")).rejects.toThrow("only admins");
  });

  test("leave that a member gave before does not reach what is for admins by now", async () => {
    await ask("a", "npm test");
    await decide(bob, "a", "approved_for_session");
    await ask("b", "npm test");
    expect(await pending()).toEqual([]);
    await policy({ role: "admin" });
    await ask("c", "npm test");
    expect(await pending()).toEqual(["c"]);
    await decide(ada, "c", "approved_for_session");
    await ask("d", "npm test");
    expect(await pending()).toEqual([]);
  });
});

describe("someone else", () => {
  test("who started the run does not approve it, an admin included", async () => {
    await policy({ someone_else: true });
    await ask("a", "npm test");
    expect(await standing(ada, "a")).toEqual({
      words: "Members and admins can approve this, but not ada.",
      obstacle: { by: "self", untilMs: null },
    });
    expect((await standing(bob, "a")).obstacle).toBeNull();
    await expect(decide(ada, "a")).rejects.toThrow("somebody else");
    await decide(bob, "a");
    await ask("b", "npm test");
    await decide(ada, "b", "denied");
  });

  test("for so long: then who started the run may, too", async () => {
    await policy({ someone_else: true, someone_else_minutes: 5 });
    await ask("a", "npm test");
    await expect(decide(ada, "a")).rejects.toThrow("in 5 minutes");
    const { obstacle } = await standing(ada, "a");
    const untilMs = obstacle?.by === "self" ? (obstacle.untilMs ?? 0) : 0;
    expect(Math.abs(untilMs - Date.now() - 5 * 60_000)).toBeLessThan(10_000);
    vi.useFakeTimers({ toFake: ["Date"], now: untilMs + 1 });
    onTestFinished(() => void vi.useRealTimers());
    await decide(ada, "a");
    expect(await pending()).toEqual([]);
  });

  test("leave of their own for the session, a rule of theirs in it, and approving by itself count for nothing", async () => {
    await ask("a", "npm test");
    await decide(ada, "a", "approved_for_session");
    await ada.as.mutation(api.approvalRules.create, {
      scope: "session",
      sessionId,
      name: "Tests",
      pattern: "builtin:shell:npm *",
      action: "auto_approve",
      priority: 0,
      enabled: true,
    });
    await ada.as.mutation(api.sandboxSessions.update, { sessionId, autoApprove: true });
    await ask("b", "npm test");
    expect(await pending()).toEqual([]);
    await policy({ someone_else: true });
    await ask("c", "npm test");
    expect(await pending()).toEqual(["c"]);
    await decide(bob, "c", "approved_for_session");
    await ask("d", "npm test");
    expect(await pending(), "leave of somebody else's counts").toEqual([]);
  });

  test("a rule of the organization's counts: it is an admin's word for everyone", async () => {
    await policy({ someone_else: true });
    await ada.as.mutation(api.approvalRules.create, RULE);
    await ask("a", "npm test");
    expect(await pending()).toEqual([]);
  });

  test("a rule of a session is leave of the person who wrote it last", async () => {
    await policy({ someone_else: true });
    const carl = await member(db, "carl", "admin", "ada");
    const rule = await carl.as.mutation(api.approvalRules.create, {
      ...RULE,
      scope: "session",
      sessionId,
    });
    await ask("a", "npm test");
    expect(await pending()).toEqual([]);
    await ada.as.mutation(api.approvalRules.update, { ruleId: rule.id, pattern: "builtin:shell:npm *" });
    await ask("b", "npm test");
    expect(await pending()).toEqual(["b"]);
  });

  test("a person's own command is refused as well: they would approve it themselves", async () => {
    const begin = async (who: Member) =>
      await who.by.mutation(api.directTools.begin, { sessionId, commandId: "c", command: "npm test" });
    await policy({ someone_else: true });
    await expect(begin(ada)).rejects.toThrow("somebody else");
    await policy({ kind: "push", role: "admin" });
    await begin(ada);
  });
});

describe("the setting", () => {
  test.each([
    [{ environment: "production", role: "member" }, "only admins work in production"],
    [{ someone_else_minutes: 5 }, "needs someone_else"],
    [{ someone_else: true, someone_else_minutes: 0 }, "from 1 to"],
    [{ someone_else: true, someone_else_minutes: 1.5 }, "from 1 to"],
  ] as const)("%j is refused", async (one, why) => {
    await expect(policy(one)).rejects.toThrow(why);
  });

  test("an entry twice, too many, or a member's change is refused", async () => {
    await expect(policy({}, {})).rejects.toThrow("twice");
    await expect(policy(...Array.from({ length: 13 }, () => ({})))).rejects.toThrow("0 to 12");
    await expect(bob.as.mutation(api.organizationSettings.set, { approvers: [] })).rejects.toThrow("admin");
  });
});

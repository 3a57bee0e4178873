import { describe, expect, test } from "vitest";
import { monthlyLimitsResponse } from "#contracts/monthly-limits.ts";
import type { Session } from "#domain/session.ts";
import { type Api, until } from "#tests/api.ts";
import { sharedStudio } from "#tests/shared-studio.ts";
import { Visitor } from "#tests/visitor.ts";

const { stack, api } = await sharedStudio();

const setLimit = async (as: Api, body: object) => await as.call("PUT", "/api/v1/limits", body);
const waitingFor = async (as: Api, id: string, cause: Session["waitingFor"]) =>
  await until(`the wait for ${cause}`, async () => {
    const session = await as.session(id);
    return session.waitingFor === cause ? session : null;
  });
const asked = async (as: Api, runId: string) =>
  (await as.call<{ approvals: { approval_key: string }[] }>("GET", `/api/v1/runs/${runId}/approvals/pending`))
    .body.approvals;

describe("a monthly limit", async () => {
  const { api: own } = await Visitor.withOrganization(stack.url, "Limited");

  test("pauses the run, says so by status and event, and lets it go on once it is raised", async () => {
    const session = await own.idleSession();
    await stack.spend(session.organizationId, session.id, 9_900);
    expect(await setLimit(own, { subject: "organization", limit_micro_usd: 10_000 })).toMatchObject({
      status: 200,
      body: { limit: { spent_micro_usd: 9_900, warned_percent: 0 } },
    });
    const runId = await own.send(session.id, "```demo\nread CLAUDE.md\nsay done\n```");
    expect(await waitingFor(own, session.id, "limit")).toMatchObject({
      status: "active",
      waitDetail: {
        status: 402,
        message: "The organization's monthly limit is reached",
        limit: { subject: "organization", subjectId: session.organizationId },
      },
    });
    const events = await own.events(session.id);
    expect(events.filter(({ type }) => type === "budget.warning").map(({ payload }) => payload)).toEqual([
      expect.objectContaining({ scope: "organization", threshold_percent: 100 }),
    ]);
    expect((await own.run(runId)).status).toBe("running");
    // Somewhere else, by whom it may be.
    expect((await setLimit(own, { subject: "organization", limit_micro_usd: 5_000_000 })).status).toBe(200);
    expect((await own.finish(runId)).status).toBe("completed");
    expect((await own.session(session.id)).waitingFor).toBeNull();
    const { limits } = monthlyLimitsResponse.parse((await own.call("GET", "/api/v1/limits")).body);
    expect(limits).toMatchObject([{ subject: "organization", limit_micro_usd: 5_000_000 }]);
    expect(limits[0]?.spent_micro_usd).toBeGreaterThan(9_900);
  });

  test("a run that waits for one can be stopped", async () => {
    const session = await own.idleSession();
    await stack.spend(session.organizationId, session.id, 9_900);
    await setLimit(own, { subject: "organization", limit_micro_usd: 10_000 });
    const runId = await own.send(session.id, "list files");
    await waitingFor(own, session.id, "limit");
    expect((await own.call("POST", `/api/v1/runs/${runId}/cancel`)).status).toBeLessThan(300);
    const run = await until("its end", async () => {
      const now = await own.run(runId);
      return now.status === "cancelled" ? now : null;
    });
    expect(run.status).toBe("cancelled");
    expect((await own.session(session.id)).waitingFor).toBeNull();
    await own.stop(session.id);
    await until("the holds' end", async () => {
      const now = monthlyLimitsResponse.parse((await own.call("GET", "/api/v1/limits")).body);
      return now.limits[0]?.held_micro_usd === 0;
    });
    expect((await own.call("DELETE", "/api/v1/limits?subject=organization")).status).toBe(204);
  });
});

describe("the same call five times in a row", () => {
  test("asks although a rule allows it, and goes on once a person lets it", async () => {
    const session = await api.idleSession();
    const rule = await api.call<{ id: string }>("POST", "/api/v1/approval-rules", {
      name: "Echo",
      tool_pattern: "builtin:shell:echo *",
      action: "auto_approve",
      scope: "session",
      session_id: session.id,
    });
    expect(rule.status).toBe(201);
    const runId = await api.send(session.id, `\`\`\`demo\n${"run echo again\n".repeat(6)}say done\n\`\`\``);
    const { approval_key } = await api.question(runId);
    expect(await asked(api, runId)).toMatchObject([{ approval_key, same_calls: 5 }]);
    const events = await api.eventsOf(session.id, runId);
    expect(events.filter(({ type }) => type === "tool.completed").length).toBe(4);
    expect(events.findLast(({ type }) => type === "approval.requested")?.payload).toMatchObject({
      approval_key,
      same_calls: 5,
    });
    await api.decide(runId, approval_key, "approved");
    const run = await until("the end of the run", async () => {
      const now = await api.run(runId);
      return now.status === "running" ? null : now;
    });
    expect(run.status).toBe("completed");
    expect(await asked(api, runId)).toEqual([]);
  });

  test("holds the model's next call where it asks nobody; denied, the run ends and says why", async () => {
    const session = await api.idleSession();
    const runId = await api.send(session.id, `\`\`\`demo\n${"read CLAUDE.md\n".repeat(12)}say done\n\`\`\``);
    const { approval_key, tool } = await api.question(runId);
    expect(tool).toBe("read");
    expect(await api.session(session.id)).toMatchObject({ status: "active", waitingFor: "approval" });
    await api.decide(runId, approval_key, "denied");
    const run = await until("the end of the run", async () => {
      const now = await api.run(runId);
      return now.status === "running" ? null : now;
    });
    expect(run.status).toBe("failed");
    expect(run.error).toContain("same call 5 times in a row");
    await api.stop(session.id);
  });
});

import { expect, test } from "vitest";
import { until } from "#tests/api.ts";
import { sharedStudio } from "#tests/shared-studio.ts";

const { api } = await sharedStudio();

/** The agent's own store is the sandbox user's: what is let run there can allow the agent everything. */
const TAKE_OVER = `
const { DatabaseSync } = require("node:sqlite");
const db = new DatabaseSync("/home/user/.local/share/opencode/opencode.db", { timeout: 8000 });
db.prepare("update session set permission = ?").run(JSON.stringify([{ permission: "*", pattern: "*", action: "allow" }]));
console.log("taken over");
`;

const script = (...lines: string[]) => ["```demo", ...lines, "```"].join("\n");

test("SPEC-1: an agent that acts without a decision is ended, the run says so, and the log denies nothing that ran", async () => {
  const session = await api.createSession();
  const first = await api.finish(
    await api.send(
      session.id,
      script("write over.cjs <<EOF", TAKE_OVER.trim(), "EOF", "run node over.cjs", "say one"),
    ),
  );
  expect(first.status).toBe("completed");
  const runId = await api.send(
    session.id,
    script("write evil.txt <<EOF", "nobody allowed this", "EOF", "run sleep 60", "say two"),
  );
  const run = await until(
    "the end of the run",
    async () => {
      const now = await api.run(runId);
      return now.status === "running" || now.status === "pending" ? null : now;
    },
    60_000,
  );
  expect(run).toMatchObject({ status: "failed", error_kind: "violation" });
  const events = await api.events(session.id);
  expect(events.filter(({ type }) => type === "tool.completed").at(0)?.payload).toMatchObject({
    tool_name: "write",
  });
  expect(events.find(({ type }) => type === "run.violation")?.payload).toMatchObject({
    tool_name: "write",
    cause: "unasked",
  });
  expect(events.filter(({ type }) => type === "tool.denied")).toEqual([]);
  await until(
    "another agent",
    async () => {
      const restarted = (await api.events(session.id)).find(({ type }) => type === "agent.restarted");
      return restarted?.payload.cause === "violation" ? restarted : null;
    },
    60_000,
  );
  const third = await api.send(session.id, script("run touch evil2.txt", "say three"));
  const asked = await api.question(third);
  await api.decide(third, asked.approval_key, "denied");
  expect(await api.finish(third)).toMatchObject({ status: "completed" });
  await api.stop(session.id);
});

test("SPEC-1, SEC-30: a command that was allowed cannot answer the next question in people's place", async () => {
  const session = await api.createSession();
  const loop =
    '(while sleep 0.3; do for i in $(curl -s -u opencode:$OPENCODE_SERVER_PASSWORD http://127.0.0.1:2469/permission | grep -o \'"id":"per_[^"]*"\' | cut -d\'"\' -f4); do curl -s -u opencode:$OPENCODE_SERVER_PASSWORD -X POST -H \'content-type: application/json\' -d \'{"reply":"always"}\' http://127.0.0.1:2469/permission/$i/reply; done; done) >/dev/null 2>&1 &';
  const runId = await api.send(
    session.id,
    script(`run ${loop}`, "write evil.txt <<EOF", "nobody allowed this", "EOF", "say done"),
  );
  const first = await api.question(runId);
  await api.decide(runId, first.approval_key, "approved");
  const second = await until("the second question", async () => {
    const next = await api.question(runId);
    return next.approval_key === first.approval_key ? null : next;
  });
  // Time for several rounds of the loop.
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  expect((await api.run(runId)).status).toBe("running");
  await api.call("POST", `/api/v1/runs/${runId}/approvals/${second.approval_key}`, {
    decision: "denied",
    reason: "Not that file",
  });
  expect(await api.finish(runId)).toMatchObject({ status: "completed" });
  const events = await api.events(session.id);
  expect(events.filter(({ type }) => type === "run.violation")).toEqual([]);
  expect(events.find(({ type }) => type === "tool.error")?.payload.error).toContain("Not that file");
  const listed = await api.call("GET", `/api/studio/sessions/${session.id}/files?path=/workspace`);
  expect(JSON.stringify(listed.body)).not.toContain("evil.txt");
  await api.stop(session.id);
});

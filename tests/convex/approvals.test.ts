import { beforeEach, expect, test } from "vitest";
import { api } from "../../convex/_generated/api.js";
import type { Id } from "../../convex/_generated/dataModel.js";
import { database, type Database, member, type Member, readySession } from "./support.ts";

let db: Database;
let ada: Member;
let sessionId: Id<"sandboxSessions">;
let runId: Id<"runs">;
let generation: number;
let batch: number;

beforeEach(async () => {
  db = database();
  ada = await member(db, "ada");
  ({ sessionId, generation } = await readySession(db, ada));
  ({ runId } = await ada.as.mutation(api.runs.start, { sessionId, message: "hi" }));
  batch = 0;
});

async function ask(key: string, command: string): Promise<void> {
  batch += 1;
  const payload = JSON.stringify({
    approval_key: key,
    tool: "bash",
    tool_call_id: `call-${key}`,
    kind: "execute",
    summary: `Run ${command}`,
    request: { command },
    expires_at: Date.now() + 600_000,
  });
  const event = { type: "approval.requested", source: "agent.permission", payload, runId, rpcId: `"${key}"` };
  await db.service.mutation(api.events.append, { sessionId, generation, batch, events: [event] });
}
const decide = async (key: string, decision: "approved" | "approved_for_session" | "denied" | "abort") =>
  await ada.as.mutation(api.approvals.decide, { runId, key, decision });
const pending = async () => (await ada.as.query(api.approvals.pending, { runId })).map(({ key }) => key);
const decided = async () =>
  (await ada.as.query(api.events.list, { sessionId, after: 0, limit: 200 })).events
    .filter(({ type }) => type === "approval.decided")
    .map(({ payload }) => JSON.parse(payload) as Record<string, unknown>);
const answers = async () =>
  (await db.service.query(api.sessionCommands.inbox, { sessionId })).queued.flatMap(({ command }) =>
    command.kind === "decision" ? [[command.rpcId, command.optionId]] : [command.kind],
  );

test("what is allowed for the session is not asked again, to the letter and no further", async () => {
  await ask("a", "git status");
  await ask("b", "git status");
  await ask("c", "git status && rm -rf /");
  await decide("a", "approved_for_session");
  expect(await pending(), "the same, asked already, is answered with it").toEqual(["c"]);
  await ask("d", "git status");
  await ask("e", "git  status");
  expect(await pending()).toEqual(["c", "e"]);
  expect(await decided()).toMatchObject([
    { approval_key: "a", decision: "approved", reason: "person", for_session: true },
    { approval_key: "b", decision: "approved", reason: "rule" },
    { approval_key: "d", decision: "approved", reason: "rule" },
  ]);
  expect(await answers()).toEqual(["prompt", ['"a"', "once"], ['"b"', "once"], ['"d"', "once"]]);
});

test("a denial that stops the run denies, and has the agent stop", async () => {
  await ask("a", "ls");
  await decide("a", "abort");
  expect(await decided()).toMatchObject([{ decision: "denied", reason: "person" }]);
  expect(await answers()).toEqual(["prompt", ['"a"', "reject"], "cancel"]);
});

test("a session that approves by itself is not kept waiting, and logs each answer", async () => {
  await ada.as.mutation(api.sandboxSessions.update, { sessionId, autoApprove: true });
  await ask("a", "ls");
  expect(await pending()).toEqual([]);
  expect(await decided()).toMatchObject([
    { decision: "approved", reason: "rule", decided_by: "Auto-approve of this session" },
  ]);
  expect((await ada.as.query(api.sandboxSessions.get, { sessionId })).waitingFor).toBeNull();
  await ada.as.mutation(api.sandboxSessions.update, { sessionId, autoApprove: false });
  await ask("b", "ls");
  expect(await pending()).toEqual(["b"]);
});

test("a subagent's question that is told again after its answer is not asked again", async () => {
  const tell = async (key: string, rpcId: string) => {
    batch += 1;
    const payload = JSON.stringify({
      approval_key: key,
      tool: "bash",
      tool_call_id: "call",
      kind: "execute",
      summary: "Run ls",
      request: { command: "ls" },
      expires_at: Date.now() + 600_000,
    });
    const event = { type: "approval.requested", source: "agent.permission", payload, runId, rpcId };
    await db.service.mutation(api.events.append, { sessionId, generation, batch, events: [event] });
  };
  await tell("a", '{"subagent":"per_1"}');
  await decide("a", "approved");
  await tell("b", '{"subagent":"per_1"}');
  expect(await pending()).toEqual([]);
  await tell("c", '{"subagent":"per_2"}');
  expect(await pending()).toEqual(["c"]);
});

import { expect, test } from "vitest";
import { api } from "#convex/_generated/api.js";
import { append, ask, batch, decided, freshRun, pending, runId } from "./approval-world.ts";
import { generation, sessionId } from "./ready-session.ts";
import { leaveFor } from "./things.ts";
import { ada, db } from "./world.ts";

freshRun();

const decide = async (key: string, decision: "approved" | "approved_for_session" | "denied" | "abort") =>
  await ada.as.mutation(api.approvals.decide, { runId, key, decision });
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
  const tell = async (key: string, rpcId: string) => await append({ ...leaveFor(key, "ls"), rpcId });
  await tell("a", '{"subagent":"per_1"}');
  await decide("a", "approved");
  await tell("b", '{"subagent":"per_1"}');
  expect(await pending()).toEqual([]);
  await tell("c", '{"subagent":"per_2"}');
  expect(await pending()).toEqual(["c"]);
});

type Came = "tool.completed" | "tool.error" | "tool.output.chunk";
async function came(key: string, type: Came = "tool.completed", tool = "bash", act = true) {
  const call = { tool_call_id: `call-${key}`, tool_name: tool };
  const payload =
    type === "tool.output.chunk"
      ? { tool_call_id: call.tool_call_id, delta: "x" }
      : type === "tool.error"
        ? { ...call, error: "no", duration_ms: 1 }
        : { ...call, title: "t", output: "", duration_ms: 1 };
  return await append({ type, source: "agent.opencode", payload: JSON.stringify(payload), act });
}
const log = async () =>
  (await ada.as.query(api.events.list, { sessionId, after: 0, limit: 200 })).events.map(
    ({ type, payload }) => ({
      type,
      ...(JSON.parse(payload) as Record<string, unknown>),
    }),
  );
const state = async () => {
  const { restart } = await db.service.query(api.sessionCommands.inbox, { sessionId });
  const run = await ada.as.query(api.runs.get, { runId });
  return { restart, status: run.status, errorKind: run.errorKind ?? null };
};
const ENDED = { restart: true, status: "failed", errorKind: "violation" };
const GOES_ON = { restart: false, status: "running", errorKind: null };

test("SPEC-1: a result before the decision is a violation, ends the agent, and is never logged as denied", async () => {
  await ask("a", "rm -rf agents");
  await came("a");
  expect(await state()).toEqual(ENDED);
  expect(await decided()).toMatchObject([{ decision: "bypassed", reason: "violation" }]);
  const events = await log();
  expect(events.filter(({ type }) => type === "tool.denied")).toEqual([]);
  expect(events.filter(({ type }) => type === "run.violation")).toMatchObject([
    { tool_call_id: "call-a", cause: "undecided", message: expect.stringContaining("rm -rf agents") },
  ]);
  await expect(decide("a", "approved")).rejects.toThrow("bypassed");
});

test("SPEC-1: an agent whose run a violation has ended asks nobody any more, and is told of once", async () => {
  await came("a");
  await came("b");
  await ask("c", "rm -rf agents");
  expect(await pending()).toEqual([]);
  const types = (await log()).map(({ type }) => type);
  expect(types.filter((type) => type === "run.violation")).toHaveLength(1);
  expect(types).not.toContain("approval.requested");
  // What it did is told all the same.
  expect(types.filter((type) => type === "tool.completed")).toHaveLength(2);
});

test("SPEC-1: whoever appends a violation is told so at once, and again where the answer was lost", async () => {
  await ask("a", "ls");
  await decide("a", "approved");
  expect(await came("a")).toMatchObject({ violated: false });
  expect(await came("b")).toMatchObject({ violated: true });
  const again = await db.service.mutation(api.events.append, { sessionId, generation, batch, events: [] });
  expect(again).toMatchObject({ violated: true });
});

test("SPEC-1: a result of what was denied is a violation", async () => {
  await ask("a", "ls");
  await decide("a", "denied");
  await came("a");
  expect(await state()).toEqual(ENDED);
  expect(await log()).toContainEqual(expect.objectContaining({ type: "run.violation", cause: "denied" }));
});

test.each(["tool.completed", "tool.output.chunk"] as const)(
  "SPEC-1: %s of an act that nobody was asked about is a violation",
  async (type) => {
    await came("a", type);
    expect(await state()).toEqual(ENDED);
    expect(await log()).toContainEqual(expect.objectContaining({ type: "run.violation", cause: "unasked" }));
  },
);

test("SPEC-1: where a person has allowed everything beforehand, an act that did not ask is no violation", async () => {
  await ada.as.mutation(api.sandboxSessions.update, { sessionId, autoApprove: true });
  await came("a");
  expect(await state()).toEqual(GOES_ON);
});

test("SPEC-1: nothing is a violation that was allowed, only reads, or failed", async () => {
  await ask("a", "ls");
  await decide("a", "approved_for_session");
  await came("a", "tool.output.chunk");
  await came("a");
  await ask("b", "ls");
  await came("b");
  await came("c", "tool.completed", "read", false);
  await came("d", "tool.error");
  await ask("e", "make");
  await decide("e", "denied");
  await came("e", "tool.error");
  await ada.as.mutation(api.sandboxSessions.update, { sessionId, autoApprove: true });
  await ask("f", "make");
  await came("f");
  expect(await state()).toEqual(GOES_ON);
});

test("SPEC-1: a question is over whose call fails before anyone answers", async () => {
  await ask("a", "ls");
  await came("a", "tool.error");
  expect(await pending()).toEqual([]);
  expect(await decided()).toMatchObject([{ decision: "denied", reason: "withdrawn" }]);
  expect(await state()).toEqual(GOES_ON);
});

test("SPEC-1: what an agent did before it was started again is looked at as well", async () => {
  await db.service.mutation(api.sessionAgent.lost, { sessionId, generation, cause: "agent_exited" });
  const payload = JSON.stringify({
    tool_call_id: "x",
    tool_name: "edit",
    title: "t",
    output: "",
    duration_ms: 1,
  });
  const events = [{ type: "tool.completed", source: "agent.opencode", payload, runId, act: true }];
  const restarted = { sessionId, generation, acpServerId: "acp-2", cursor: 1, rpcId: "r2", events };
  await db.service.mutation(api.sessionAgent.restarted, restarted);
  expect(await state()).toEqual({ ...ENDED, restart: false });
});

test("the agent is told who refused, and why", async () => {
  await ask("a", "ls");
  await ask("b", "ls -l");
  await ada.as.mutation(api.approvals.decide, {
    runId,
    key: "a",
    decision: "denied",
    reason: "Use the read tool",
  });
  await decide("b", "denied");
  const { queued } = await db.service.query(api.sessionCommands.inbox, { sessionId });
  expect(queued.map(({ command }) => command)).toMatchObject([
    { kind: "prompt" },
    { toolCallId: "call-a", message: "A person denied this and says: Use the read tool" },
    { toolCallId: "call-b", message: expect.stringMatching(/^A person denied this\./) },
  ]);
  expect((await decided())[0]).toMatchObject({ message: "Use the read tool" });
  await ask("c", "ls -a");
  const long = { runId, key: "c", decision: "denied" as const, reason: "x".repeat(1_001) };
  await expect(ada.as.mutation(api.approvals.decide, long)).rejects.toThrow("reason");
});

test("SPEC-9: what waits for a decision comes with what would be changed", async () => {
  const diff = {
    path: "/workspace/a.txt",
    old_text: null,
    new_text: "x".repeat(20_000),
    bytes: 20_000,
    sha256: "a".repeat(64),
  };
  await ask("w", "write", { diff });
  const [waiting] = await ada.as.query(api.approvals.pending, { runId });
  const event = JSON.parse(waiting?.event ?? "{}") as { diff?: Record<string, unknown> };
  // Its text is cut, and kept whole beside it; the size and hash are of the whole.
  expect(event.diff).toMatchObject({ path: diff.path, bytes: 20_000, sha256: diff.sha256, chars: 20_000 });
});

test("BUG-7: what Studio refuses is denied at once, also where leave was given before, and the agent hears why", async () => {
  await ada.as.mutation(api.sandboxSessions.update, { sessionId, autoApprove: true });
  const diff = { path: "/workspace/l.txt", old_text: "a", new_text: "b" };
  const edit = { tool: "edit", kind: "edit", request: { filepath: "/workspace/l.txt" } };
  await ask("a", "", { ...edit, diff });
  const refusal = "/workspace/l.txt isn't UTF-8";
  await ask("b", "", { ...edit, refusal });
  expect(await pending()).toEqual([]);
  expect(await decided()).toMatchObject([
    { approval_key: "a", decision: "approved", reason: "rule" },
    { approval_key: "b", decision: "denied", reason: "rule", decided_by: "Studio", message: refusal },
  ]);
  const { queued } = await db.service.query(api.sessionCommands.inbox, { sessionId });
  expect(queued.at(-1)?.command).toMatchObject({ optionId: "reject", message: refusal });
});

test("BUG-7: a file that could not be looked at is asked about, whatever was allowed before", async () => {
  await ada.as.mutation(api.sandboxSessions.update, { sessionId, autoApprove: true });
  const path = "/workspace/l.txt";
  const notes = [{ path, unchecked: true }];
  await ask("a", "", { tool: "edit", kind: "edit", request: { filepath: path }, notes });
  expect(await pending()).toEqual(["a"]);
});

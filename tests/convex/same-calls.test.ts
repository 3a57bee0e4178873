import { beforeEach, describe, expect, test } from "vitest";
import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import { RULE } from "./things.ts";
import { freshSession, generation, loseAgent, restartAgent, sessionId } from "./ready-session.ts";
import { ada, db } from "./world.ts";

freshSession();

let batch: number;
let calls: number;
let runId: Id<"runs">;

beforeEach(async () => {
  batch = 0;
  calls = 0;
  ({ runId } = await ada.as.mutation(api.runs.start, { sessionId, message: "hi" }));
});

async function append(...events: { type: string; payload: object; rpcId?: string; act?: boolean }[]) {
  batch += 1;
  return await db.service.mutation(api.events.append, {
    sessionId,
    generation,
    batch,
    events: events.map((event) => ({
      ...event,
      runId,
      source: "agent",
      payload: JSON.stringify(event.payload),
    })),
  });
}

/** A call as the agent tells of it. */
const requested = (input: object, tool = "bash", id = `c${(calls += 1)}`) => ({
  type: "tool.requested",
  payload: {
    tool_call_id: id,
    tool_name: tool,
    kind: tool === "bash" ? "execute" : "read",
    title: tool,
    tool_input: input,
  },
});
/** A command: the agent asks for leave. @returns the key of what was asked */
async function run(command: string, input: object = { command }): Promise<string> {
  const call = requested(input);
  const { tool_call_id } = call.payload;
  const key = `k-${tool_call_id}`;
  await append(call, {
    type: "approval.requested",
    rpcId: `"${tool_call_id}"`,
    payload: {
      approval_key: key,
      tool: "bash",
      tool_call_id,
      kind: "execute",
      summary: `Run ${command}`,
      request: { command },
      expires_at: 0,
    },
  });
  return key;
}
const done = (id = `c${calls}`, tool = "read") => ({
  type: "tool.completed",
  payload: { tool_call_id: id, tool_name: tool, title: tool, output: "", duration_ms: 1 },
});
const read = async (path: string) => await append(requested({ filePath: path }, "read"), done());
const pending = async () => await ada.as.query(api.approvals.pending, { runId });
const decide = async (key: string, decision: "approved" | "denied") =>
  await ada.as.mutation(api.approvals.decide, { runId, key, decision });
const callModel = async (requestId = `m${Math.random()}`) =>
  await db.service.mutation(api.usage.reserve, {
    sessionId,
    requestId,
    keySource: "direct",
    inputMicroUsd: 1_000,
    outputMicroUsdPerMillion: 1_000_000,
    maxOutputTokens: 1_000,
  });
const session = async () => await ada.as.query(api.sandboxSessions.get, { sessionId });
const told = async () =>
  await db.t.run(async (ctx) =>
    (await ctx.db.query("sessionCommands").collect()).flatMap(({ command }) =>
      command.kind === "decision" ? [command] : [],
    ),
  );

describe("a call that asks", () => {
  const allowAll = async () =>
    await ada.as.mutation(api.approvalRules.create, {
      ...RULE,
      name: "All",
      pattern: "builtin:shell:*",
      action: "auto_approve",
    });

  test("asks the fifth time in a row whatever rules and auto-approve say, and then from zero again", async () => {
    await allowAll();
    await ada.as.mutation(api.sandboxSessions.update, { sessionId, autoApprove: true });
    for (let n = 0; n < 4; n += 1) await run("npm test");
    expect(await pending()).toEqual([]);
    const key = await run("npm test");
    const [asked] = await pending();
    expect(JSON.parse(asked?.event ?? "{}")).toMatchObject({ approval_key: key, same_calls: 5 });
    expect((await session()).waitingFor).toBe("approval");
    expect(await callModel()).toEqual({ ok: false, reason: "loop" });
    expect((await pending()).length).toBe(1);
    await decide(key, "approved");
    expect(await callModel()).toMatchObject({ ok: true });
    for (let n = 0; n < 4; n += 1) await run("npm test");
    expect(await pending()).toEqual([]);
    await run("npm test");
    expect((await pending()).length).toBe(1);
  });

  test("a different call in between, or another order of arguments alone", async () => {
    await allowAll();
    for (let n = 0; n < 4; n += 1) await run("npm test");
    await run("npm run build");
    for (let n = 0; n < 4; n += 1) await run("npm test");
    expect(await pending()).toEqual([]);
    await run("npm test", { command: "npm test", timeout: 5 });
    for (let n = 0; n < 3; n += 1) await run("npm test", { timeout: 5, command: "npm test" });
    expect(await pending()).toEqual([]);
    await run("npm test", { timeout: 5, command: "npm test" });
    expect((await pending()).length).toBe(1);
  });

  test("denied, the agent is told why, and each repetition is asked again", async () => {
    await allowAll();
    for (let n = 0; n < 4; n += 1) await run("npm test");
    await decide(await run("npm test"), "denied");
    expect((await told()).at(-1)).toMatchObject({
      optionId: "reject",
      message: expect.stringContaining("same call 5 times in a row"),
    });
    expect(await callModel()).toMatchObject({ ok: true });
    const key = await run("npm test");
    expect((await pending()).map((one) => one.key)).toEqual([key]);
  });

  test("a rule that is made, or leave for the session, does not answer it", async () => {
    await allowAll();
    for (let n = 0; n < 5; n += 1) await run("npm test");
    const [asked] = await pending();
    await ada.as.mutation(api.approvals.decide, {
      runId,
      key: asked!.key,
      decision: "approved_for_session",
    });
    for (let n = 0; n < 5; n += 1) await run("npm test");
    expect((await pending()).length).toBe(1);
  });

  test("what a rule denies stays denied, without anybody being asked", async () => {
    await ada.as.mutation(api.approvalRules.create, {
      ...RULE,
      name: "None",
      pattern: "builtin:shell:npm test",
      action: "auto_deny",
    });
    for (let n = 0; n < 6; n += 1) await run("npm test");
    expect(await pending()).toEqual([]);
    expect(await callModel()).toMatchObject({ ok: true });
  });

  test("the same batch again, as after a change of hands, counts nothing twice", async () => {
    const call = requested({ command: "ls" }, "bash", "same");
    for (let n = 0; n < 6; n += 1) await append(call);
    expect(await callModel()).toMatchObject({ ok: true });
  });

  test("another run begins again", async () => {
    for (let n = 0; n < 4; n += 1) await read("/workspace/a");
    batch += 1;
    await db.service.mutation(api.events.append, {
      sessionId,
      generation,
      batch,
      events: [],
      runEnd: { runId, ending: { status: "completed", output: "", stopReason: "end_turn" } },
    });
    ({ runId } = await ada.as.mutation(api.runs.start, { sessionId, message: "again" }));
    await read("/workspace/a");
    expect(await callModel()).toMatchObject({ ok: true });
  });
});

describe("a call that asks nobody", () => {
  const loop = async () => {
    for (let n = 0; n < 5; n += 1) await read("/workspace/a");
  };

  test("holds the next model call, once, until a person lets it go on", async () => {
    await loop();
    expect(await pending()).toEqual([]);
    const answers = await Promise.all([callModel("a"), callModel("b"), callModel("a")]);
    expect(answers).toEqual(Array.from({ length: 3 }, () => ({ ok: false, reason: "loop" })));
    const open = await pending();
    expect(open).toMatchObject([{ tool: "read" }]);
    expect(JSON.parse(open[0]?.event ?? "{}")).toMatchObject({ same_calls: 5, on_expiry: "deny" });
    expect(await session()).toMatchObject({ status: "active", waitingFor: "approval" });
    await decide(open[0]!.key, "approved");
    // The agent has asked nothing, so it is told nothing.
    expect(await told()).toEqual([]);
    expect(await callModel("a")).toMatchObject({ ok: true });
    expect((await session()).waitingFor).toBeNull();
  });

  test("what comes of the call meanwhile is no violation", async () => {
    await loop();
    await callModel();
    expect(await append(done())).toMatchObject({ violated: false });
    expect((await session()).status).toBe("active");
  });

  test("denied, or unanswered, the run's model calls end", async () => {
    await loop();
    await callModel();
    await decide((await pending())[0]!.key, "denied");
    expect(await callModel()).toEqual({ ok: false, reason: "loop_denied" });
    expect(await callModel()).toEqual({ ok: false, reason: "loop_denied" });
    expect(await pending()).toEqual([]);
  });

  test("a person's own calls beside the run are not held", async () => {
    await loop();
    await callModel();
    const own = { purpose: "chat", keySource: "direct", requestId: "own", sessionId } as const;
    const estimate = {
      inputMicroUsd: 1,
      maxInputMicroUsd: 1,
      outputMicroUsdPerMillion: 1,
      maxOutputTokens: 1_024,
    };
    expect(await ada.by.mutation(api.completions.reserve, { ...own, ...estimate })).toMatchObject({
      ok: true,
    });
  });

  test("an agent that starts again is asked about again", async () => {
    await loop();
    await callModel();
    await loseAgent();
    await restartAgent();
    expect(await pending()).toEqual([]);
    expect(await callModel()).toEqual({ ok: false, reason: "loop" });
    expect((await pending()).length).toBe(1);
  });
});

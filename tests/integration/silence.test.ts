import { describe, expect, test } from "vitest";
import { until } from "#tests/api.ts";
import { descendantsWith } from "#tests/processes.ts";
import { startStudio } from "#tests/studio.ts";

/** Limits as an operator may set them, so short that a test can wait for them. */
const AGENT_SILENCE_S = 8;
const MODEL_SILENCE_S = 3;

const limits = {
  STUDIO_AGENT_SILENCE_SECONDS: String(AGENT_SILENCE_S),
  STUDIO_MODEL_SILENCE_SECONDS: String(MODEL_SILENCE_S),
};
const { stack, api } = await startStudio(async (all) =>
  all.map((service) =>
    service.name === "web" ? { ...service, env: { ...service.env, ...limits } } : service,
  ),
);

const script = (...lines: string[]) => ["```demo", ...lines, "```"].join("\n");
const errorsOf = async (sessionId: string) =>
  (await api.events(sessionId))
    .filter(({ type }) => type === "llm.response.error")
    .map(({ payload }) => String(payload.error));

test("an agent that falls silent is restarted, and the run goes on", async () => {
  const session = await api.idleSession();
  const runId = await api.send(session.id, script("stream 40", "run echo on >> on.txt", "say all said"));
  await until("its first words", async () =>
    (await api.eventsOf(session.id, runId)).some(({ type }) => type === "llm.response.chunk"),
  );
  const [frozen = 0] = descendantsWith(stack.pids().sandboxes ?? 0, "opencode acp");
  process.kill(frozen, "SIGSTOP");
  const run = await api.finish(runId);
  expect(run).toMatchObject({ status: "completed" });
  const restarts = (await api.eventsOf(session.id, runId)).filter(({ type }) => type === "agent.restarted");
  expect(restarts[0]?.payload.cause).toBe("agent_silent");
  expect(await stack.readSandboxFile(session.sandboxId ?? "", "/workspace/on.txt")).toBe("on\n");
  expect(descendantsWith(stack.pids().sandboxes ?? 0, "opencode acp")).not.toContain(frozen);
});

test("an agent that falls silent while a person decides is restarted, and asks again", async () => {
  const session = await api.idleSession();
  const runId = await api.send(session.id, script("run echo on >> asked.txt", "say all said"));
  const first = (await api.question(runId)).approval_key;
  const [frozen = 0] = descendantsWith(stack.pids().sandboxes ?? 0, "opencode acp");
  process.kill(frozen, "SIGSTOP");
  expect((await api.decide(runId, first, "approved")).status).toBe(200);
  const run = await api.finish(runId);
  expect(run).toMatchObject({ status: "completed" });
  expect(run.output).toContain("all said");
  const events = await api.eventsOf(session.id, runId);
  expect(events.find(({ type }) => type === "agent.restarted")?.payload.cause).toBe("agent_silent");
  expect(await stack.readSandboxFile(session.sandboxId ?? "", "/workspace/asked.txt")).toBe("on\n");
});

// They wait for most of their time, each for its own session.
describe.concurrent("what is no silence of the agent", () => {
  test("a command that says nothing for longer than that is let work: its agent answers", async () => {
    const session = await api.createSession();
    const runId = await api.send(session.id, script(`run sleep ${AGENT_SILENCE_S + 6}`, "say all said"));
    const run = await api.finish(runId);
    expect(run).toMatchObject({ status: "completed" });
    const types = (await api.events(session.id)).map(({ type }) => type);
    expect(types).not.toContain("agent.restarted");
    expect(types.filter((type) => type === "tool.started")).toHaveLength(1);
    await api.stop(session.id);
  });

  test("a model that never answers ends the run with a sentence, and the session takes the next message", async () => {
    const session = await api.createSession();
    const run = await api.finish(await api.send(session.id, script("hang", "say never")));
    expect(run.status).toBe("failed");
    expect(run.error).toContain(`didn't begin to respond within ${MODEL_SILENCE_S} s`);
    expect((await api.session(session.id)).status).toBe("idle");
    expect((await api.finish(await api.send(session.id, "list files"))).status).toBe("completed");
    await api.stop(session.id);
  });

  test("a model that stops in the middle is told, and does not hold the run", async () => {
    const session = await api.createSession();
    const run = await api.finish(await api.send(session.id, script("stream 30", "hang", "say the end")));
    expect(["completed", "failed"]).toContain(run.status);
    expect((await errorsOf(session.id)).join("\n")).toContain(
      "sent nothing more in the middle of its answer",
    );
    expect((await api.session(session.id)).status).toBe("idle");
    await api.stop(session.id);
  });
});

import { afterAll, afterEach, describe, expect, test } from "vitest";
import type { Session } from "#domain/session.ts";
import { until } from "#tests/api.ts";
import { descendantsWith } from "#tests/processes.ts";
import { startStudio } from "#tests/studio.ts";

const { stack, api } = await startStudio();

async function stopThose(unwanted: (session: Session) => boolean): Promise<void> {
  const listed = await api.call<{ sessions: Session[] }>("GET", "/api/studio/sessions?limit=20");
  for (const session of listed.body.sessions) if (unwanted(session)) await api.stop(session.id);
}

/** Waits until a session has come to rest, and says how. */
async function atRest(id: string, timeoutMs = 60_000): Promise<Session> {
  return await until(
    "the session to come to rest",
    async () => {
      const session = await api.session(id);
      return ["provisioning", "active"].includes(session.status) ? null : session;
    },
    timeoutMs,
  );
}

/** Whatever broke: the log is whole. */
async function expectWhole(id: string): Promise<void> {
  const events = await api.events(id);
  expect(events.map((event) => event.seq)).toEqual(events.map((_, index) => index + 1));
}

/** The same, and nothing of the sandbox is left. */
async function expectClean(id: string): Promise<void> {
  await expectWhole(id);
  await until(
    "the end of the agent's processes",
    async () => descendantsWith(stack.pids().sandboxes ?? 0, "opencode acp").length === 0,
  );
}

const inSandboxes = (text: string) => descendantsWith(stack.pids().sandboxes ?? 0, text);

describe("when a part breaks in the middle of a run, the session takes the next message", () => {
  // A test that failed must not be another's fault.
  afterEach(async () => await stopThose(({ status }) => status === "provisioning" || status === "active"));
  afterAll(async () => {
    const { id } = await api.idleSession();
    await api.stop(id);
    await expectClean(id);
  });

  test("the agent is killed while it waits for an answer: it is restarted, and asks again", async () => {
    const session = await api.idleSession();
    const runId = await api.send(
      session.id,
      "```demo\nwrite a.txt <<EOF\na\nEOF\nrun echo x >> x.txt\nsay all said\n```",
    );
    await api.decide(runId, (await api.question(runId)).approval_key, "approved");
    const first = await until("the second question", async () => {
      const { approval_key: key, tool } = await api.question(runId);
      return tool === "bash" ? key : null;
    });
    for (const pid of inSandboxes("opencode acp")) process.kill(pid, "SIGKILL");
    await until("a new question", async () => (await api.question(runId)).approval_key !== first);
    expect((await api.decide(runId, first, "approved")).status).toBe(409);
    const run = await api.finish(runId);
    expect(run).toMatchObject({ status: "completed" });
    expect(run.output).toContain("all said");
    expect(await stack.readSandboxFile(session.sandboxId ?? "", "/workspace/x.txt")).toBe("x\n");
    const types = (await api.eventsOf(session.id, runId)).map(({ type }) => type);
    expect(types.filter((type) => type === "agent.restarted")).toHaveLength(1);
    expect(types.filter((type) => type === "tool.completed")).toHaveLength(2);
    await expectWhole(session.id);
  });

  test("the agent's server is killed while a command runs: the call is told as cut off, and the run goes on", async () => {
    const session = await api.idleSession();
    const runId = await api.send(
      session.id,
      "```demo\nrun sleep 4.3\nrun echo after >> after.txt\nsay all said\n```",
    );
    await api.decide(runId, (await api.question(runId)).approval_key, "approved");
    await until("the command", async () => inSandboxes("sleep 4.3").length > 0);
    for (const pid of inSandboxes("agent/bridge.mjs")) process.kill(pid, "SIGKILL");
    const run = await api.finish(runId);
    expect(run).toMatchObject({ status: "completed" });
    const events = await api.eventsOf(session.id, runId);
    const cut = events.filter((event) => event.type === "tool.error");
    expect(cut.map(({ payload }) => payload.interrupted)).toEqual([true]);
    expect(await stack.readSandboxFile(session.sandboxId ?? "", "/workspace/after.txt")).toBe("after\n");
    await expectWhole(session.id);
  });

  test("the agent dies between two runs: it is started again with the new message, and tells nothing twice", async () => {
    const session = await api.idleSession();
    const firstId = await api.send(session.id, "```demo\nrun echo one >> one.txt\nsay the first answer\n```");
    const first = await api.finish(firstId);
    expect(first.output).toContain("the first answer");
    for (const pid of inSandboxes("opencode acp")) process.kill(pid, "SIGKILL");
    const runId = await api.send(session.id, "```demo\nrun echo two >> two.txt\nsay the second answer\n```");
    const second = await api.finish(runId);
    expect(second).toMatchObject({ status: "completed" });
    expect(second.output).toContain("the second answer");
    expect(await stack.readSandboxFile(session.sandboxId ?? "", "/workspace/two.txt")).toBe("two\n");
    const events = await api.eventsOf(session.id, firstId, runId);
    expect(events.filter(({ type }) => type === "agent.restarted")).toHaveLength(1);
    expect(events.filter(({ type }) => type === "tool.completed")).toHaveLength(2);
    const ofSecond = JSON.stringify(events.filter((event) => event.run_id === runId));
    expect(ofSecond).not.toContain("the first answer");
    await expectWhole(session.id);
  });

  test("an agent that ends again and again: the run fails, and the session takes the next message", async () => {
    const session = await api.idleSession();
    const runId = await api.send(session.id, "run `echo never`");
    for (let deaths = 0; deaths < 3; deaths++) {
      let before = "";
      await until("the question", async () => {
        const run = await api.run(runId);
        if (run.status === "failed") return true;
        const pending = await api.call<{ approvals: { approval_key: string }[] }>(
          "GET",
          `/api/v1/runs/${runId}/approvals/pending`,
        );
        before = pending.body.approvals[0]?.approval_key ?? "";
        return before !== "" && inSandboxes("opencode acp").length > 0;
      });
      for (const pid of inSandboxes("opencode acp")) process.kill(pid, "SIGKILL");
      await until("the end of that question", async () => {
        const pending = await api.call<{ approvals: { approval_key: string }[] }>(
          "GET",
          `/api/v1/runs/${runId}/approvals/pending`,
        );
        return pending.body.approvals[0]?.approval_key !== before;
      });
    }
    const run = await api.finish(runId, "denied");
    expect(run).toMatchObject({ status: "failed", error_kind: "agent_exited" });
    expect(run.error).toContain("3 times");
    expect((await atRest(session.id)).status).toBe("idle");
    const next = await api.finish(await api.send(session.id, "list files"));
    expect(next).toMatchObject({ status: "completed" });
    await expectWhole(session.id);
  });

  test("an agent that does not hear a stop: its processes are ended, and the session takes the next message", async () => {
    const session = await api.idleSession();
    const runId = await api.send(session.id, "run `sleep 44`");
    await api.decide(runId, (await api.question(runId)).approval_key, "approved");
    await until("the command", async () => inSandboxes("sleep 44").length > 0);
    for (const pid of inSandboxes("opencode acp")) process.kill(pid, "SIGSTOP");
    const asked = Date.now();
    expect((await api.call("POST", `/api/studio/sessions/${session.id}/cancel`, {})).status).toBe(202);
    expect(await api.finish(runId)).toMatchObject({ status: "cancelled" });
    expect(Date.now() - asked).toBeGreaterThan(9_000);
    await until("the end of the command", async () => inSandboxes("sleep 44").length === 0);
    const next = await api.finish(await api.send(session.id, "list files"));
    expect(next).toMatchObject({ status: "completed" });
    await expectWhole(session.id);
  });

  test("the model's server is down", async () => {
    const session = await api.idleSession();
    await stack.kill("demo model");
    try {
      const run = await api.finish(await api.send(session.id, "list files"));
      expect(run.status).toBe("failed");
      expect(run.error).toContain("couldn't be reached");
      expect((await api.session(session.id)).status).toBe("idle");
    } finally {
      await stack.restart("demo model");
    }
    expect((await api.finish(await api.send(session.id, "list files"))).status).toBe("completed");
    await expectWhole(session.id);
  });

  test("a provider's error is shown, and the agent's retry goes on", async () => {
    const session = await api.idleSession();
    const runId = await api.send(session.id, "```demo\nfail 503\nsay after the storm\n```");
    const run = await api.finish(runId);
    expect(run.status).toBe("completed");
    expect(run.output).toContain("after the storm");
    const errors = (await api.eventsOf(session.id, runId)).filter(
      (event) => event.type === "llm.response.error",
    );
    expect(errors.map((event) => event.payload.error_code)).toContain(503);
  });

  test("the database is killed in the middle of a run, and the run goes on", async () => {
    const session = await api.idleSession();
    const runId = await api.send(session.id, "```demo\nstream 200\nrun echo after\n```");
    await until("text", async () =>
      (await api.eventsOf(session.id, runId)).some((event) => event.type === "llm.response.chunk"),
    );
    await stack.kill("data");
    const refused = await api.call("GET", "/api/studio/sessions");
    expect(refused).toMatchObject({ status: 503, body: { code: "unavailable" } });
    await stack.restart("data");
    const run = await api.finish(runId);
    expect(run).toMatchObject({ status: "completed" });
    await expectWhole(session.id);
  });

  test("the web server is killed in the middle of a run, and another takes the session over", async () => {
    const session = await api.idleSession();
    const runId = await api.send(session.id, "create a file kept.txt containing kept");
    const { approval_key } = await api.question(runId);
    await stack.kill("web");
    await stack.restart("web");
    expect((await api.decide(runId, approval_key, "approved")).status).toBe(200);
    const run = await api.finish(runId);
    expect(run.status).toBe("completed");
    const events = await api.eventsOf(session.id, runId);
    expect(events.filter((event) => event.type === "run.started")).toHaveLength(1);
    expect(events.filter((event) => event.type === "tool.completed")).toHaveLength(1);
    await expectWhole(session.id);
  });
});

describe("when a session's sandbox or its making breaks, it is made again, or ends in a state with a sentence", () => {
  afterEach(async () => await stopThose(({ status }) => !["stopped", "error"].includes(status)));

  /** A session with a command at work. */
  const sleeping = async (seconds: number) => {
    const session = await api.createSession();
    const runId = await api.send(session.id, `run \`sleep ${seconds}\``);
    const { approval_key } = await api.question(runId);
    await api.decide(runId, approval_key, "approved");
    await until("the command", async () => inSandboxes(`sleep ${seconds}`).length > 0);
    return { session, runId };
  };

  test("the sandbox is killed in the middle of a run", async () => {
    const { session, runId } = await sleeping(41);
    await stack.killSandbox(session.sandboxId ?? "");
    const after = await atRest(session.id);
    expect(after.status).toBe("error");
    expect(after.errorMessage).toMatch(/sandbox was lost|connection to the sandbox was lost/);
    expect(await api.run(runId)).toMatchObject({ status: "failed" });
    await expectClean(session.id);
  });

  test("the sandbox is killed in a run with a message behind it: that one goes on in another sandbox", async () => {
    const { session, runId } = await sleeping(43);
    const next = await api.send(session.id, "say hi");
    await stack.killSandbox(session.sandboxId ?? "");
    expect(await api.finish(next)).toMatchObject({ status: "completed" });
    expect(await api.run(runId)).toMatchObject({ status: "failed" });
    expect((await api.session(session.id)).sandboxId).not.toBe(session.sandboxId);
    await expectWhole(session.id);
  });

  test("the sandbox is lost between two turns: the next message goes on in another one", async () => {
    const session = await api.createSession();
    const first = await api.send(session.id, "run `echo kept > a.txt`");
    expect((await api.finish(first)).status).toBe("completed");
    await until("the turn to be saved", async () =>
      (await api.events(session.id)).some(
        ({ type, payload }) => type === "checkpoint.created" && payload["cause"] === "turn",
      ),
    );
    await stack.killSandbox(session.sandboxId ?? "");
    const next = await api.send(session.id, "run `cat a.txt`");
    expect((await api.finish(next)).status).toBe("completed");
    const after = await api.session(session.id);
    expect(after.sandboxId).not.toBe(session.sandboxId);
    const events = await api.events(session.id);
    const output = events.find(({ type, run_id: of }) => type === "tool.completed" && of === next)?.payload
      .output;
    expect(output).toContain("kept");
    // What was asked is there once, however often it was begun with.
    expect(events.filter(({ type, run_id: of }) => type === "message.user" && of === next)).toHaveLength(1);
    await expectWhole(session.id);
  });

  test("the sandbox host is down when a session is made", async () => {
    await stack.kill("sandboxes");
    try {
      const session = await api.createSession(true, true);
      expect(session.status).toBe("error");
      expect(session.errorMessage).toContain("sandbox service isn't responding");
      const failed = (await api.events(session.id)).find((event) => event.payload.status === "failed");
      expect(failed?.payload.step).toBe("sandbox");
      expect(await api.stop(session.id)).toBe(204);
    } finally {
      await stack.restart("sandboxes");
    }
  });

  /** Begins a session with a message, and answers once its sandbox stands and its agent does not yet. */
  const halfMade = async () => {
    const { id } = await api.createSession(false);
    const runId = await api.send(id, "create a file kept.txt containing kept");
    await until("the sandbox", async () =>
      (await api.events(id)).some(
        ({ payload }) => payload.step === "sandbox" && payload.status === "completed",
      ),
    );
    expect((await api.session(id)).status).toBe("provisioning");
    return { id, runId };
  };

  /** The session was made after all, once, and does what it had been asked meanwhile. */
  const expectMade = async ({ id, runId }: { id: string; runId: string }) => {
    expect((await api.decide(runId, (await api.question(runId)).approval_key, "approved")).status).toBe(200);
    expect(await api.finish(runId)).toMatchObject({ status: "completed" });
    const { sandboxId } = await api.session(id);
    expect(await stack.sandboxes()).toEqual([sandboxId]);
    await api.stop(id);
    await expectClean(id);
  };

  test("the sandbox host dies while a session is made: it is made in another sandbox", async () => {
    const begun = await halfMade();
    await stack.kill("sandboxes");
    await stack.restart("sandboxes");
    await expectMade(begun);
  });

  test("the web server is killed while a session is made: another makes it", async () => {
    const begun = await halfMade();
    await stack.kill("web");
    await stack.restart("web");
    await expectMade(begun);
  });

  test("the sandbox host dies in the middle of a run", async () => {
    const session = await api.createSession();
    const runId = await api.send(session.id, "run `sleep 42`");
    await api.question(runId);
    await stack.kill("sandboxes");
    await stack.restart("sandboxes");
    const after = await atRest(session.id);
    expect(after.status).toBe("error");
    expect(after.errorMessage).toMatch(/sandbox/);
    expect((await api.run(runId)).status).toBe("failed");
    await expectClean(session.id);
  });
});

import { expect, test } from "vitest";
import { until } from "#tests/api.ts";
import { descendantsWith } from "#tests/processes.ts";
import { startStudio } from "#tests/studio.ts";

/** What the agent asks of a person, by the real agent's own tool. */

const { stack, api } = await startStudio();

interface Pending {
  question_key: string;
  questions: { question: string; options: { label: string }[]; multiple: boolean; custom: boolean }[];
}
const asking = (file: string) =>
  `\`\`\`demo\nask Which colour? | Red; Green\nrun echo on >> ${file}\nsay the end\n\`\`\``;

async function asked(runId: string, other = ""): Promise<Pending> {
  return await until("the agent's question", async () => {
    const { body } = await api.call<{ questions?: Pending[] }>(
      "GET",
      `/api/v1/runs/${runId}/questions/pending`,
    );
    return body.questions?.find(({ question_key }) => question_key !== other);
  });
}
const answer = async (runId: string, key: string, body: unknown) =>
  await api.call("POST", `/api/v1/runs/${runId}/questions/${key}`, body);
const ofType = async (sessionId: string, runId: string, type: string) =>
  (await api.eventsOf(sessionId, runId)).filter((event) => event.type === type).map(({ payload }) => payload);

test("a question waits for a person, is answered once, and its answer reaches the agent", async () => {
  const session = await api.idleSession();
  const runId = await api.send(session.id, asking("first.txt"));
  const { question_key: key, questions } = await asked(runId);
  expect(questions).toMatchObject([
    { question: "Which colour?", options: [{ label: "Red" }, { label: "Green" }], multiple: false },
  ]);
  expect((await api.session(session.id)).waitingFor).toBe("approval");
  expect((await answer(runId, key, { answers: [["Red", "Green"]] })).status).toBe(400);
  expect((await answer(runId, key, { answers: [] })).status).toBe(400);
  expect((await answer(runId, key, { answers: [["Green"]] })).status).toBe(200);
  expect((await answer(runId, key, { answers: [["Red"]] })).status).toBe(409);
  const run = await api.finish(runId);
  expect(run).toMatchObject({ status: "completed" });
  const [output] = (await ofType(session.id, runId, "tool.completed")).filter(
    (p) => p.tool_name === "question",
  );
  expect(output?.output).toContain('"Which colour?"="Green"');
  expect(await ofType(session.id, runId, "question.answered")).toMatchObject([
    { question_key: key, outcome: "answered", answers: [["Green"]], reason: "person" },
  ]);
});

test("one that is dismissed lets the agent go on, by the session's own door too", async () => {
  const session = await api.idleSession();
  const runId = await api.send(session.id, asking("second.txt"));
  const { question_key: questionId } = await asked(runId);
  const path = `/api/studio/sessions/${session.id}/question`;
  expect((await api.call("POST", path, { questionId, reject: true })).status).toBe(200);
  expect(await api.finish(runId)).toMatchObject({ status: "completed" });
  expect(await ofType(session.id, runId, "question.answered")).toMatchObject([{ outcome: "dismissed" }]);
  expect(await stack.readSandboxFile(session.sandboxId ?? "", "/workspace/second.txt")).toBe("on\n");
});

test("it survives the web server's death, and an agent that dies asks again", async () => {
  const session = await api.idleSession();
  const runId = await api.send(session.id, asking("third.txt"));
  const first = await asked(runId);
  await stack.kill("web");
  await stack.restart("web");
  expect((await asked(runId)).question_key).toBe(first.question_key);
  const agents = descendantsWith(stack.pids().sandboxes ?? 0, "opencode acp");
  for (const pid of agents) process.kill(pid, "SIGKILL");
  await until("the end of the first question", async () =>
    (await ofType(session.id, runId, "question.answered")).some((p) => p.reason === "agent_restarted"),
  );
  expect((await answer(runId, first.question_key, { dismiss: true })).status).toBe(409);
  await api.call("POST", `/api/studio/sessions/${session.id}/cancel`, {});
  await until("the end", async () => (await api.run(runId)).status !== "running");
  expect((await api.session(session.id)).waitingFor).toBeNull();
});

test("BUG-3: outside of the workspace, each act is asked about once, as what it is", async () => {
  const session = await api.idleSession();
  const script =
    "```demo\nwrite /tmp/zz/a.txt <<EOF\none\nEOF\nread /tmp/zz/a.txt\nrun cat /tmp/zz/a.txt\nsay done\n```";
  const runId = await api.send(session.id, script);
  const run = await api.finish(runId);
  expect(run).toMatchObject({ status: "completed" });
  const requested = await ofType(session.id, runId, "approval.requested");
  expect(requested.map(({ summary }) => summary)).toEqual([
    "Write /tmp/zz/a.txt",
    "Read /tmp/zz/a.txt",
    "Run cat /tmp/zz/a.txt",
  ]);
  expect(requested[0]).toMatchObject({ diff: { path: "/tmp/zz/a.txt", old_text: null } });
});

import { expect, test } from "vitest";
import { until } from "#tests/api.ts";
import { descendantsWith } from "#tests/processes.ts";
import { startStudio } from "#tests/studio.ts";

/** Sessions are carried by a process of their own: web servers come and go. */

const { stack, api } = await startStudio(undefined, { worker: true });

const script = (...lines: string[]) => ["```demo", ...lines, "```"].join("\n");
const counting = (lines: number) => `for i in $(seq ${lines}); do echo line $i; sleep 0.5; done`;
const agents = () => descendantsWith(stack.pids().sandboxes ?? 0, "opencode acp");

/** A run whose command has begun to print. */
async function atWork(lines: number): Promise<{ id: string; runId: string }> {
  const { id } = await api.createSession();
  const runId = await api.send(id, script(`run ${counting(lines)}`, "say all said"));
  await api.decide(runId, (await api.question(runId)).approval_key, "approved");
  await until("a part of the output", async () =>
    (await api.events(id)).some(({ type }) => type === "tool.output.chunk"),
  );
  return { id, runId };
}

/** The run has done everything once, and said so once. */
async function expectWhole(id: string, runId: string, lines: number): Promise<void> {
  const run = await api.finish(runId);
  expect(run).toMatchObject({ status: "completed" });
  expect(run.output).toContain("all said");
  const events = await api.events(id);
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
  for (const type of ["run.started", "tool.requested", "tool.started", "tool.completed", "run.completed"])
    expect(
      events.filter((event) => event.type === type),
      type,
    ).toHaveLength(1);
  const output = Array.from({ length: lines }, (_, i) => `line ${i + 1}\n`).join("");
  expect(events.find(({ type }) => type === "tool.completed")?.payload.output).toBe(output);
  const told = events.filter(({ type }) => type === "tool.output.chunk").map(({ payload }) => payload.delta);
  expect(output).toContain(told.join(""));
  expect(events.filter(({ type }) => type === "agent.restarted")).toEqual([]);
}

test("the web server is killed in the middle of a run: the run goes on in the same agent, and nobody takes it over", async () => {
  const { id, runId } = await atWork(30);
  const [before, leases] = [agents(), await stack.leases(id)];
  const killedAt = Date.now();
  await stack.kill("web");
  await stack.restart("web");
  const backAt = Date.now();
  await expectWhole(id, runId, 30);
  expect(agents()).toEqual(before);
  expect(await stack.leases(id)).toBe(leases);
  const meanwhile = (await api.events(id)).filter(
    ({ ts }) => Date.parse(ts) > killedAt && Date.parse(ts) < backAt,
  );
  expect(meanwhile.map(({ type }) => type)).toContain("tool.output.chunk");
  await api.stop(id);
});

test("the web server alone has a session's files and terminals, and ends its sandbox", async () => {
  const session = await api.createSession();
  const base = `/api/studio/sessions/${session.id}`;
  expect((await api.call("GET", `${base}/files?path=`)).status).toBe(200);
  expect((await api.call("POST", `${base}/terminals`, { cols: 80, rows: 24 })).status).toBe(201);
  expect((await api.call("POST", `${base}/keepalive`, {})).status).toBe(200);
  await stack.kill("worker");
  expect(await api.stop(session.id)).toBe(204);
  expect(await stack.sandboxes()).not.toContain(session.sandboxId);
  await stack.restart("worker");
});

test.each([
  ["worker", "SIGTERM", "second worker"],
  ["second worker", "SIGKILL", "worker"],
] as const)(
  "the %s is ended by %s in the middle of a run: the %s takes it over in time",
  async (old, by, next) => {
    const { id, runId } = await atWork(8);
    const [before, leases] = [agents(), await stack.leases(id)];
    if (next === "second worker") await stack.startSecondWorker();
    else await stack.restart(next);
    await stack.kill(old, by);
    await expectWhole(id, runId, 8);
    expect(agents()).toEqual(before);
    expect(await stack.leases(id)).toBe(leases + 1);
    await api.stop(id);
  },
);

import { afterAll, expect, test, vi } from "vitest";
import { compareResponse, searchFilesResponse } from "#contracts/saved.ts";
import type { Session } from "#domain/session.ts";
import { until } from "#tests/api.ts";
import { startStudio } from "#tests/studio.ts";
import { startDemoModel } from "../contract/demo-model/process.ts";

/** A second provider, whose address is the demo model's: what it is sent shows what the agent remembers. */
const provider = await startDemoModel();
vi.stubEnv("ANTHROPIC_API_KEY", "real-key");
vi.stubEnv("ANTHROPIC_BASE_URL", `${provider.url}/v1`);
vi.stubEnv("STUDIO_WELCOME_MICRO_USD", "5000000");
const { stack, api } = await startStudio();
afterAll(async () => {
  vi.unstubAllEnvs();
  await provider.stop();
});

const OTHER = { provider: "anthropic", model: "claude-sonnet-4-6" };
const eventsOf = async (id: string, type: string) =>
  (await api.events(id)).filter((event) => event.type === type);
const savedWith = async (id: string, count: number) =>
  await until("the work to be saved", async () => {
    const events = (await eventsOf(id, "checkpoint.created")).filter(
      ({ payload }) => payload["cause"] !== "start",
    );
    return events.length >= count && events;
  });
const ready = async (id: string) =>
  await until("a ready branch", async () => {
    const session = await api.session(id);
    if (session.status === "error") throw new Error(session.errorMessage ?? "");
    return session.status !== "provisioning" && session;
  });
const outputOf = async (id: string, run: string) =>
  (await api.eventsOf(id, run)).find((event) => event.type === "tool.completed")?.payload.output;

test("a live session branches to another model, and both go their own way", async () => {
  const { id, agentSessionId } = await api.createSession();
  const first = await api.send(id, "create a file a.txt containing one");
  await api.finish(first);
  await savedWith(id, 1);
  const until1 = (await api.events(id)).at(-1)?.seq ?? 0;
  const second = await api.send(id, "create a file b.txt containing needle two");
  await api.finish(second);
  const saved = await savedWith(id, 2);

  // Two at once, as by two clicks of two people: each gets a session of its own.
  const [made, early] = await Promise.all([
    api.call<{ session_id: string }>("POST", `/api/v1/sessions/${id}/branch`, {
      from_seq: saved.at(-1)?.seq,
      ...OTHER,
    }),
    api.call<{ session: Session }>("POST", `/api/studio/sessions/${id}/branch`, { fromSeq: until1 }),
  ]);
  expect([made.status, early.status]).toEqual([201, 201]);
  const branch = await ready(made.body.session_id);
  expect(branch).toMatchObject({ ...OTHER, keySource: "platform", parentSessionId: id, agentSessionId });
  expect(branch.title).toMatch(/^Branch of /);
  const box = branch.sandboxId ?? "";
  expect(await stack.readSandboxFile(box, "/workspace/b.txt")).toMatch(/^needle two/);
  expect((await eventsOf(branch.id, "session.restored"))[0]?.payload).toMatchObject({
    files: "restored",
    history: "kept",
  });
  const branched = (await eventsOf(branch.id, "session.branched"))[0]?.payload;
  expect(branched).toMatchObject({ parent_session_id: id, saved_seq: expect.any(Number) });

  // The branch remembers, on its own model, and what it does is its own.
  const asked = await api.send(branch.id, "run `cat a.txt b.txt > c.txt; cat c.txt`");
  expect(await api.finish(asked)).toMatchObject({ status: "completed" });
  expect(await outputOf(branch.id, asked)).toMatch(/one[\s\S]*needle two/);
  const usage = (await eventsOf(branch.id, "usage.recorded")).map(({ payload }) => payload);
  expect(usage.length).toBeGreaterThan(0);
  expect(usage.every((one) => one.provider === OTHER.provider)).toBe(true);
  const parent = await api.session(id);
  expect(parent.status).toBe("idle");
  await expect(stack.readSandboxFile(parent.sandboxId ?? "", "/workspace/c.txt")).rejects.toThrow();

  // The early one knows nothing of the second turn.
  const before = await ready(early.body.session.id);
  expect(await stack.readSandboxFile(before.sandboxId ?? "", "/workspace/a.txt")).toMatch(/^one/);
  await expect(stack.readSandboxFile(before.sandboxId ?? "", "/workspace/b.txt")).rejects.toThrow();
  await api.stop(before.id);

  // What the second turn changed, and what two checkpoints differ in.
  const compare = async (query: string) =>
    await api.call("GET", `/api/studio/sessions/${id}/checkpoints/compare?${query}`);
  const turn = compareResponse.parse((await compare(`run=${second}`)).body);
  expect(turn.files).toEqual([{ path: "b.txt", change: "added" }]);
  expect(turn.patch).toContain("+needle two");
  const [one, two] = saved.map(({ payload }) => String(payload["checkpoint_id"]));
  const pair = compareResponse.parse((await compare(`from=${two}&to=${one}`)).body);
  expect(pair.files).toEqual([{ path: "b.txt", change: "deleted" }]);
  expect(await compare(`from=${one}&to=${branch.checkpointId}`)).toMatchObject({ status: 404 });
  expect(await compare(`from=${one}`)).toMatchObject({ status: 400 });

  // A branch outlives its parent, which is looked at and searched without a sandbox.
  await api.stop(id);
  const search = async (text: string) =>
    await api.call("GET", `/api/studio/sessions/${id}/files/search?text=${encodeURIComponent(text)}`);
  const { matches } = searchFilesResponse.parse((await search("NEEDLE")).body);
  expect(matches).toEqual([{ path: "b.txt", line: 1, text: "needle two" }]);
  expect(await search("")).toMatchObject({ status: 400 });
  await savedWith(branch.id, 1);
  await api.stop(branch.id);
  const last = (await api.events(id)).at(-1)?.seq ?? 0;
  const refused = await api.call("POST", `/api/studio/sessions/${id}/branch`, { fromSeq: last + 1 });
  expect(refused).toMatchObject({ status: 400, body: { kind: "branch_seq_unknown" } });
  const again = await api.send(branch.id, "run `cat c.txt`");
  await api.finish(again);
  expect(await outputOf(branch.id, again)).toMatch(/one[\s\S]*needle two/);
  await api.stop(branch.id);
}, 300_000);

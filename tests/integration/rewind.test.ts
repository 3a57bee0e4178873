import { describe, expect, test } from "vitest";
import {
  checkpointsResponse,
  restoreResponse,
  rewindResponse,
  savedResponse,
} from "#contracts/checkpoints.ts";
import type { Session } from "#domain/session.ts";
import { until } from "#tests/api.ts";
import { startStudio } from "#tests/studio.ts";
import { Visitor } from "#tests/visitor.ts";

const { stack, api } = await startStudio();

const script = (...lines: string[]) => ["```demo", ...lines, "```"].join("\n");
const session: Session = await api.createSession();
const base = `/api/studio/sessions/${session.id}`;
const FILLER = "padding ".repeat(6_000);

async function turn(...lines: string[]): Promise<string> {
  const id = await api.send(session.id, script(...lines));
  expect(await api.finish(id)).toMatchObject({ status: "completed" });
  return id;
}
const put = async (path: string, content: string) => {
  const before = await api.call<{ hash?: string }>("GET", `${base}/files?path=${encodeURIComponent(path)}`);
  const expectedHash = before.status === 200 ? (before.body.hash ?? null) : null;
  expect((await api.call("PUT", `${base}/files`, { path, content, expectedHash })).status).toBeLessThan(300);
};
const inside = async (path: string) =>
  await stack.readSandboxFile(session.sandboxId ?? "", `/workspace/${path}`).catch(() => null);
const listed = async () =>
  checkpointsResponse.parse((await api.call("GET", `${base}/checkpoints?limit=100`)).body).checkpoints;
const saved = async (runId: string) =>
  await until("the turn to be saved", async () => (await listed()).find((one) => one.runId === runId));
const eventsOf = async (...types: string[]) =>
  (await api.events(session.id)).filter(({ type }) => types.includes(type));

/** Goes back, and waits until that is done. @returns the event that says so */
async function rewind(body: object) {
  const count = (await eventsOf("session.rewound", "session.rewind_failed")).length;
  const asked = await api.call("POST", `${base}/rewind`, body);
  expect(asked.status, JSON.stringify(asked.body)).toBe(202);
  rewindResponse.parse(asked.body);
  return await until("the session to have gone back", async () => {
    const ended = await eventsOf("session.rewound", "session.rewind_failed");
    const { waitingFor } = await api.session(session.id);
    return ended.length > count && waitingFor === null && ended.at(-1);
  });
}
const preview = async (body: object) =>
  rewindResponse.parse((await api.call("POST", `${base}/rewind`, { ...body, preview: true })).body);

let first = "";
let second = "";

test("checkpoints are listed with their turns, and a person saves one now, but not in a turn", async () => {
  first = await turn("write a.txt <<EOF", "one", "EOF", "say first");
  await saved(first);
  const asleep = await api.send(
    session.id,
    `${FILLER}\n${script("run sleep 1; echo two > a.txt; mkdir made; echo b > made/b.txt", "say second")}`,
  );
  second = asleep;
  const inTurn = await api.call("POST", `${base}/checkpoints`);
  expect(inTurn).toMatchObject({ status: 409, body: { code: "turn_running" } });
  const rewound = await api.call("POST", `${base}/rewind`, { runId: first });
  expect(rewound).toMatchObject({ status: 409, body: { code: "turn_running", kind: "rewind_in_run" } });
  await api.finish(second);
  await saved(second);
  await put("hand.txt", "by hand\n");
  const now = await api.call("POST", `${base}/checkpoints`);
  expect(now.status).toBe(202);
  expect(savedResponse.parse(now.body)).toMatchObject({
    state: "saved",
    checkpoint: { cause: "asked", runId: second, betweenTurns: true },
  });
  expect(savedResponse.parse((await api.call("POST", `${base}/checkpoints`)).body).state).toBe("unchanged");
  expect((await listed()).map(({ runId }) => runId)).toEqual([second, second, first, null]);
});

test("a preview says what would change and what was changed by hand; unnamed, that is in the way", async () => {
  await put("a.txt", "mine\n");
  expect(await preview({ runId: first })).toMatchObject({
    state: "preview",
    runId: first,
    openCount: 2,
    counts: { changed: 1, deleted: 2, added: 0 },
    files: [
      { path: "a.txt", change: "changed", byHand: true },
      { path: "hand.txt", change: "deleted", byHand: true },
      { path: "made/b.txt", change: "deleted", byHand: false },
    ],
  });
  const refused = await api.call("POST", `${base}/rewind`, { runId: first, overwrite: ["a.txt"] });
  expect(refused).toMatchObject({
    status: 409,
    body: { code: "file_changed", kind: "rewind_by_hand", params: { count: 1, paths: ["hand.txt"] } },
  });
  expect(await inside("made/b.txt")).toBe("b\n");
});

test("one file comes back from a checkpoint, and what was changed by hand only where that is said", async () => {
  const of = (await saved(first)).id;
  const restore = async (body: object) => await api.call("POST", `${base}/checkpoints/${of}/restore`, body);
  expect(await restore({ path: "a.txt" })).toMatchObject({
    status: 409,
    body: { code: "file_changed", kind: "restore_by_hand" },
  });
  const done = await restore({ path: "a.txt", overwrite: true });
  expect(done.status).toBe(200);
  expect(restoreResponse.parse(done.body)).toEqual({ path: "a.txt", change: "changed" });
  expect([await inside("a.txt"), await inside("made/b.txt")]).toEqual(["one\n", "b\n"]);
  for (const [path, code] of [
    ["nothing.txt", "not_found"],
    ["../etc/passwd", "invalid_request"],
    ["/etc/passwd", "invalid_request"],
    ["made/b.txt", "not_found"],
    [".env", "forbidden"],
  ])
    expect((await restore({ path })).body, path).toMatchObject({ code });
  await put("a.txt", "mine\n");
});

test("files and conversation go back together, with what a shell has done; one call undoes both", async () => {
  const done = await rewind({ runId: first, overwrite: ["a.txt"], keep: ["hand.txt"] });
  expect(done).toMatchObject({
    type: "session.rewound",
    payload: { what: "both", run_id: first, files: { changed: 1, deleted: 1, added: 0 } },
  });
  expect([await inside("a.txt"), await inside("made/b.txt"), await inside("hand.txt")]).toEqual([
    "one\n",
    null,
    "by hand\n",
  ]);
  expect(await rewind({ undo: true })).toMatchObject({
    type: "session.rewound",
    payload: { what: "both", run_id: second, undoes_seq: done?.seq },
  });
  expect([await inside("a.txt"), await inside("made/b.txt")]).toEqual(["mine\n", "b\n"]);
  expect(await api.call("POST", `${base}/rewind`, { undo: true })).toMatchObject({
    status: 409,
    body: { kind: "rewind_nothing_to_undo" },
  });
  const events = await api.events(session.id);
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
}, 120_000);

test("a conversation alone goes back to before its first message, and the files stay", async () => {
  const tokens = async () => (await api.run(await turn("say how much was that"))).total_tokens;
  const long = await tokens();
  await rewind({ beforeRunId: first, what: "conversation" });
  // The messages, and their answers, are no longer told to the model.
  expect(long - (await tokens())).toBeGreaterThan(5_000);
  expect(await inside("a.txt")).toBe("mine\n");
  // How the session began was saved before its first turn changed anything.
  const began = { beforeRunId: first, what: "files", overwrite: ["/"] };
  expect(await rewind(began)).toMatchObject({
    type: "session.rewound",
    payload: { what: "files", run_id: null },
  });
  expect([await inside("a.txt"), await inside("hand.txt")]).toEqual([null, null]);
  expect(await inside("CLAUDE.md")).toContain("# ");
  await rewind({ undo: true });
  expect(await inside("a.txt")).toBe("mine\n");
  await turn("run cat a.txt", "say afresh");
});

describe("refused are", () => {
  test.each([
    ["nothing", {}, "invalid_request"],
    ["two places", { runId: "x", undo: true }, "invalid_request"],
    ["an unknown turn", { runId: "x" }, "not_found"],
    ["an unknown checkpoint", { checkpointId: "x" }, "not_found"],
    ["a turn that is set aside", () => ({ runId: second }), "not_saved"],
    ["too many paths", { toSeq: 1, keep: Array.from({ length: 201 }, () => "a") }, "invalid_request"],
  ])("%s", async (_, body, code) => {
    const given = typeof body === "function" ? body() : body;
    expect((await api.call("POST", `${base}/rewind`, given)).body).toMatchObject({ code });
  });

  test("another organization, whatever it names", async () => {
    const stranger = (await Visitor.withOrganization(stack.url, "Strangers")).api;
    const [one] = await listed();
    for (const body of [{ undo: true }, { checkpointId: one?.id }, { runId: first }])
      expect((await stranger.call("POST", `${base}/rewind`, body)).status).toBe(404);
    expect((await stranger.call("GET", `${base}/checkpoints`)).status).toBe(404);
    const theirs = await stranger.call("POST", "/api/studio/sessions", { provider: "demo", model: "demo" });
    const id = (theirs.body["sessionId"] as string | undefined) ?? "";
    const foreign = { checkpointId: one?.id, what: "files" };
    const answer = await stranger.call("POST", `/api/studio/sessions/${id}/rewind`, foreign);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    await stranger.stop(id);
  });
});

test("the server is killed in the middle of a rewind: it is done wholly by the next", async () => {
  const third = await turn("run seq 1 100 | while read n; do echo one > f$n.txt; done", "say third");
  await saved(third);
  await turn("run seq 1 100 | while read n; do echo two > f$n.txt; done", "say fourth");
  const asked = await api.call("POST", `${base}/rewind`, { runId: third });
  expect(asked.status, JSON.stringify(asked.body)).toBe(202);
  await until("the rewind to be under way", async () => (await inside("f1.txt")) === "one\n", 5_000).catch(
    () => undefined,
  );
  await stack.kill("web");
  await stack.restart("web");
  await until("the session to have gone back", async () => {
    const ended = await eventsOf("session.rewound");
    return ended.at(-1)?.payload["run_id"] === third && (await api.session(session.id)).waitingFor === null;
  });
  const shown = await Promise.all([1, 2, 50, 99, 100].map(async (n) => await inside(`f${n}.txt`)));
  expect(new Set(shown)).toEqual(new Set(["one\n"]));
  await turn("say and on");
}, 120_000);

test("a session that has ended goes back in another sandbox, and a preview needs none", async () => {
  await put("f1.txt", "by hand\n");
  const last = await turn("run echo last > f2.txt", "say last");
  await saved(last);
  await put("f3.txt", "by hand\n");
  await api.stop(session.id);
  // Until its last work is saved there is nothing to compare with.
  const seen = await until("its work to be saved", async () => {
    const { status, body } = await api.call("POST", `${base}/rewind`, { beforeRunId: last, preview: true });
    return status === 202 ? rewindResponse.parse(body) : undefined;
  });
  expect(seen).toMatchObject({ openCount: 1, counts: { changed: 2, added: 0, deleted: 0 } });
  expect(seen.files).toEqual([
    { path: "f2.txt", change: "changed", byHand: false },
    { path: "f3.txt", change: "changed", byHand: true },
  ]);
  expect((await api.session(session.id)).status).toBe("stopped");
  expect(await api.call("POST", `${base}/rewind`, { beforeRunId: last })).toMatchObject({
    status: 409,
    body: { kind: "rewind_by_hand", params: { paths: ["f3.txt"] } },
  });
  const restarts = (await eventsOf("agent.restarted")).length;
  expect(await rewind({ beforeRunId: last, keep: ["/"] })).toMatchObject({ type: "session.rewound" });
  // Its agent began with what it went back to.
  expect(await eventsOf("agent.restarted")).toHaveLength(restarts);
  expect((await eventsOf("session.restored")).at(-1)).toMatchObject({ payload: { history: "kept" } });
  const { sandboxId } = await api.session(session.id);
  const file = async (name: string) => await stack.readSandboxFile(sandboxId ?? "", `/workspace/${name}`);
  expect([await file("f1.txt"), await file("f2.txt"), await file("f3.txt")]).toEqual([
    "by hand\n",
    "one\n",
    "by hand\n",
  ]);
  await turn("say and on again");
  await api.stop(session.id);
}, 120_000);

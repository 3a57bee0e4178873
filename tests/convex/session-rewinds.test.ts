import { beforeEach, describe, expect, test, vi } from "vitest";
import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import { CHECKPOINT_TIMES } from "#domain/checkpoints.ts";
import { REWIND_LIMITS, type RewindPart } from "#domain/rewind.ts";
import { beginSave, beginTurn, endTurn, facts, freshTurns, logOf, save, turn } from "./checkpoint-run.ts";
import { generation, sessionId } from "./ready-session.ts";
import { member, type Member } from "./support.ts";
import { ada, db } from "./world.ts";

freshTurns();

type To = Partial<Parameters<typeof ada.as.query<typeof api.sessionRewinds.target>>[1]>;

const ask = async (to: To, { what = "both", who = ada }: { what?: RewindPart; who?: Member } = {}) =>
  await who.as.mutation(api.sessionRewinds.start, { sessionId, what, overwrite: [], keep: [], ...to });
const target = async (to: To, what: RewindPart = "both") =>
  await ada.as.query(api.sessionRewinds.target, { sessionId, what, ...to });
const kindOf = async (work: Promise<unknown>) =>
  await work.then(
    () => "ok",
    (error: unknown) => (error as { data?: { kind?: string } }).data?.kind,
  );
const session = async () => await db.t.run(async (ctx) => (await ctx.db.get(sessionId))!);
const take = async () => await db.service.mutation(api.sessionRewinds.take, { sessionId, generation });

let count = 0;
/** Carries an order out, as a server does. */
async function carryOut(rewindId: Id<"sessionRewinds">): Promise<void> {
  expect(await take()).toMatchObject({ rewindId });
  count += 1;
  await save(`before-${count}`, { cause: "rewind" });
  const held = { sessionId, generation, rewindId };
  expect(await db.service.mutation(api.sessionRewinds.begin, held)).not.toBeNull();
  const counts = { added: 0, changed: 1, deleted: 0 };
  await db.service.mutation(api.sessionRewinds.applied, { ...held, kept: [], counts });
  await save(`after-${count}`, { cause: "rewind", ofRewind: { rewindId, generation } });
}
/** The agent is there again, where it had to be ended. */
async function restarted(agentSessionId?: string): Promise<void> {
  await db.service.mutation(api.sessionAgent.restarted, {
    sessionId,
    generation,
    acpServerId: "again",
    cursor: 1,
    rpcId: "r",
    events: [],
    ...(agentSessionId !== undefined && { agentSessionId }),
  });
}

let first: Id<"runs">;
let second: Id<"runs">;
let ofFirst: Id<"checkpoints">;
let ofSecond: Id<"checkpoints">;
beforeEach(async () => {
  first = await turn("one");
  ofFirst = await save("first");
  await save("by hand", { cause: "work" });
  second = await turn("two");
  ofSecond = await save("second");
});

describe("a session goes back", () => {
  test("to a turn's own end, to before a message, and to a place of the log", async () => {
    expect(await target({ runId: first })).toMatchObject({
      checkpointId: ofFirst,
      baseId: ofSecond,
      runId: first,
    });
    const before = await target({ beforeRunId: second });
    expect(before).toMatchObject({ runId: first });
    // What was done by hand before the message was sent is part of it.
    expect(before.checkpointId).not.toBe(ofFirst);
    const { toSeq } = await target({ runId: second });
    expect(await target({ toSeq })).toMatchObject({ runId: second });
    expect(await target({ toSeq: toSeq - 1 })).toMatchObject({ runId: first });
    expect(await target({ checkpointId: ofFirst })).toMatchObject({ runId: first });
    expect(await target({ beforeRunId: first }, "conversation")).toMatchObject({
      checkpointId: null,
      runId: null,
    });
    expect(await kindOf(target({ beforeRunId: first }))).toBe("rewind_no_files");
    expect(await kindOf(target({ toSeq: 0 }))).toBe("rewind_not_saved");
    expect(await kindOf(target({ toSeq: 9_999 }))).toBe("rewind_seq_unknown");
    expect(await kindOf(target({}))).toBe("rewind_to_one");
    expect(await kindOf(target({ runId: first, undo: true }))).toBe("rewind_to_one");
  });

  test("and is done at the moment at which what came of it is saved", async () => {
    const rewindId = await ask({ runId: first });
    expect(await session()).toMatchObject({ rewindId, waitingFor: "rewind" });
    expect((await db.service.query(api.sessionLeases.waiting, {})).length).toBeLessThan(2);
    await carryOut(rewindId);
    const now = await session();
    expect(now).toMatchObject({ lastTurn: first, agentRestart: "rewound", undoableId: rewindId });
    expect(now.rewindId).toBeUndefined();
    expect((await logOf()).at(-2)).toMatchObject({
      type: "session.rewound",
      payload: {
        what: "both",
        run_id: first,
        checkpoint_id: ofFirst,
        files: { changed: 1 },
        rewound_by: "ada",
      },
    });
    await restarted();
    expect(await session()).toMatchObject({ waitingFor: null });
    // The next turn builds on the first.
    const third = await turn("three");
    expect(await target({ beforeRunId: third })).toMatchObject({ runId: first });
  });

  test("with its conversation begun again where nothing had been said", async () => {
    const rewindId = await ask({ beforeRunId: first }, { what: "conversation" });
    await carryOut(rewindId);
    expect((await session()).agentSessionId).toBeUndefined();
    await restarted("begun");
    expect(await session()).toMatchObject({ agentSessionId: "begun", lastTurn: null });
    // The files are not those of the beginning.
    expect(await kindOf(target({ beforeRunId: first }))).toBe("rewind_no_files");
  });

  test("and undoes that, once, until the next turn begins", async () => {
    await carryOut(await ask({ runId: first }));
    await restarted();
    const undo = await ask({ undo: true });
    await carryOut(undo);
    await restarted();
    const rewound = (await logOf()).filter(({ type }) => type === "session.rewound");
    expect(rewound[1]).toMatchObject({ payload: { run_id: second, undoes_seq: rewound[0]?.seq } });
    expect(await session()).toMatchObject({ lastTurn: second });
    expect(await kindOf(ask({ undo: true }))).toBe("rewind_nothing_to_undo");
    // What came back is no longer set aside.
    expect(await target({ runId: second })).toMatchObject({ runId: second });
    await carryOut(await ask({ runId: first }));
    await restarted();
    expect(await kindOf(target({ runId: second }))).toBe("rewind_set_aside");
    expect(await target({ runId: second }, "files")).toMatchObject({ runId: second });
    await turn("three");
    expect(await kindOf(ask({ undo: true }))).toBe("rewind_nothing_to_undo");
  });

  test("the files alone, while the agent remembers all", async () => {
    await carryOut(await ask({ runId: first }, { what: "files" }));
    const now = await session();
    expect(now).toMatchObject({ lastTurn: second, waitingFor: null, isMixed: true });
    expect(now.agentRestart).toBeUndefined();
    // What is there now is no turn's end.
    expect(await target({ runId: second })).toMatchObject({ checkpointId: ofSecond });
  });
});

describe("while it goes back", () => {
  test("messages wait, and begin once it is done", async () => {
    const rewindId = await ask({ runId: first }, { what: "files" });
    const { runId } = await ada.as.mutation(api.runs.start, { sessionId, message: "next" });
    expect((await session()).activeRunId).toBeUndefined();
    await carryOut(rewindId);
    expect((await session()).activeRunId).toBe(runId);
  });

  test("nothing half-done is saved, and no second order is taken", async () => {
    const rewindId = await ask({ runId: first });
    expect(await kindOf(ask({ runId: first }))).toBe("rewind_going");
    await take();
    await save("before", { cause: "rewind" });
    await db.service.mutation(api.sessionRewinds.begin, { sessionId, generation, rewindId });
    await expect(beginSave({ cause: "stop" })).rejects.toThrow("busy");
    await expect(beginSave({ cause: "rewind", ofRewind: { rewindId, generation: 77 } })).rejects.toThrow(
      "none",
    );
  });

  test("another server takes it over, and the first one's outcome no longer counts", async () => {
    const rewindId = await ask({ runId: first });
    await take();
    await save("before", { cause: "rewind" });
    await db.service.mutation(api.sessionRewinds.begin, { sessionId, generation, rewindId });
    const late = await beginSave({ cause: "rewind", ofRewind: { rewindId, generation } });
    vi.useFakeTimers({ now: Date.now() + CHECKPOINT_TIMES.claimMs + 60_000, toFake: ["Date"] });
    const next = await db.service.mutation(api.sessionLeases.claim, { sessionId, holder: "other" });
    const taken = await db.service.mutation(api.sessionRewinds.take, { sessionId, generation: next! });
    expect(taken).toMatchObject({ rewindId, isApplying: true });
    expect(taken?.undoId).not.toBeNull();
    await db.service.mutation(api.checkpoints.finish, { ...late, ...facts("late") });
    expect((await session()).rewindId).toBe(rewindId);
    await save("after", { cause: "rewind", ofRewind: { rewindId, generation: next! } });
    expect((await session()).rewindId).toBeUndefined();
    vi.useRealTimers();
  });

  test("it fails with what was in the way, and everything is as it was", async () => {
    const rewindId = await ask({ runId: first });
    await take();
    await db.service.mutation(api.sessionRewinds.fail, {
      sessionId,
      generation,
      rewindId,
      error: "In the way.",
      paths: Array.from({ length: 50 }, (_, n) => `${n}.txt`),
      restart: false,
    });
    const failed = (await logOf()).find(({ type }) => type === "session.rewind_failed");
    expect(failed?.payload["paths"]).toHaveLength(REWIND_LIMITS.maxNamed);
    expect(await session()).toMatchObject({ lastTurn: second, waitingFor: null });
    expect(await kindOf(ask({ undo: true }))).toBe("rewind_nothing_to_undo");
  });

  test("the session can be ended, and goes on from what was saved before", async () => {
    await ask({ runId: first });
    await ada.as.mutation(api.sandboxSessions.stop, { sessionId });
    expect(await take()).toBeNull();
    await db.service.mutation(api.sandboxSessions.cleanedUp, { sessionId });
    expect(await ada.as.mutation(api.sessionResume.start, { sessionId })).toMatchObject({
      checkpointId: ofSecond,
    });
  });
});

describe("a session that has ended", () => {
  const end = async () => {
    await ada.as.mutation(api.sandboxSessions.stop, { sessionId });
    await db.service.mutation(api.sandboxSessions.cleanedUp, { sessionId });
  };

  /** Orders it, with a message behind, and brings its next sandbox up to where its work is restored. */
  const orderOnTheWay = async (to: To = { runId: first }) => {
    const rewindId = await ask(to);
    expect(await session()).toMatchObject({ status: "provisioning", rewindId, waitingFor: "sandbox" });
    const { runId } = await ada.as.mutation(api.runs.start, { sessionId, message: "and on" });
    expect(await kindOf(ask({ runId: first }))).toBe("session_not_ready");
    const held = (await db.service.mutation(api.sessionLeases.claim, { sessionId, holder: "b" }))!;
    const of = { sessionId, generation: held };
    await db.service.mutation(api.sandboxSessions.attachSandbox, { ...of, sandboxId: "again" });
    expect(await db.service.mutation(api.sessionRewinds.take, of)).toMatchObject({
      rewindId,
      sandboxId: "again",
    });
    return { rewindId, runId, of, ofRewind: { rewindId, generation: held } };
  };
  const ready = async (of: { sessionId: Id<"sandboxSessions">; generation: number }, at: Id<"checkpoints">) =>
    await db.service.mutation(api.sandboxSessions.finishProvisioning, {
      ...of,
      agentSessionId: "agent",
      acpServerId: "acp",
      durationMs: 1,
      restored: { checkpointId: at, history: "kept" },
    });

  test("goes on for it, and has gone back before its agent starts, and before any message", async () => {
    await end();
    expect(await target({ runId: first })).toMatchObject({
      checkpointId: ofFirst,
      baseId: ofSecond,
      isLive: false,
      savedId: ofSecond,
    });
    const { rewindId, runId, of, ofRewind } = await orderOnTheWay();
    // Nothing else of one that is still made is saved.
    await expect(beginSave({ cause: "rewind", ofRewind })).rejects.toThrow("none");
    await expect(beginSave({ cause: "asked" })).rejects.toThrow("none");
    expect(
      await db.service.mutation(api.sessionRewinds.begin, { ...of, rewindId, restoredId: ofSecond }),
    ).toBe(ofSecond);
    const outcome = await save("after", { cause: "rewind", ofRewind });
    const now = await session();
    expect(now).toMatchObject({ status: "provisioning", lastTurn: first, checkpointId: outcome });
    // Its agent is still to be started: nothing has to be started again.
    expect([now.agentRestart, now.rewindId, now.waitingFor]).toEqual([undefined, undefined, "sandbox"]);
    expect(await ada.as.query(api.runs.get, { runId })).toMatchObject({ status: "pending" });
    await ready(of, outcome);
    expect(await session()).toMatchObject({ status: "active", checkpointId: outcome });
    expect((await session()).agentRestart).toBeUndefined();
    expect(await ada.as.query(api.runs.get, { runId })).toMatchObject({ status: "running" });
    const types = (await logOf()).map(({ type }) => type);
    expect(types.indexOf("session.rewound")).toBeLessThan(types.lastIndexOf("session.restored"));
  });

  test("can undo it, also after it has ended again", async () => {
    await end();
    const { rewindId, of, ofRewind } = await orderOnTheWay();
    await db.service.mutation(api.sessionRewinds.begin, { ...of, rewindId, restoredId: ofSecond });
    const outcome = await save("after", { cause: "rewind", ofRewind });
    // Its message is gone with it: no turn has begun.
    await end();
    expect(await target({ undo: true })).toMatchObject({ checkpointId: ofSecond, runId: second });
    const undo = await orderOnTheWay({ undo: true });
    const begun = { ...undo.of, rewindId: undo.rewindId, restoredId: outcome };
    expect(await db.service.mutation(api.sessionRewinds.begin, begun)).toBe(outcome);
    await save("undone", { cause: "rewind", ofRewind: undo.ofRewind });
    expect(await session()).toMatchObject({ lastTurn: second });
    expect((await session()).undoableId).toBeUndefined();
  });

  test("is as it was where it does not go back, and goes on", async () => {
    await end();
    const { rewindId, runId, of } = await orderOnTheWay();
    const held = { ...of, rewindId };
    // What its sandbox was brought to is its own, and still counts.
    const other = await db.t.run(async (ctx) => {
      const { _id, _creationTime, ...row } = (await ctx.db.get(ofSecond))!;
      const { _id: _s, _creationTime: _t, ...own } = (await ctx.db.get(sessionId))!;
      return await ctx.db.insert("checkpoints", {
        ...row,
        sessionId: await ctx.db.insert("sandboxSessions", own),
      });
    });
    expect(await db.service.mutation(api.sessionRewinds.begin, { ...held, restoredId: other })).toBeNull();
    await db.service.mutation(api.sessionRewinds.fail, {
      ...held,
      error: "In the way.",
      paths: ["a.txt"],
      restart: false,
    });
    expect(await session()).toMatchObject({
      status: "provisioning",
      lastTurn: second,
      waitingFor: "sandbox",
    });
    await ready(of, ofSecond);
    expect(await session()).toMatchObject({ status: "active", checkpointId: ofSecond });
    expect(await ada.as.query(api.runs.get, { runId })).toMatchObject({ status: "running" });
  });

  test("doesn't go on where there is nothing to go back to, or no place for it", async () => {
    await end();
    const { status } = await session();
    expect(await kindOf(ask({ toSeq: 0 }))).toBe("rewind_not_saved");
    await db.t.run(async (ctx) => await ctx.db.patch(sessionId, { archivedAt: 1 }));
    expect(await kindOf(ask({ runId: first }))).toBe("session_archived");
    await db.t.run(
      async (ctx) => await ctx.db.patch(sessionId, { archivedAt: undefined, checkpointId: undefined }),
    );
    expect(await kindOf(ask({ runId: first }))).toBe("rewind_nothing_saved");
    expect(await session()).toMatchObject({ status });
    expect((await session()).rewindId).toBeUndefined();
  });

  test("of two at once one counts", async () => {
    await end();
    const kinds = await Promise.all([kindOf(ask({ runId: first })), kindOf(ask({ runId: first }))]);
    expect(new Set(kinds)).toEqual(new Set(["ok", "session_not_ready"]));
  });
});

describe("refused is", () => {
  test("a turn at work, an ended session, and who may not drive it", async () => {
    const mia = await member(db, "mia", "member", "ada");
    const eve = await member(db, "eve");
    expect(await kindOf(ask({ runId: first }, { who: mia }))).toBe("starter_or_admin_only");
    expect(await kindOf(ask({ runId: first }, { who: eve }))).toBe("session_not_found");
    const runId = await beginTurn();
    expect(await kindOf(ask({ runId: first }))).toBe("rewind_in_run");
    await endTurn(runId);
    await ada.as.mutation(api.sandboxSessions.stop, { sessionId });
    expect(await kindOf(ask({ runId: first }))).toBe("session_still_saving");
  });

  test("what belongs to another session or organization, or is gone", async () => {
    const eve = await member(db, "eve");
    const theirs = await db.t.run(async (ctx) => {
      const { _id, _creationTime, ...row } = (await ctx.db.get(sessionId))!;
      const other = await ctx.db.insert("sandboxSessions", { ...row, organizationId: eve.organizationId });
      const { _id: _c, _creationTime: _t, ...checkpoint } = (await ctx.db.get(ofFirst))!;
      return await ctx.db.insert("checkpoints", { ...checkpoint, sessionId: other });
    });
    expect(await kindOf(ask({ checkpointId: theirs }))).toBe("checkpoint_not_found");
    expect(await kindOf(ask({ checkpointId: sessionId }))).toBe("checkpoint_not_found");
    expect(await kindOf(ask({ runId: ofFirst }))).toBe("run_not_found");
    await db.t.run(async (ctx) => ctx.db.patch(ofFirst, { status: "removing" }));
    expect(await kindOf(ask({ checkpointId: ofFirst }))).toBe("checkpoint_not_found");
  });

  test("more paths than are looked at, or longer ones", async () => {
    const many = Array.from({ length: REWIND_LIMITS.maxPaths + 1 }, () => "a");
    await expect(ask({ runId: first, keep: many } as To)).rejects.toMatchObject({
      data: { code: "invalid_request" },
    });
    const long = ["x".repeat(REWIND_LIMITS.maxPathChars + 1)];
    await expect(ask({ runId: first, overwrite: long } as To)).rejects.toMatchObject({
      data: { code: "invalid_request" },
    });
  });

  test("a checkpoint in the middle of a turn, but for its files", async () => {
    const runId = await beginTurn();
    const middle = await save("middle", { cause: "work" });
    await endTurn(runId);
    expect(await kindOf(ask({ checkpointId: middle }))).toBe("rewind_in_turn");
    expect(await kindOf(ask({ checkpointId: middle }, { what: "files" }))).toBe("ok");
  });
});

import { beforeEach, describe, expect, test } from "vitest";
import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import { GREEN_TIMES } from "#domain/green.ts";
import { member, readySession } from "./support.ts";
import { repositoryIn } from "./things.ts";
import { ada, db, freshWorld } from "./world.ts";

freshWorld();

const problem = (kind: string) => ({ data: { kind } });
let sessionId: Id<"sandboxSessions">;
let generation: number;
let batch: number;

beforeEach(async () => {
  ({ sessionId, generation } = await readySession(db, ada));
  batch = 0;
  await db.t.run(
    async (ctx) =>
      await ctx.db.insert("sessionRepositories", {
        organizationId: ada.organizationId,
        sessionId,
        ...repositoryIn("shop"),
      }),
  );
});

const start = async (more: object = {}, who = ada) =>
  await who.as.mutation(api.greenPursuits.start, {
    sessionId,
    folder: "shop",
    maxAttempts: 2,
    maxCostMicroUsd: 1_000_000,
    ...more,
  });
const row = async () =>
  await db.t.run(async (ctx) => {
    const found = await ctx.db.query("greenPursuits").collect();
    if (found.length !== 1) throw new Error(`${found.length} pursuits`);
    return found[0]!;
  });
/** As time would make it. */
const due = async () => {
  const { _id } = await row();
  await db.t.run(async (ctx) => await ctx.db.patch(_id, { dueAt: 1 }));
  return _id;
};
const claim = async () => {
  const claimed = await db.service.mutation(api.greenWork.claim, { pursuitId: await due() });
  if (!claimed) throw new Error("nothing to claim");
  return { pursuitId: (await row())._id, claim: claimed.claim, claimed };
};
const attempt = async (mine: { pursuitId: Id<"greenPursuits">; claim: number }) =>
  await db.service.mutation(api.greenWork.attempt, {
    pursuitId: mine.pursuitId,
    claim: mine.claim,
    head: "a".repeat(40),
    message: "> Failed check: build",
    found: 1,
    comments: ["comment:1"],
  });
const runId = async () => (await row()).runId!;
const spend = async (costMicroUsd: number, requestId = `r${costMicroUsd}`) =>
  await db.service.mutation(api.usage.record, {
    sessionId,
    requestId,
    keySource: "platform",
    provider: "demo",
    model: "demo",
    inputTokens: 1,
    cachedTokens: 0,
    outputTokens: 1,
    costMicroUsd,
  });
const endRun = async (
  ending: object = { status: "completed", output: "done", stopReason: "end_turn" },
  id?: Id<"runs">,
) =>
  await db.service.mutation(api.events.append, {
    sessionId,
    generation,
    batch: (batch += 1),
    events: [],
    runEnd: { runId: id ?? (await runId()), ending: ending as never },
  });
/** An attempt, all of it; `commit` is what it leaves. */
const wholeAttempt = async (commit: string | null) => {
  const begun = await claim();
  expect(await attempt(begun)).toBe(true);
  await endRun();
  const over = await claim();
  expect(over.claimed).toMatchObject({ phase: "working", run: { status: "completed" }, busy: false });
  const mine = { pursuitId: over.pursuitId, claim: over.claim };
  expect(await db.service.mutation(api.greenWork.leave, mine)).toBe(true);
  await db.service.mutation(api.greenWork.left, { ...mine, commit });
};
const audited = async () =>
  (await db.t.run(async (ctx) => await ctx.db.query("auditEntries").collect()))
    .filter(({ action }) => action.startsWith("green."))
    .map(({ action, actorKind }) => `${actorKind} ${action}`);
const events = async () =>
  (await db.t.run(async (ctx) => await ctx.db.query("sessionEvents").collect()))
    .filter(({ type }) => type === "git.green")
    .map(({ payload }) => JSON.parse(payload) as Record<string, unknown>);

test("an attempt is begun once, whatever two servers do, and each is in both logs", async () => {
  expect(await start()).toMatchObject({ attempts: 0, phase: "looking", reason: null });
  const pursuitId = await due();
  const both = await Promise.all([
    db.service.mutation(api.greenWork.claim, { pursuitId }),
    db.service.mutation(api.greenWork.claim, { pursuitId }),
  ]);
  expect(both.filter((one) => one !== null)).toHaveLength(1);
  // A server that has lost its claim, as one that hung, does nothing.
  const first = both.find((one) => one !== null)!;
  const second = await claim();
  expect(await attempt({ pursuitId, claim: first.claim })).toBe(false);
  expect(await attempt(second)).toBe(true);
  expect(await attempt(second)).toBe(false);
  const runs = await db.t.run(async (ctx) => await ctx.db.query("runs").collect());
  expect(runs).toMatchObject([
    { input: "> Failed check: build", userId: ada.userId, pursuitId, maxCostMicroUsd: 1_000_000 },
  ]);
  expect(await audited()).toEqual(["member green.started", "system green.attempted"]);
  expect(await events()).toMatchObject([
    { act: "started", changed_by: "{person}", max_attempts: 2 },
    { act: "attempt", attempt: 1, found: 1 },
  ]);
});

test("two attempts that change nothing end it; one that does counts from the beginning", async () => {
  await start({ maxAttempts: 10 });
  await wholeAttempt(null);
  await wholeAttempt("b".repeat(40));
  const [listed] = await ada.as.query(api.sessionRepositories.list, { sessionId });
  expect(listed).toMatchObject({ handed: ["comment:1"], green: { attempts: 2, reason: null } });
  await wholeAttempt(null);
  expect((await row()).reason).toBeNull();
  await wholeAttempt(null);
  expect(await row()).toMatchObject({ reason: "no_change", attempts: 4, dueAt: 0 });
  expect((await events()).at(-1)).toMatchObject({ act: "ended", reason: "no_change", changed_by: "Studio" });
  expect(await audited()).toContain("system green.ended");
});

test("its attempts are counted, and so is what they cost", async () => {
  await start();
  for (const commit of ["b", "c"]) await wholeAttempt(commit.repeat(40));
  expect(await attempt(await claim())).toBe(false);
  expect(await row()).toMatchObject({ reason: "attempts", attempts: 2 });
  await start({ maxCostMicroUsd: 300_000 });
  expect(await attempt(await claim())).toBe(true);
  await spend(300_000);
  await endRun();
  const { pursuitId, claim: number } = await claim();
  const mine = { pursuitId, claim: number };
  await db.service.mutation(api.greenWork.leave, mine);
  await db.service.mutation(api.greenWork.left, { ...mine, commit: "d".repeat(40) });
  expect(await attempt(await claim())).toBe(false);
  expect(await row()).toMatchObject({ reason: "cost", costMicroUsd: 300_000 });
});

test("a run of it spends no more than is left, to the call", async () => {
  await db.service.mutation(api.credits.grant, {
    organizationId: ada.organizationId,
    key: "k",
    amountMicroUsd: 50_000_000,
    description: "d",
  });
  await start({ maxCostMicroUsd: 200_000 });
  await attempt(await claim());
  const reserve = async (requestId: string) =>
    await db.service.mutation(api.usage.reserve, {
      sessionId,
      requestId,
      keySource: "platform",
      inputMicroUsd: 100_000,
      outputMicroUsdPerMillion: 1,
      maxOutputTokens: 2_000,
    });
  expect(await reserve("a")).toMatchObject({ ok: true });
  await spend(150_000, "a");
  expect(await reserve("b")).toEqual({ ok: false, reason: "run_cap" });
  expect(await row()).toMatchObject({ reason: "cost" });
  // Nobody is asked to raise a cap that there is none of.
  expect(await ada.as.query(api.sandboxSessions.get, { sessionId })).toMatchObject({ waitingFor: null });
});

test("it works in the name of a person as long as they may", async () => {
  const mia = await member(db, "mia", "member", "ada");
  await expect(start({}, mia)).rejects.toMatchObject({ data: { code: "forbidden" } });
  await start();
  const mine = await claim();
  const rows = await db.t.run(async (ctx) => await ctx.db.query("members").collect());
  const own = rows.find(({ userId }) => userId === ada.userId)!;
  await db.t.run(async (ctx) => await ctx.db.patch(own._id, { role: "viewer" }));
  expect(await attempt(mine)).toBe(false);
  expect(await row()).toMatchObject({ reason: "person_left", attempts: 0 });
});

test("the end of an attempt's run is heard, whatever comes between", async () => {
  await start();
  await attempt(await claim());
  const { pursuitId, claim: number, claimed } = await claim();
  expect(claimed.run).toMatchObject({ status: "running" });
  await endRun();
  const late = { pursuitId, claim: number, afterMs: GREEN_TIMES.slowMs };
  await db.service.mutation(api.greenWork.later, late);
  expect((await row()).dueAt).toBeLessThanOrEqual(Date.now());
});

test("it ends with its session, and with a person's word; a run that is going goes on", async () => {
  await start();
  await attempt(await claim());
  await ada.as.mutation(api.greenPursuits.stop, { sessionId, folder: "shop" });
  await ada.as.mutation(api.greenPursuits.stop, { sessionId, folder: "shop" });
  expect(await row()).toMatchObject({ reason: "stopped" });
  expect((await events()).at(-1)).toMatchObject({ reason: "stopped", changed_by: "{person}" });
  expect(await ada.as.query(api.sandboxSessions.get, { sessionId })).toMatchObject({ status: "active" });
  const going = await runId();
  await endRun(undefined, going);
  expect((await row()).dueAt).toBe(0);
  await start();
  await expect(start()).rejects.toMatchObject(problem("green_going"));
  await ada.as.mutation(api.sandboxSessions.stop, { sessionId });
  expect(await row()).toMatchObject({ reason: "session_ended" });
});

test("what cannot be brought to green is refused, and a host that is away for long ends it", async () => {
  await expect(start({ folder: "none" })).rejects.toMatchObject(problem("git_none"));
  await expect(start({ maxAttempts: 21 })).rejects.toMatchObject({ data: { code: "invalid_request" } });
  const [repository] = await db.t.run(async (ctx) => await ctx.db.query("sessionRepositories").collect());
  const { pullRequest } = repositoryIn("shop");
  await db.t.run(
    async (ctx) =>
      await ctx.db.patch(repository!._id, { pullRequest: { ...pullRequest, state: "merged" as const } }),
  );
  await expect(start()).rejects.toMatchObject(problem("green_no_pull_request"));
  await db.t.run(async (ctx) => await ctx.db.patch(repository!._id, { pullRequest }));
  await start();
  const away = async () => {
    const { pursuitId, claim: number } = await claim();
    const given = { pursuitId, claim: number, afterMs: 5, problem: "The host can't be reached." };
    await db.service.mutation(api.greenWork.later, given);
  };
  await away();
  const { _id, failingSince } = await row();
  expect((await row()).reason).toBeNull();
  await db.t.run(
    async (ctx) => await ctx.db.patch(_id, { failingSince: failingSince! - GREEN_TIMES.failMs }),
  );
  await away();
  expect(await row()).toMatchObject({ reason: "host_failed", detail: "The host can't be reached." });
});

test("what a person hands over is theirs, once, and is remembered", async () => {
  const given = { sessionId, folder: "shop", message: "> Comment by mara", comments: ["comment:1"] };
  const first = await ada.by.mutation(api.greenPursuits.handOver, given);
  // Two clicks, half a second apart, are one.
  expect(await ada.by.mutation(api.greenPursuits.handOver, given)).toBe(first);
  const other = { ...given, message: "> Both", comments: ["comment:1", "review:2"] };
  const both = await ada.by.mutation(api.greenPursuits.handOver, other);
  expect(both).not.toBe(first);
  expect(await ada.by.mutation(api.greenPursuits.handOver, other)).toBe(both);
  await endRun(undefined, first);
  // Once it is over, the same may be wrong again.
  expect(await ada.by.mutation(api.greenPursuits.handOver, given)).not.toBe(first);
  const [listed] = await ada.as.query(api.sessionRepositories.list, { sessionId });
  expect(listed?.handed.toSorted((a, b) => a.localeCompare(b))).toEqual(["comment:1", "review:2"]);
  const eve = await member(db, "eve");
  await expect(eve.by.mutation(api.greenPursuits.handOver, given)).rejects.toMatchObject({
    data: { code: "not_found" },
  });
});

describe("a server that ends between any two of its writes", () => {
  const commit = "b".repeat(40);
  type Mine = Awaited<ReturnType<typeof claim>>;
  const of = ({ pursuitId, claim: number }: Mine) => ({ pursuitId, claim: number });
  /** What a server writes on the way, from a claim to a commit that was pushed; each leads to the next. */
  const STEPS: [name: string, write: (mine: Mine) => Promise<unknown>][] = [
    ["the claim", async () => undefined],
    ["the attempt", attempt],
    ["the run's end", async () => await endRun()],
    ["the second claim", async () => undefined],
    [
      "the word that it leaves something",
      async (mine) => await db.service.mutation(api.greenWork.leave, of(mine)),
    ],
    [
      "what it has left",
      async (mine) => await db.service.mutation(api.greenWork.left, { ...of(mine), commit }),
    ],
  ];
  /** Goes on from what the rows say, as the next server does, to the end of the attempt. */
  async function goOn(): Promise<void> {
    for (let turn = 0; turn < 6; turn += 1) {
      const mine = await claim();
      const { phase, run } = mine.claimed;
      if (phase === "looking" && (await row()).pushed === commit) return;
      if (phase === "looking") await attempt(mine);
      else if (phase === "working" && run?.status === "running") await endRun();
      else {
        expect(await db.service.mutation(api.greenWork.leave, of(mine))).toBe(true);
        await db.service.mutation(api.greenWork.left, { ...of(mine), commit });
      }
    }
    throw new Error("it never ends");
  }

  test.each(STEPS.map(([name], index) => [name, index] as const))("after %s", async (_, cut) => {
    await start();
    let mine = await claim();
    for (const [name, write] of STEPS.slice(0, cut + 1)) {
      if (name === "the second claim") mine = await claim();
      await write(mine);
    }
    const dead = mine;
    await goOn();
    const now = await row();
    expect(now).toMatchObject({ attempts: 1, phase: "looking", pushed: commit, fruitless: 0, reason: null });
    // The dead one comes back, and does the rest of what it was about to do: nothing of it counts.
    await attempt(dead);
    await db.service.mutation(api.greenWork.leave, of(dead));
    await db.service.mutation(api.greenWork.left, { ...of(dead), commit: null });
    await db.service.mutation(api.greenWork.end, { ...of(dead), reason: "push_failed" });
    await db.service.mutation(api.greenWork.later, { ...of(dead), afterMs: 1e9, problem: "away" });
    expect(await row()).toEqual(now);
    expect(await db.t.run(async (ctx) => await ctx.db.query("runs").collect())).toHaveLength(1);
    expect(await audited()).toEqual(["member green.started", "system green.attempted"]);
    expect((await events()).map(({ act }) => act)).toEqual(["started", "attempt"]);
    const [listed] = await ada.as.query(api.sessionRepositories.list, { sessionId });
    expect(listed?.handed).toEqual(["comment:1"]);
  });
});

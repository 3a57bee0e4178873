import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import { findModel } from "#domain/catalog.ts";
import { costAtMost, costMicroUsd } from "#domain/pricing.ts";
import type { Held } from "#server/gateway/holds.ts";
import type { Call } from "#server/gateway/record.ts";
import { settlementOf } from "#server/gateway/settle.ts";
import { UsageMeter } from "#server/gateway/usage.ts";
import { grant, database, type Database, member, type Member, readySession } from "./support.ts";

const DOLLAR = 1_000_000;
const { model } = findModel("anthropic", "claude-sonnet-4-6")!;
/** The organization's own key, so that no markup of the operator's is asked for; who pays is said to Convex apart. */
const callOf = (requestId: string) =>
  ({
    session: { keySource: "direct" },
    upstream: { route: "anthropic", model },
    requestId,
  }) as unknown as Call;

let db: Database;
let ada: Member;
let sessions: Id<"sandboxSessions">[];

async function fresh(): Promise<void> {
  db = database();
  ada = await member(db, "ada");
  sessions = [(await readySession(db, ada)).sessionId];
}
beforeEach(fresh);

const give = async (amountMicroUsd: number) => await grant(db, ada, amountMicroUsd);
const balance = async () => await ada.as.query(api.credits.balance, {});
const setCap = async (sessionId: Id<"sandboxSessions">, cap: number) =>
  await db.t.run(async (ctx) => await ctx.db.patch(sessionId, { budgetCapMicroUsd: cap }));

interface Asked {
  /** Of the input, as it is likely and as it can be at most. */
  likelyTokens: number;
  mostTokens: number;
  maxOutputTokens: number;
  answers: number;
}
interface Open extends Held {
  requestId: string;
  sessionId: Id<"sandboxSessions">;
  mostTokens: number;
}

let made = 0;
/** Reserves as the gateway does. */
async function reserve(sessionId: Id<"sandboxSessions">, asked: Asked): Promise<Open | string> {
  const requestId = `call-${(made += 1)}`;
  const most = (inputTokens: number, outputTokens = 0) => costAtMost(model, { inputTokens, outputTokens });
  const decision = await db.service.mutation(api.usage.reserve, {
    sessionId,
    requestId,
    keySource: "platform",
    inputMicroUsd: most(asked.likelyTokens),
    maxInputMicroUsd: most(asked.mostTokens),
    outputMicroUsdPerMillion: (most(asked.mostTokens, DOLLAR) - most(asked.mostTokens)) * asked.answers,
    maxOutputTokens: asked.maxOutputTokens,
  });
  if (!decision.ok) return decision.reason;
  const { answers, likelyTokens: inputTokens, mostTokens } = asked;
  return { ...decision, requestId, sessionId, answers, inputTokens, mostTokens };
}

/** Settles as the gateway does, by what the provider answered. Answers what was charged above the hold. */
async function settle(open: Open, answer: string, broken: boolean): Promise<number> {
  const meter = new UsageMeter("openai-chat", "application/json");
  meter.push(new TextEncoder().encode(answer));
  const found = settlementOf(callOf(open.requestId), open, meter.end(), broken);
  if (!found) throw new Error("no answer here says that it failed");
  const { usage, costMicroUsd: cost, estimated } = found;
  await db.service.mutation(api.usage.record, {
    sessionId: open.sessionId,
    requestId: open.requestId,
    provider: "anthropic",
    model: model.id,
    keySource: "platform",
    inputTokens: usage.inputTokens,
    cachedTokens: usage.cachedTokens,
    outputTokens: usage.outputTokens,
    costMicroUsd: cost,
    ...(estimated && { estimated }),
  });
  return Math.max(0, cost - open.amountMicroUsd);
}

/** All that a provider may answer: counts that are within what was asked for, or anything odd in their place. */
const share = fc.double({ min: 0, max: 1, noNaN: true });
const odd = fc.constantFrom<unknown>(null, "12", -1, 1.5, 2e9, {}, [], true, "NaN");
const answers = fc.oneof(
  fc.record({ kind: fc.constant("counts" as const), input: share, output: share }),
  fc.record({ kind: fc.constant("odd input" as const), input: odd, output: share }),
  fc.record({ kind: fc.constant("odd output" as const), input: share, output: odd }),
  fc.record({ kind: fc.constant("odd usage" as const), input: odd, output: odd }),
  fc.record({ kind: fc.constant("none" as const), input: odd, output: odd }),
);
type Answered = typeof answers extends fc.Arbitrary<infer T> ? T : never;

function bodyOf({ kind, input, output }: Answered, open: Open): string {
  const counted = (value: unknown, most: number) =>
    typeof value === "number" && value >= 0 && value <= 1 ? Math.floor(value * most) : value;
  if (kind === "none") return JSON.stringify({ choices: [] });
  if (kind === "odd usage") return JSON.stringify({ usage: input, choices: [] });
  return JSON.stringify({
    usage: {
      prompt_tokens: kind === "odd input" ? input : counted(input, open.mostTokens),
      completion_tokens:
        kind === "odd output" ? output : counted(output, open.maxOutputTokens * open.answers),
      cost: kind === "odd input" ? { total: 1 } : null,
    },
    choices: [{ finish_reason: "stop" }],
  });
}

const asked = fc
  .record({
    likelyTokens: fc.integer({ min: 10, max: 60_000 }),
    more: fc.integer({ min: 1, max: 3 }),
    maxOutputTokens: fc.integer({ min: 1, max: 64_000 }),
    answers: fc.integer({ min: 1, max: 8 }),
  })
  .map(({ more, ...rest }): Asked => ({ ...rest, mostTokens: rest.likelyTokens * more }));
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("race" as const),
      calls: fc.array(asked, { minLength: 1, maxLength: 8 }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("settle" as const),
      which: fc.nat(20),
      answer: answers,
      broken: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("refused" as const), which: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("new session" as const) }) },
);

describe("money", () => {
  test("SEC-5: racing calls, aborted streams and odd usages overdraw by the error of one answer at most", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 20_000, max: 3 * DOLLAR }),
        fc.option(fc.integer({ min: 10_000, max: DOLLAR }), { nil: undefined }),
        fc.array(step, { maxLength: 14 }),
        async (credits, cap, steps) => {
          await fresh();
          await give(credits);
          if (cap !== undefined) await setCap(sessions[0]!, cap);
          const open: Open[] = [];
          let worstError = 0;
          const end = async (which: number, answer: Answered, broken: boolean) => {
            const [call] = open.splice(which % Math.max(1, open.length), 1);
            if (call) worstError = Math.max(worstError, await settle(call, bodyOf(answer, call), broken));
          };
          const check = async () => {
            expect((await balance()).balanceMicroUsd).toBeGreaterThanOrEqual(-worstError);
            for (const sessionId of sessions) {
              const { budgetCapMicroUsd, totalCostMicroUsd } = await ada.as.query(api.sandboxSessions.get, {
                sessionId,
              });
              if (budgetCapMicroUsd !== null)
                expect(totalCostMicroUsd).toBeLessThanOrEqual(budgetCapMicroUsd + worstError);
            }
          };
          for (const action of steps) {
            if (action.do === "race") {
              const sessionId = sessions.at(-1)!;
              const decided = await Promise.all(
                action.calls.map(async (call) => await reserve(sessionId, call)),
              );
              open.push(...decided.filter((one) => typeof one !== "string"));
            } else if (action.do === "settle") await end(action.which, action.answer, action.broken);
            else if (action.do === "refused") {
              const [call] = open.splice(action.which % Math.max(1, open.length), 1);
              if (call) await db.service.mutation(api.usage.release, { requestId: call.requestId });
            } else {
              // Its calls go on, and are charged when they end.
              await ada.as.mutation(api.sandboxSessions.stop, { sessionId: sessions.at(-1)! });
              sessions.push((await readySession(db, ada)).sessionId);
              if (cap !== undefined) await setCap(sessions.at(-1)!, cap);
            }
            await check();
          }
          // In the worst case, for those who are still open: all that they may cost.
          while (open.length > 0) await end(0, { kind: "counts", input: 1, output: 1 }, false);
          await check();
          expect((await balance()).heldMicroUsd).toBe(0);
        },
      ),
      { numRuns: 40 },
    );
  });

  test("SEC-5: a session that ends does not give the credits of its calls under way to the next one", async () => {
    await give(930_000);
    const most: Asked = { likelyTokens: 1_000, mostTokens: 3_000, maxOutputTokens: 60_000, answers: 1 };
    const first = await reserve(sessions[0]!, most);
    if (typeof first === "string") throw new Error(first);
    await ada.as.mutation(api.sandboxSessions.stop, { sessionId: sessions[0]! });
    const next = (await readySession(db, ada)).sessionId;
    expect(await reserve(next, most)).toBe("no_credit");
    await settle(first, JSON.stringify({ usage: { prompt_tokens: 10, completion_tokens: 10 } }), false);
    expect(await reserve(next, most)).toMatchObject({ ok: true });
  });

  test("SEC-5: with less than a call can cost, it is made alone", async () => {
    const call: Asked = { likelyTokens: 10_000, mostTokens: 30_000, maxOutputTokens: 2_000, answers: 1 };
    const likely = costAtMost(model, { inputTokens: 10_000, outputTokens: 0 });
    await give(2 * (likely + costMicroUsd(model, { inputTokens: 0, cachedTokens: 0, outputTokens: 2_000 })));
    const first = await reserve(sessions[0]!, call);
    expect(first).toMatchObject({ ok: true });
    expect(await reserve(sessions[0]!, call)).toBe("held");
    if (typeof first !== "string")
      await settle(first, JSON.stringify({ usage: { prompt_tokens: 100, completion_tokens: 1 } }), false);
    expect(await reserve(sessions[0]!, call)).toMatchObject({ ok: true });
  });

  test("SEC-12: what was estimated is flagged in the usage record, the log and the report", async () => {
    await give(DOLLAR);
    const open = await reserve(sessions[0]!, {
      likelyTokens: 10,
      mostTokens: 10,
      maxOutputTokens: 1_000,
      answers: 1,
    });
    if (typeof open === "string") throw new Error(open);
    await settle(open, "{}", false);
    expect((await balance()).balanceMicroUsd).toBe(DOLLAR - open.amountMicroUsd);
    const { groups } = await ada.as.query(api.usageReports.page, {
      from: "2026-01-01",
      paginationOpts: { numItems: 10, cursor: null },
    });
    expect(groups).toMatchObject([{ calls: 1, estimatedCalls: 1 }]);
    const { events: rows } = await ada.as.query(api.events.list, {
      sessionId: sessions[0]!,
      after: 0,
      limit: 100,
    });
    const recorded = rows.find((row) => row.type === "usage.recorded");
    expect(JSON.parse(recorded?.payload ?? "{}")).toMatchObject({ estimated: true });
  });
});

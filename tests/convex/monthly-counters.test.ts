import fc from "fast-check";
import { expect, test } from "vitest";
import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import { database, member, readySession } from "./support.ts";
import { USED } from "./things.ts";

const CALL = { inputMicroUsd: 10_000, outputMicroUsdPerMillion: 10_000_000 };
const CENT = 10_000;
const page = { paginationOpts: { numItems: 20, cursor: null } };

test("whatever happens, counters are the sums, and no call is held beyond a limit", async () => {
  const id = fc.nat(6).map((n) => `r${n}`);
  const step = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant("reserve" as const),
        id,
        output: fc.integer({ min: 1, max: 20_000 }),
      }),
    },
    { weight: 3, arbitrary: fc.record({ do: fc.constant("record" as const), id, part: fc.nat(100) }) },
    fc.record({ do: fc.constant("release" as const), id }),
    fc.record({ do: fc.constant("limit" as const), amount: fc.integer({ min: CENT, max: 60 * CENT }) }),
    fc.record({ do: fc.constant("own" as const), amount: fc.integer({ min: CENT, max: 60 * CENT }) }),
    fc.record({ do: fc.constant("unlimited" as const) }),
    fc.record({ do: fc.constant("end" as const) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      const mine = database();
      const ann = await member(mine, "ann");
      let at = (await readySession(mine, ann)).sessionId;
      const holds = new Map<string, { amount: number; in: Id<"sandboxSessions"> }>();
      let spent = 0;
      for (const action of steps) {
        if (action.do === "reserve") {
          const answer = await mine.service.mutation(api.usage.reserve, {
            sessionId: at,
            requestId: action.id,
            keySource: "direct",
            ...CALL,
            maxOutputTokens: action.output,
          });
          if (!answer.ok || holds.has(action.id)) continue;
          holds.set(action.id, { amount: answer.amountMicroUsd, in: at });
          for (const limit of (await ann.as.query(api.monthlyLimits.list, page)).page)
            expect(limit.spentMicroUsd + limit.heldMicroUsd).toBeLessThanOrEqual(limit.limitMicroUsd);
        } else if (action.do === "record") {
          const hold = holds.get(action.id);
          if (!hold) continue;
          const known = await mine.t.run(
            async (ctx) =>
              await ctx.db
                .query("usageRecords")
                .withIndex("by_request", (q) => q.eq("requestId", action.id))
                .unique(),
          );
          const costMicroUsd = Math.floor((hold.amount * action.part) / 100);
          if (!known) spent += costMicroUsd;
          await mine.service.mutation(api.usage.record, {
            sessionId: hold.in,
            requestId: action.id,
            ...USED,
            keySource: "direct",
            costMicroUsd,
          });
        } else if (action.do === "release")
          await mine.service.mutation(api.usage.release, { requestId: action.id });
        else if (action.do === "limit")
          await ann.as.mutation(api.monthlyLimits.set, {
            subject: "organization",
            limitMicroUsd: action.amount,
          });
        else if (action.do === "own")
          await ann.as.mutation(api.monthlyLimits.set, {
            subject: "member",
            subjectId: ann.userId,
            limitMicroUsd: action.amount,
          });
        else if (action.do === "unlimited")
          await ann.as.mutation(api.monthlyLimits.remove, { subject: "organization" });
        else {
          await ann.as.mutation(api.sandboxSessions.stop, { sessionId: at });
          at = (await readySession(mine, ann)).sessionId;
        }
      }
      const rows = await mine.t.run(async (ctx) => ({
        spending: await ctx.db.query("monthlySpending").collect(),
        open: (await ctx.db.query("creditHolds").collect()).filter((row) => row.status === "open"),
      }));
      for (const subject of ["organization", "member"] as const) {
        const row = rows.spending.filter((one) => one.subject === subject);
        expect(row.reduce((sum, one) => sum + one.spentMicroUsd, 0)).toBe(spent);
        const held = rows.open.filter(({ limitedBy }) => limitedBy?.includes(subject));
        expect(row.reduce((sum, one) => sum + one.heldMicroUsd, 0)).toBe(
          held.reduce((sum, one) => sum + one.amountMicroUsd, 0),
        );
      }
    }),
    { numRuns: 40 },
  );
});

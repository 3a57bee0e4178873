import { type FunctionReference, getFunctionName } from "convex/server";
import { makeMigration, startMigrationsSerially } from "convex-helpers/server/migrations";
import { v } from "convex/values";
import { internal } from "./_generated/api";
import type { Doc } from "./_generated/dataModel";
import type { MutationCtx, QueryCtx } from "./_generated/server";
import { serviceMutation, serviceQuery, systemMutation } from "./functions.ts";
import { withoutActorText } from "./model/audit-migration.ts";
import { withRunCounted, withUseCounted } from "./model/agent-daily.ts";
import { beginVersions } from "./model/agent-versions.ts";
import { withActs } from "./model/approval-acts.ts";
import { withMonthCounted } from "./model/monthly-limits.ts";
import { beginProject } from "./model/project.ts";
import { withAsked } from "./model/questions.ts";
import { indexAll } from "./model/search-texts.ts";
import { withSpentMonth } from "./model/spent-month.ts";
import { moveTotals } from "./model/totals.ts";
import { rollUp } from "./model/usage-daily.ts";

/**
 * Changes of data that is stored already, in batches that can be cut short and go on. Each is idempotent: what has its
 * new form is left alone. A field that a migration empties stays optional in the schema until every installation has
 * run it.
 */
const migration = makeMigration(systemMutation, { migrationTable: "migrations", defaultBatchSize: 50 });

/** Audit entries of before people stood there by their id alone. */
export const auditActors = migration({
  table: "auditEntries",
  migrateOne: (_ctx, entry) => withoutActorText(entry),
});

/** Sessions of before their totals stood in a row of their own. */
export const sessionTotals = migration({
  table: "sandboxSessions",
  migrateOne: async (ctx, session) => await moveTotals(ctx, session),
});

/** Model calls of before their days were added up. */
export const usageDaily = migration({
  table: "usageRecords",
  migrateOne: async (ctx, record) => await rollUp(ctx, record),
});

/** Sessions of before they were found by their words. Each reads its runs, which can be long. */
export const searchTexts = migration({
  table: "sandboxSessions",
  batchSize: 4,
  migrateOne: async (ctx, session) => await indexAll(ctx, session),
});

/** Questions of before what they ask had a validator. One has at most 1 MiB. */
export const questionsAsked = migration({
  table: "questions",
  batchSize: 4,
  migrateOne: (_ctx, question) => withAsked(question),
});

/** What agents asked before the kinds of it, and who had started its run, were noted. */
export const approvalActs = migration({
  table: "approvals",
  migrateOne: async (ctx, approval) => await withActs(ctx, approval),
});

/** Agents of before their versions were kept. */
export const agentVersions = migration({
  table: "agents",
  migrateOne: async (ctx, agent) => void (await beginVersions(ctx, agent)),
});

/** Runs of before the days of agents were added up. One has up to 200 kB of what was said. */
export const agentRuns = migration({
  table: "runs",
  batchSize: 10,
  migrateOne: async (ctx, run) => await withRunCounted(ctx, run),
});

/** The same of what sessions used. */
export const agentUse = migration({
  table: "usageDaily",
  migrateOne: async (ctx, row) => await withUseCounted(ctx, row),
});

/** Rules of before their use was noted: what they were used for until now is not known. */
export const rulesUsed = migration({
  table: "approvalRules",
  migrateOne: (_ctx, rule) =>
    rule.usedAt === undefined && rule.usedFrom === undefined ? { usedFrom: Date.now() } : undefined,
});

/** Projects of before their changes were kept. */
export const projectHeads = migration({
  table: "organizations",
  migrateOne: async (ctx, { _id: organizationId }) => {
    for (const environment of ["development", "production"] as const)
      await beginProject(ctx, { organizationId, environment });
  },
});

/** Model calls of before what is spent in a month was added up: those of the present month. */
export const monthlySpending = migration({
  table: "usageRecords",
  migrateOne: async (ctx, record) => await withMonthCounted(ctx, record),
});

/** Credit accounts of before what a month has spent was added up. Each reads the days of one. */
export const spentMonths = migration({
  table: "creditAccounts",
  batchSize: 4,
  migrateOne: async (ctx, account) => await withSpentMonth(ctx, account),
});

/** All of them, in their order: one is added at the end, and none is taken away. */
type Migration = FunctionReference<"mutation", "internal">;
const ALL = (): Migration[] => [
  internal.migrations.auditActors,
  internal.migrations.sessionTotals,
  internal.migrations.usageDaily,
  internal.migrations.searchTexts,
  internal.migrations.questionsAsked,
  internal.migrations.approvalActs,
  internal.migrations.agentVersions,
  internal.migrations.agentRuns,
  internal.migrations.agentUse,
  internal.migrations.rulesUsed,
  internal.migrations.projectHeads,
  internal.migrations.monthlySpending,
  internal.migrations.spentMonths,
];

async function stateOf(ctx: QueryCtx, one: Migration): Promise<Doc<"migrations"> | null> {
  return await ctx.db
    .query("migrations")
    .withIndex("name", (q) => q.eq("name", getFunctionName(one)))
    .unique();
}

async function startUnfinished(ctx: MutationCtx): Promise<string[]> {
  const states = await Promise.all(ALL().map(async (one) => ({ one, state: await stateOf(ctx, one) })));
  const unfinished = states.filter(({ state }) => !state?.isDone).map(({ one }) => one);
  await startMigrationsSerially(ctx, unfinished);
  return unfinished.map((one) => getFunctionName(one));
}

/**
 * Starts what has not been done yet, one after the other; where one is under way already, it goes on alone.
 * Each server calls it when it starts. @returns the names of those that are not done
 */
export const start = serviceMutation({
  args: {},
  returns: v.array(v.string()),
  handler: async (ctx) => await startUnfinished(ctx),
});

/** The same by hand, `npx convex run migrations:run`, and by a cron, for what a failure has stopped. */
export const run = systemMutation({
  args: {},
  returns: v.array(v.string()),
  handler: async (ctx) => await startUnfinished(ctx),
});

/** How far each has come: rows that it has seen, and whether that was all. */
export const status = serviceQuery({
  args: {},
  returns: v.array(v.object({ name: v.string(), isDone: v.boolean(), processed: v.number() })),
  handler: async (ctx) =>
    await Promise.all(
      ALL().map(async (one) => {
        const known = await stateOf(ctx, one);
        const { isDone = false, processed = 0 } = known ?? {};
        return { name: getFunctionName(one), isDone, processed };
      }),
    ),
});

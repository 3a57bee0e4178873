import type { TableNames } from "../_generated/dataModel";
import type { Id } from "../_generated/dataModel";
import type { MutationCtx } from "../_generated/server";
import { takeUpTo } from "./paging.ts";

/** Rows that one step of an erasure removes, at most: few enough for one transaction, whatever their size. */
const STEP_ROWS = 200;

/** Every table with an organization's rows, and an index that finds them. The organization itself goes last. */
const TABLES = [
  ["sessionEvents", "by_organization"],
  ["importedEvents", "by_organization"],
  ["sessionImports", "by_organization_state"],
  ["searchTexts", "by_organization"],
  ["sessionCommands", "by_organization"],
  ["sessionStreams", "by_organization"],
  ["approvals", "by_organization"],
  ["questions", "by_organization"],
  ["artifacts", "by_organization"],
  ["approvalGrants", "by_organization"],
  ["approvalRules", "by_place"],
  ["runs", "by_organization"],
  ["runWebhooks", "by_organization"],
  ["notifications", "by_organization"],
  ["notificationChoices", "by_member"],
  ["notificationDeliveries", "by_organization"],
  ["notificationDestinations", "by_organization"],
  ["pushSubscriptions", "by_member"],
  ["usageRecords", "by_organization"],
  ["sessionTotals", "by_organization"],
  ["usageDaily", "by_group"],
  ["agentDaily", "by_day"],
  ["sandboxMeters", "by_organization"],
  ["sandboxMonths", "by_month"],
  ["creditHolds", "by_organization"],
  ["monthlyLimits", "by_subject"],
  ["monthlySpending", "by_subject_month"],
  ["purchases", "by_organization"],
  ["checkouts", "by_organization"],
  ["topUpPlans", "by_organization"],
  ["billingCustomers", "by_organization"],
  ["ledgerEntries", "by_organization"],
  ["creditAccounts", "by_organization"],
  ["providerKeys", "by_provider"],
  ["variables", "by_place"],
  ["sessionVariables", "by_organization"],
  ["gitDeliveries", "by_organization"],
  ["gitConnections", "by_slug"],
  ["registries", "by_slug"],
  ["sessionMcpServers", "by_organization"],
  ["mcpDaily", "by_organization"],
  ["mcpSignIns", "by_organization"],
  ["mcpGrants", "by_organization"],
  ["mcpToolLists", "by_organization"],
  ["mcpPastLists", "by_organization"],
  ["mcpServers", "by_name"],
  ["runRequests", "by_organization"],
  ["sessionPins", "by_organization"],
  ["sessionAgents", "by_organization"],
  ["skillOffers", "by_organization"],
  ["keptSkillTexts", "by_organization"],
  ["skillTexts", "by_organization"],
  ["skills", "by_place"],
  ["agentVersions", "by_organization"],
  ["agents", "by_organization_archived_updated"],
  ["sessionRepositories", "by_organization"],
  ["greenPursuits", "by_organization"],
  ["dataKeys", "by_organization"],
  ["supportLooks", "by_organization"],
  ["supportGrants", "by_organization"],
  ["auditEntries", "by_organization"],
  ["organizationSettings", "by_organization"],
  ["setupScripts", "by_place"],
  ["setupOutputs", "by_organization"],
  ["setupBuilds", "by_place"],
  ["networkPolicies", "by_environment"],
  ["networkRefusals", "by_organization"],
  ["sessionProjects", "by_organization"],
  ["sessionDefinitions", "by_organization"],
  ["projectDefinitions", "by_slug"],
  ["projectVersions", "by_version"],
  ["projectPushes", "by_revision"],
  ["projectHeads", "by_environment"],
  ["commandLogins", "by_organization"],
  ["apiKeys", "by_organization_kind"],
  ["memberChanges", "by_organization_user"],
  ["members", "by_organization_user"],
  ["sessionSaves", "by_organization"],
  ["sessionRewinds", "by_organization"],
  ["checkpoints", "by_organization"],
  ["checkpointUsage", "by_organization"],
  ["checkpointKeys", "by_organization"],
  ["sandboxSlots", "by_organization"],
  ["sandboxSessions", "by_organization"],
] as const satisfies readonly (readonly [TableNames, string])[];

/** Names of the tables that hold an organization's rows. */
export const ORGANIZATION_TABLES: readonly TableNames[] = TABLES.map(([table]) => table);

type Row = { _id: Id<TableNames>; cleanupPending?: boolean; snapshotId?: string; status?: string };

/** True where something outside is still to be removed, which the row is what reminds of. */
const reminds = (row: Row, table: TableNames): boolean =>
  row.cleanupPending === true || table === "checkpoints";

/** What an erasure needs of the tables, which all name their organization alike. */
interface RowsOfOrganizations {
  query(table: TableNames): {
    withIndex(
      index: string,
      range: (q: { eq(field: "organizationId", value: string): unknown }) => unknown,
    ): AsyncIterable<Row>;
  };
}

/**
 * Removes a step's worth of an organization's rows, from the first table that has any.
 * @returns whether there is more to do: "waiting" where only sessions are left whose sandbox is still to be ended,
 * since their rows are what reminds of it; "none" once the organization itself is gone
 */
export async function eraseStep(
  ctx: MutationCtx,
  organizationId: Id<"organizations">,
): Promise<"more" | "waiting" | "none"> {
  for (const [table, index] of TABLES) {
    const rows = await takeUpTo(
      (ctx.db as unknown as RowsOfOrganizations)
        .query(table)
        .withIndex(index, (q) => q.eq("organizationId", organizationId)),
      { rows: STEP_ROWS },
    );
    for (const row of rows)
      if (table === "setupBuilds" && row.snapshotId !== undefined && row.cleanupPending !== true) {
        // The sandbox service still keeps its snapshot: the row is what reminds of it.
        await ctx.db.patch(row._id as Id<"setupBuilds">, { cleanupPending: true });
        row.cleanupPending = true;
      }
    for (const row of rows)
      if (table === "checkpoints" && row.status !== "removing")
        await ctx.db.patch(row._id as Id<"checkpoints">, { status: "removing" });
    const free = rows.filter((row) => !reminds(row, table));
    for (const row of free) {
      if (table === "apiKeys") {
        const use = await ctx.db
          .query("apiKeyUses")
          .withIndex("by_key", (q) => q.eq("keyId", row._id as Id<"apiKeys">))
          .unique();
        if (use) await ctx.db.delete(use._id);
      }
      await ctx.db.delete(row._id);
    }
    if (free.length > 0) return "more";
    if (rows.length > 0) return "waiting";
  }
  await ctx.db.delete(organizationId);
  return "none";
}

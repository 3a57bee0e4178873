import type { PaginationOptions } from "convex/server";
import type { ExportTable } from "#domain/exports.ts";
import { MCP_EXPORTED } from "./mcp.ts";
import { REPOSITORY_EXPORTED } from "./git.ts";
import { REGISTRY_EXPORTED } from "./registries.ts";
import { agentFieldsSchema } from "#domain/agent.ts";
import { SETTING_KEYS } from "#domain/settings.ts";
import type { Doc, Id } from "../_generated/dataModel";
import type { QueryCtx } from "../_generated/server";
import { filled, only, type Reader, type Row, shown, withoutHidden } from "./export-rows.ts";
import { Names } from "./people.ts";
import { LIMIT_READERS } from "./limit-exports.ts";
import { PROJECT_READERS } from "./project-exports.ts";
import { totalsOf } from "./totals.ts";

const AGENT_FIELDS = agentFieldsSchema.keyof().options;

async function withPerson(ctx: QueryCtx, member: Doc<"members">) {
  const user = await ctx.db.get(member.userId);
  return { ...member, name: user?.name ?? "", email: user?.email ?? "" };
}

const READERS: Record<ExportTable, Reader> = {
  members: async (ctx, organizationId, options) => {
    const found = await ctx.db
      .query("members")
      .withIndex("by_organization_user", (q) => q.eq("organizationId", organizationId))
      .paginate(options);
    const page = await Promise.all(found.page.map(async (member) => await withPerson(ctx, member)));
    return await only(Promise.resolve({ ...found, page }), ["userId", "name", "email", "role"], false);
  },
  sessions: async (ctx, organizationId, options, names) =>
    await only(
      filled(
        shown(
          ctx.db
            .query("sandboxSessions")
            .withIndex("by_organization", (q) => q.eq("organizationId", organizationId))
            .paginate(options),
        ),
        async (row) => ({ ...row, ...(await totalsOf(ctx, row)), userName: await names.of(row.userId) }),
      ),
      [
        "environment",
        "userId",
        "userName",
        "title",
        "status",
        "errorMessage",
        "provider",
        "model",
        "requestedModel",
        "keySource",
        "parentSessionId",
        "branchFromSeq",
        "importedAt",
        "agentId",
        "agentName",
        "totalInputTokens",
        "totalCachedTokens",
        "totalOutputTokens",
        "totalCostMicroUsd",
        "totalCreditsConsumed",
        "budgetCapMicroUsd",
        "lastActivityAt",
        "stoppedAt",
      ],
    ),
  runs: async (ctx, organizationId, options) =>
    await only(
      ctx.db
        .query("runs")
        .withIndex("by_organization", (q) => q.eq("organizationId", organizationId))
        .paginate(options),
      [
        "sessionId",
        "userId",
        "agentId",
        "agentName",
        "provider",
        "model",
        "input",
        "status",
        "output",
        "error",
        "errorKind",
        "totalInputTokens",
        "totalOutputTokens",
        "totalCostMicroUsd",
        "startedAt",
        "completedAt",
      ],
    ),
  events: async (ctx, organizationId, options, names) =>
    await only(
      filled(
        ctx.db
          .query("sessionEvents")
          .withIndex("by_organization", (q) => q.eq("organizationId", organizationId))
          .paginate(options),
        async (row) => ({ ...row, payload: await names.payloadOf(row) }),
      ),
      ["sessionId", "runId", "seq", "type", "ts", "source", "payload", "costMicroUsd"],
      false,
    ),
  imported_sessions: async (ctx, organizationId, options) =>
    await only(
      ctx.db
        .query("sessionImports")
        .withIndex("by_organization_state", (q) => q.eq("organizationId", organizationId).eq("state", "done"))
        .paginate(options),
      ["sessionId", "userId", "format"],
      false,
    ),
  imported_events: async (ctx, organizationId, options) => {
    const found = await ctx.db
      .query("importedEvents")
      .withIndex("by_organization", (q) => q.eq("organizationId", organizationId))
      .paginate(options);
    const page = await withoutHidden(ctx, found.page, ({ sessionId }) => sessionId);
    return await only(Promise.resolve({ ...found, page }), ["sessionId", "seq", "text"], false);
  },
  approvals: async (ctx, organizationId, options, names) =>
    await only(
      filled(
        ctx.db
          .query("approvals")
          .withIndex("by_organization", (q) => q.eq("organizationId", organizationId))
          .paginate(options),
        async (row) =>
          row.decidedBy === undefined
            ? row
            : { ...row, decidedBy: await names.fill(row.decidedBy, row.decidedById) },
      ),
      [
        "sessionId",
        "runId",
        "key",
        "tool",
        "summary",
        "request",
        "decision",
        "decidedBy",
        "decidedAt",
        "expiresAt",
      ],
      false,
    ),
  usage: async (ctx, organizationId, options) =>
    await only(
      ctx.db
        .query("usageRecords")
        .withIndex("by_organization", (q) => q.eq("organizationId", organizationId))
        .paginate(options),
      [
        "sessionId",
        "runId",
        "userId",
        "keyId",
        "purpose",
        "provider",
        "model",
        "keySource",
        "inputTokens",
        "cachedTokens",
        "outputTokens",
        "costMicroUsd",
      ],
    ),
  ledger: async (ctx, organizationId, options) =>
    await only(
      ctx.db
        .query("ledgerEntries")
        .withIndex("by_organization", (q) => q.eq("organizationId", organizationId))
        .paginate(options),
      ["kind", "deltaMicroUsd", "balanceAfterMicroUsd", "description", "sessionId"],
    ),
  purchases: async (ctx, organizationId, options) =>
    await only(
      ctx.db
        .query("purchases")
        .withIndex("by_organization", (q) => q.eq("organizationId", organizationId))
        .paginate(options),
      ["paymentId", "boughtMicroUsd", "returnedMicroUsd", "disputedMicroUsd", "receiptUrl"],
    ),
  // People's keys alone: a sandbox's own are no data of the organization's.
  api_keys: async (ctx, organizationId, options) =>
    await only(
      ctx.db
        .query("apiKeys")
        .withIndex("by_organization_kind", (q) => q.eq("organizationId", organizationId).eq("kind", "user"))
        .paginate(options),
      ["name", "last4", "scopes", "environment", "userId", "expiresAt", "revokedAt"],
      false,
    ),
  provider_keys: async (ctx, organizationId, options) =>
    await only(
      ctx.db
        .query("providerKeys")
        .withIndex("by_provider", (q) => q.eq("organizationId", organizationId))
        .paginate(options),
      ["provider", "name", "baseUrl", "models", "last4", "status", "statusDetail", "verifiedAt", "updatedAt"],
      false,
    ),
  variables: async (ctx, organizationId, options) =>
    await only(
      ctx.db
        .query("variables")
        .withIndex("by_place", (q) => q.eq("organizationId", organizationId))
        .paginate(options),
      ["name", "environment", "description", "reach", "updatedAt"],
      false,
    ),
  git_connections: async (ctx, organizationId, options) =>
    await only(
      ctx.db
        .query("gitConnections")
        .withIndex("by_slug", (q) => q.eq("organizationId", organizationId))
        .paginate(options),
      [
        "slug",
        "kind",
        "name",
        "baseUrl",
        "apiUrl",
        "app",
        "username",
        "repositories",
        "last4",
        "status",
        "statusDetail",
        "verifiedAt",
        "updatedAt",
      ],
      false,
    ),
  mcpServers: async (ctx, organizationId, options) =>
    await only(
      ctx.db
        .query("mcpServers")
        .withIndex("by_name", (q) => q.eq("organizationId", organizationId))
        .paginate(options),
      MCP_EXPORTED,
    ),
  registries: async (ctx, organizationId, options) =>
    await only(
      ctx.db
        .query("registries")
        .withIndex("by_slug", (q) => q.eq("organizationId", organizationId))
        .paginate(options),
      REGISTRY_EXPORTED,
      false,
    ),
  notification_destinations: async ({ db }, organizationId, options) =>
    await only(
      db
        .query("notificationDestinations")
        .withIndex("by_organization", (q) => q.eq("organizationId", organizationId))
        .paginate(options),
      ["kind", "name", "host", "kinds", "enabled", "offBecause", "lastDeliveredAt", "updatedAt"],
      false,
    ),
  agents: async (ctx, organizationId, options) =>
    await only(
      ctx.db
        .query("agents")
        .withIndex("by_organization_archived_updated", (q) => q.eq("organizationId", organizationId))
        .paginate(options),
      ["revision", ...AGENT_FIELDS, "updatedAt", "archivedAt"],
    ),
  agent_versions: async ({ db }, organizationId, options) =>
    await only(
      db
        .query("agentVersions")
        .withIndex("by_organization", (q) => q.eq("organizationId", organizationId))
        .paginate(options),
      ["agentId", "revision", ...AGENT_FIELDS, "authorId", "restoredFrom", "at"],
      false,
    ),
  approval_rules: async ({ db }, organizationId, options) =>
    await only(
      db
        .query("approvalRules")
        .withIndex("by_place", (q) => q.eq("organizationId", organizationId))
        .paginate(options),
      ["scope", "place", "name", "pattern", "action", "priority", "enabled", "updatedAt"],
    ),
  session_agents: async (ctx, organizationId, options) =>
    await only(
      ctx.db
        .query("sessionAgents")
        .withIndex("by_organization", (q) => q.eq("organizationId", organizationId))
        .paginate(options),
      ["sessionId", "agentId", "revision", ...AGENT_FIELDS],
      false,
    ),
  skills: async (ctx, organizationId, options) =>
    await only(
      ctx.db
        .query("skills")
        .withIndex("by_place", (q) => q.eq("organizationId", organizationId))
        .paginate(options),
      ["root", "name", "description", "envVars", "enabled", "revision", "updatedAt"],
    ),
  skill_texts: async (ctx, organizationId, options) =>
    await only(
      ctx.db
        .query("skillTexts")
        .withIndex("by_organization", (q) => q.eq("organizationId", organizationId))
        .paginate(options),
      ["skillId", "revision", "description", "title", "envVars", "extra", "body"],
      false,
    ),
  session_repositories: async (ctx, organizationId, options) =>
    await only(
      ctx.db
        .query("sessionRepositories")
        .withIndex("by_organization", (q) => q.eq("organizationId", organizationId))
        .paginate(options),
      REPOSITORY_EXPORTED,
      false,
    ),
  settings: async (ctx, organizationId, options) =>
    await only(
      ctx.db
        .query("organizationSettings")
        .withIndex("by_organization", (q) => q.eq("organizationId", organizationId))
        .paginate(options),
      SETTING_KEYS,
      false,
    ),
  network_policies: async (ctx, organizationId, options) =>
    await only(
      ctx.db
        .query("networkPolicies")
        .withIndex("by_environment", (q) => q.eq("organizationId", organizationId))
        .paginate(options),
      ["environment", "mode", "presets", "hosts"],
      false,
    ),
  setup_scripts: async (ctx, organizationId, options) =>
    await only(
      ctx.db
        .query("setupScripts")
        .withIndex("by_place", (q) => q.eq("organizationId", organizationId))
        .paginate(options),
      [
        "environment",
        "scope",
        "script",
        "lockfiles",
        "requires",
        "timeoutSeconds",
        "rebuildHours",
        "updatedAt",
      ],
      false,
    ),
  audit: async (ctx, organizationId, options) =>
    await only(
      ctx.db
        .query("auditEntries")
        .withIndex("by_organization", (q) => q.eq("organizationId", organizationId))
        .paginate(options),
      [
        "userId",
        "actor",
        "actorKind",
        "keyId",
        "keyLast4",
        "label",
        "action",
        "target",
        "targetUserId",
        "before",
        "after",
        "via",
        "address",
      ],
      false,
    ),
  ...LIMIT_READERS,
  ...PROJECT_READERS,
};

/** A page of one part of an organization's export, without anything that opens a door. */
export async function exportPage(
  ctx: QueryCtx,
  organizationId: Id<"organizations">,
  table: ExportTable,
  options: PaginationOptions,
): Promise<{ page: Row[]; isDone: boolean; continueCursor: string }> {
  const { page, isDone, continueCursor } = await READERS[table](ctx, organizationId, options, new Names(ctx));
  return { page, isDone, continueCursor };
}

import { approversFault } from "#domain/approvers.ts";
import { LIMITS } from "#domain/limits.ts";
import { SETTING_BOUNDS, SETTING_KEYS } from "#domain/settings.ts";
import { orgMutation, orgQuery, refuse } from "./functions.ts";
import { checkModel } from "./model/models.ts";
import { settingsOf, settingsRow } from "./model/settings.ts";
import { settings, someSettings } from "./model/values.ts";

/** The organization's settings, each with its value or its default. */
export const get = orgQuery({
  min: "viewer",
  scope: "settings:read",
  args: {},
  returns: settings,
  handler: async (ctx) => await settingsOf(ctx, ctx.caller.organizationId),
});

/**
 * Sets one or more settings; what is left out stays.
 * @throws invalid_request | unknown_provider | unknown_model
 */
export const set = orgMutation({
  min: "admin",
  scope: "settings:write",
  audit: "entry",
  bounds: {
    default_model: { kind: "fields", fields: { provider: LIMITS.providerId, model: LIMITS.modelId } },
    idle_timeout_minutes: { kind: "whole", ...SETTING_BOUNDS.idle_timeout_minutes },
    max_live_sessions: { kind: "whole", ...SETTING_BOUNDS.max_live_sessions },
    session_log_retention_days: { kind: "whole", ...SETTING_BOUNDS.session_log_retention_days },
    saved_work_gb: { kind: "whole", ...SETTING_BOUNDS.saved_work_gb },
    not_saved: LIMITS.skippedNames,
    approvers: LIMITS.approvers,
    approval_deadline_minutes: { kind: "whole", ...SETTING_BOUNDS.approval_deadline_minutes },
    sandbox_hours_per_month: { kind: "whole", ...SETTING_BOUNDS.sandbox_hours_per_month },
  },
  args: someSettings,
  returns: settings,
  handler: async (ctx, change) => {
    const { organizationId } = ctx.caller;
    if (change.default_model) await checkModel(ctx, organizationId, change.default_model);
    const fault = change.approvers && approversFault(change.approvers);
    if (fault) throw refuse("field_invalid", { fault: `approvers: ${fault}.` });
    const before = await settingsOf(ctx, organizationId);
    const row = await settingsRow(ctx, organizationId);
    if (row) await ctx.db.patch(row._id, change);
    else await ctx.db.insert("organizationSettings", { organizationId, ...change });
    const after = await settingsOf(ctx, organizationId);
    const changed = SETTING_KEYS.filter((key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]));
    if (changed.length === 0) await ctx.report(null);
    for (const key of changed)
      await ctx.report({ action: "setting.changed", target: key, before: before[key], after: after[key] });
    return after;
  },
});

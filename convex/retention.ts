import { v } from "convex/values";
import { SETTING_BOUNDS } from "#domain/settings.ts";
import { orgQuery } from "./functions.ts";
import { previewRetention, retentionPreview } from "./model/retention-preview.ts";

const DAY_MS = 24 * 3600_000;

/** What would go now if logs were kept for so many days. Nothing does by asking. @throws forbidden | invalid_request */
export const preview = orgQuery({
  min: "admin",
  scope: "settings:read",
  bounds: { days: { kind: "whole", ...SETTING_BOUNDS.session_log_retention_days } },
  args: { days: v.number() },
  returns: retentionPreview,
  handler: async (ctx, { days }) => await previewRetention(ctx, ctx.caller.organizationId, days * DAY_MS),
});

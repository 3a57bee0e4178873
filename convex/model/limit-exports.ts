import type { ExportTable } from "#domain/exports.ts";
import { only, type Reader } from "./export-rows.ts";

/** The parts of an export that tell of monthly limits, and of what counts against them. */
export const LIMIT_READERS = {
  monthly_limits: async (ctx, organizationId, options) =>
    await only(
      ctx.db
        .query("monthlyLimits")
        .withIndex("by_subject", (q) => q.eq("organizationId", organizationId))
        .paginate(options),
      ["subject", "subjectId", "limitMicroUsd"],
      false,
    ),
  monthly_spending: async (ctx, organizationId, options) =>
    await only(
      ctx.db
        .query("monthlySpending")
        .withIndex("by_subject_month", (q) => q.eq("organizationId", organizationId))
        .paginate(options),
      ["subject", "subjectId", "month", "spentMicroUsd"],
      false,
    ),
} satisfies Partial<Record<ExportTable, Reader>>;

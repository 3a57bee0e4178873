import type { FunctionReturnType } from "convex/server";
import type { z } from "zod";
import { api } from "#convex/_generated/api.js";
import type {
  monthlyLimitQuery,
  monthlyLimitSchema,
  monthlyLimitsResponse,
  putMonthlyLimitBody,
} from "#contracts/monthly-limits.ts";
import type { Principal } from "#domain/principal.ts";
import { dataFor } from "../convex/client.ts";
import { pageOf } from "../http/page.ts";

type Shown = NonNullable<FunctionReturnType<typeof api.monthlyLimits.get>>;
type Json = z.infer<typeof monthlyLimitSchema>;

const asJson = (limit: Shown): Json => ({
  subject: limit.subject,
  subject_id: limit.subjectId,
  name: limit.name,
  limit_micro_usd: limit.limitMicroUsd,
  spent_micro_usd: limit.spentMicroUsd,
  held_micro_usd: limit.heldMicroUsd,
  warned_percent: limit.toldStep,
  month: limit.month,
  resets_at: new Date(limit.resetsAt).toISOString(),
});

/** A page of the monthly limits that the caller may read. */
export async function listLimits(
  caller: Principal,
  page: { limit: number; cursor?: string | undefined },
): Promise<z.infer<typeof monthlyLimitsResponse>> {
  const { rows, nextCursor } = await pageOf(
    page,
    async (paginationOpts) => await dataFor(caller).query(api.monthlyLimits.list, { paginationOpts }),
  );
  return { limits: rows.map(asJson), next_cursor: nextCursor };
}

/** Sets a monthly limit. @throws HttpError forbidden | not_found | invalid_request */
export async function setLimit(
  caller: Principal,
  { subject, subject_id: subjectId, limit_micro_usd: limitMicroUsd }: z.output<typeof putMonthlyLimitBody>,
): Promise<Json> {
  return asJson(
    await dataFor(caller).mutation(api.monthlyLimits.set, {
      subject,
      ...(subjectId !== undefined && { subjectId }),
      limitMicroUsd,
    }),
  );
}

/** Removes a monthly limit; where there is none, nothing is done. @throws HttpError forbidden */
export async function removeLimit(
  caller: Principal,
  { subject, subject_id: subjectId }: z.output<typeof monthlyLimitQuery>,
): Promise<void> {
  await dataFor(caller).mutation(api.monthlyLimits.remove, {
    subject,
    ...(subjectId !== undefined && { subjectId }),
  });
}

import type { SentBody } from "#contracts/routes.ts";
import { MONTHLY_LIMIT } from "#domain/monthly-limits.ts";
import { call } from "./api.ts";
import type { AmountBounds } from "./money.ts";

/** What a monthly limit can be, for `parseCap` and `nextCap`. */
export const LIMIT_BOUNDS: AmountBounds = { ...MONTHLY_LIMIT, name: "limit" };

/** Sets a monthly limit. */
export const setLimit = async (body: SentBody<"PUT /api/v1/limits">) =>
  await call("PUT /api/v1/limits", { body });

/** Removes one. */
export const removeLimit = async ({
  subject,
  subjectId,
}: {
  subject: SentBody<"PUT /api/v1/limits">["subject"];
  subjectId: string;
}) => await call("DELETE /api/v1/limits", { query: { subject, subject_id: subjectId } });

import { z } from "zod";
import { BRANCH_AGENTS } from "#domain/branches.ts";
import { LIMITS } from "#domain/limits.ts";
import { boundedText, boundedWhole } from "./limits.ts";

const fromSeq = boundedWhole({ ...LIMITS.seq, min: 1 }).describe(
  "The last event that the branch has of the session. Its files are those of the last checkpoint at or before it.",
);
const budgetCap = boundedWhole(LIMITS.budgetCap)
  .nullable()
  .optional()
  .describe("What the branch may cost; null for no cap. By default the session's own cap, from 0 on.");
const chosen = {
  provider: boundedText(LIMITS.providerId)
    .optional()
    .describe("With `model`; by default the session's. One of those that `GET /api/studio/models` lists."),
  model: boundedText(LIMITS.modelId).optional(),
  agent: z
    .enum(BRANCH_AGENTS)
    .default("pinned")
    .describe(
      "`pinned`: the agent as the session has it. `newest`: as it is now, with its model unless another is named.",
    ),
  title: boundedText(LIMITS.title, { trim: true })
    .optional()
    .describe("By default “Branch of” and the session's title."),
};
const isWhole = ({ provider, model }: { provider?: string | undefined; model?: string | undefined }) =>
  (provider === undefined) === (model === undefined);
const BOTH = "Give provider and model together, or neither of them.";

/** `POST /api/studio/sessions/{id}/branch` */
export const branchBody = z
  .strictObject({ fromSeq, ...chosen, budgetCapMicroUsd: budgetCap })
  .refine(isWhole, BOTH);

/** `POST /api/v1/sessions/{id}/branch` */
export const branchBodyV1 = z
  .strictObject({ from_seq: fromSeq, ...chosen, budget_cap_micro_usd: budgetCap })
  .refine(isWhole, BOTH);
export const branchResponseV1 = z.object({ session_id: z.string() });

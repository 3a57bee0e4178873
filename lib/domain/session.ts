import { z } from "zod";
import { ENVIRONMENTS, KEY_SOURCES } from "./catalog.ts";
import { STATUSES, WAIT_CAUSES } from "./lifecycle.ts";
import { LIMIT_SUBJECTS } from "./monthly-limits.ts";

/** Whose monthly limit a session waits for: the id of the organization, member, agent or API key. */
const limitReachedSchema = z.object({ subject: z.enum(LIMIT_SUBJECTS), subjectId: z.string() });

/** More of a wait on a model's provider: its response, and when it may be asked again; or of one for a monthly limit. */
export const waitDetailSchema = z.object({
  status: z.number().int().describe("HTTP status; of a monthly limit 402."),
  message: z.string(),
  retryAt: z
    .number()
    .nullable()
    .describe(
      "Epoch milliseconds; null where the provider said nothing of it. Of a monthly limit: when the month is over.",
    ),
  limit: limitReachedSchema.optional().describe("With `waitingFor` of `limit` alone."),
});
export type WaitDetail = z.infer<typeof waitDetailSchema>;

/** What a session has used: it changes with each model call. Money is integer micro-USD. */
export const sessionTotalsSchema = z.object({
  totalInputTokens: z.number().int(),
  totalCachedTokens: z.number().int(),
  totalOutputTokens: z.number().int(),
  totalCostMicroUsd: z.number().int(),
  totalCreditsConsumed: z.number().int(),
});
export type SessionTotals = z.infer<typeof sessionTotalsSchema>;

/**
 * A session as every reader sees it; times are epoch milliseconds, money is integer micro-USD. Said once: Convex's
 * validators, the API's response and the types are made from it.
 */
export const sessionSchema = z.object({
  id: z.string(),
  organizationId: z.string(),
  environment: z.enum(ENVIRONMENTS),
  userId: z.string(),
  userName: z.string(),
  title: z.string(),
  status: z.enum(STATUSES),
  waitingFor: z.enum(WAIT_CAUSES).nullable(),
  waitDetail: waitDetailSchema
    .nullable()
    .describe("With `waitingFor` of `provider`, `mcp` or `limit` alone."),
  queuePlace: z
    .number()
    .int()
    .nullable()
    .describe(
      "With `waitingFor` of `capacity` alone: its place among the sessions that wait for room, from 1.",
    ),
  nextStep: z.string().describe("What ends the wait, or what can be done now, in words for a person."),
  errorMessage: z.string().nullable(),
  sandboxProvider: z.literal("e2b"),
  sandboxId: z.string().nullable(),
  agentType: z.literal("opencode"),
  agentId: z
    .string()
    .nullable()
    .describe("The agent that it was started with, which it keeps as it was then; null for none."),
  agentName: z.string().nullable(),
  agentSessionId: z.string().nullable(),
  provider: z.string(),
  model: z.string(),
  requestedModel: z
    .string()
    .nullable()
    .describe("What was asked for, where its provider has retired it; else null."),
  keySource: z.enum(KEY_SOURCES),
  rawKey: z
    .boolean()
    .describe("True where the key itself is in the sandbox, so that its calls are not counted."),
  autoApprove: z.boolean().describe("True where every approval is granted by itself, and logged."),
  ...sessionTotalsSchema.shape,
  budgetCapMicroUsd: z
    .number()
    .int()
    .nullable()
    .describe("What the session may cost; null where it has no cap."),
  idleTimeoutMs: z.number().int(),
  lastActivityAt: z.number(),
  createdAt: z.number(),
  stoppedAt: z.number().nullable(),
  checkpointId: z
    .string()
    .nullable()
    .describe("Its latest verified checkpoint; null where nothing is saved."),
  savedAt: z.number().nullable().describe("How its work was then is saved; null where nothing is."),
  savedBytes: z.number().int().nullable().describe("How large its saved workspace is."),
  resumedSeq: z.number().int().nullable().describe("The last event before it was last resumed."),
  parentSessionId: z
    .string()
    .nullable()
    .describe("The session that it branched from; null where it is no branch."),
  parentTitle: z.string().nullable().describe("That session's title when it branched."),
  branchFromSeq: z.number().int().nullable().describe("The last event that it has of that session."),
  archivedAt: z.number().nullable().describe("When a person archived it; null while it stands in the lists."),
  importedAt: z
    .number()
    .nullable()
    .describe("When it was imported from an export, by `userName`; null where it was started here."),
});
export type Session = z.infer<typeof sessionSchema>;

/** A session without what changes with each model call: what a live list follows. */
export const listedSessionSchema = sessionSchema.omit({
  totalInputTokens: true,
  totalCachedTokens: true,
  totalOutputTokens: true,
  totalCostMicroUsd: true,
  totalCreditsConsumed: true,
});
export type ListedSession = z.infer<typeof listedSessionSchema>;

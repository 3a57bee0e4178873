import { paginationResultValidator } from "convex/server";
import { v } from "convex/values";
import { askedSchema } from "#domain/questions.ts";
import { sessionCountsSchema } from "#domain/session-counts.ts";
import {
  listedSessionSchema,
  sessionSchema,
  sessionTotalsSchema,
  waitDetailSchema,
} from "#domain/session.ts";
import {
  countedApart,
  auditActor,
  auditChannel,
  endpointModel,
  environment,
  keySource,
  providerStatus,
  spent,
} from "./values.ts";
import { limitSubject } from "./values.ts";
import { literals, validatorOf } from "./zod-validator.ts";

/** What functions return, where a schema of lib/domain or several functions say it. */
export const session = validatorOf(sessionSchema);
export const sessionCounts = validatorOf(sessionCountsSchema);
export const waitDetail = validatorOf(waitDetailSchema);
export const question = validatorOf(askedSchema);
/** Whether a search has more matches than were looked at. */
const truncated = v.boolean();
export const sessionPage = paginationResultValidator(session).extend({ truncated });
export const listedSessionPage = paginationResultValidator(validatorOf(listedSessionSchema)).extend({
  truncated,
});
export const sessionTotals = validatorOf(sessionTotalsSchema);

/** An event as it travels: `payload` is JSON text; `ts` is epoch milliseconds. */
export const wireEvent = v.object({
  id: v.union(v.id("sessionEvents"), v.id("importedEvents")),
  seq: v.number(),
  type: v.string(),
  ts: v.number(),
  source: v.string(),
  payload: v.string(),
  sessionId: v.id("sandboxSessions"),
  /** Of an imported event it names nothing here. */
  runId: v.nullable(v.string()),
  costMicroUsd: v.nullable(v.number()),
});

/** An API key as it is listed. */
export const listedKey = v.object({
  id: v.id("apiKeys"),
  name: v.string(),
  last4: v.string(),
  scopes: v.array(v.string()),
  environment,
  userId: v.id("users"),
  createdAt: v.number(),
  expiresAt: v.nullable(v.number()),
  revokedAt: v.nullable(v.number()),
  lastUsedAt: v.nullable(v.number()),
});

/** A model key as it may be shown. */
export const shownKey = v.object({
  provider: v.string(),
  name: v.string(),
  baseUrl: v.nullable(v.string()),
  models: v.nullable(v.array(endpointModel)),
  prefix: v.string(),
  last4: v.string(),
  status: providerStatus,
  statusDetail: v.nullable(v.string()),
  verifiedAt: v.nullable(v.number()),
  updatedAt: v.number(),
});

const person = v.object({ userId: v.id("users"), name: v.string() });

/** An audit entry with the names that people have now. */
export const auditEntry = v.object({
  id: v.id("auditEntries"),
  at: v.number(),
  action: v.string(),
  actor: v.object({
    kind: v.nullable(auditActor),
    person: v.nullable(person),
    keyId: v.nullable(v.id("apiKeys")),
    keyLast4: v.nullable(v.string()),
    label: v.nullable(v.string()),
  }),
  target: v.nullable(v.string()),
  targetPerson: v.nullable(person),
  before: v.nullable(v.string()),
  after: v.nullable(v.string()),
  via: v.nullable(auditChannel),
  address: v.nullable(v.string()),
});

/** Usage of one day, model and payer; with `userId`, of one person. */
export const usageGroup = v.object({
  day: v.string(),
  provider: v.string(),
  model: v.string(),
  keySource,
  userId: v.optional(v.nullable(v.string())),
  calls: v.number(),
  ...spent,
  ...countedApart,
});

/** Whether a model call may be made, and with how much output. */
export const reservation = v.union(
  v.object({ ok: v.literal(true), amountMicroUsd: v.number(), maxOutputTokens: v.number() }),
  v.object({
    ok: v.literal(false),
    reason: literals(["no_credit", "session_cap", "run_cap", "held", "frozen", "loop", "loop_denied"]),
  }),
  v.object({ ok: v.literal(false), reason: v.literal("limit"), subject: limitSubject }),
  v.object({ ok: v.literal(false), reason: v.literal("fruitless"), because: v.string() }),
);

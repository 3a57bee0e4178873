import { z } from "zod";
import { ENVIRONMENTS } from "#domain/catalog.ts";
import { LIMITS } from "#domain/limits.ts";
import { LIVE_STATUSES, STATUSES } from "#domain/lifecycle.ts";
import { OPERATOR_ACTIONS, OPERATOR_CHANNELS, OPERATOR_LIMITS } from "#domain/operator.ts";
import { boundedText, boundedWhole } from "./limits.ts";
import { idParam } from "./route.ts";
import { statusResponse } from "./routes/system.ts";
import { eventsQuery, pageQuery } from "./sessions.ts";

/** How many there are; with `isMore`, at least so many. */
const countedSchema = z.object({ count: z.number().int(), isMore: z.boolean() });
const next = { nextCursor: z.string().nullable() };
/** Moments are epoch milliseconds, money is integer micro-USD. */
const moment = z.number();

export const organizationParams = z.object({ organization: idParam.describe("Its slug, or its id.") });

const organizationSchema = z.object({
  id: z.string(),
  name: z.string(),
  slug: z.string(),
  createdAt: moment,
  members: countedSchema,
  live: countedSchema.describe("Its live sessions."),
  balanceMicroUsd: z.number().int(),
  spentThisMonthMicroUsd: z.number().int(),
  frozen: z.object({ at: moment, reason: z.string() }).nullable(),
});
export type OperatorOrganization = z.infer<typeof organizationSchema>;

export const organizationsQuery = pageQuery.extend({
  search: boundedText(LIMITS.searchText)
    .optional()
    .describe("Words of its name, what its slug begins with, or the whole address of a member."),
});
export const organizationsResponse = z.object({
  organizations: z.array(organizationSchema),
  isCut: z.boolean().describe("Whether a search has more matches than these."),
  ...next,
});

export const organizationResponse = z.object({
  organization: organizationSchema,
  days: z.array(
    z.object({
      day: z.string(),
      calls: z.number().int(),
      costMicroUsd: z.number().int(),
      sandboxMs: z.number(),
    }),
  ),
  isCut: z.boolean().describe("Whether the oldest days are left out, since there is too much of them."),
  support: z
    .object({ at: moment, until: moment, reason: z.string() })
    .nullable()
    .describe("Its consent that its sessions are read; null where there is none."),
});

export const supportSessionParams = organizationParams.extend({ id: idParam });
export const supportSessionsQuery = pageQuery.extend({
  text: boundedText(LIMITS.searchText)
    .optional()
    .describe("Words of the title, or of what was asked and answered."),
  archived: z.stringbool().default(false).describe("Those that were put away; else the others."),
});
export const supportSessionsResponse = z.object({
  sessions: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      environment: z.enum(ENVIRONMENTS),
      status: z.enum(STATUSES),
      userName: z.string(),
      provider: z.string(),
      model: z.string(),
      createdAt: moment,
      lastActivityAt: moment,
    }),
  ),
  truncated: z.boolean().describe("Whether the search has more matches than were looked at."),
  ...next,
});
export type SupportSession = z.infer<typeof supportSessionsResponse>["sessions"][number];
export const supportLogQuery = eventsQuery.pick({ limit: true, cursor: true });

export const operatorSessionsQuery = pageQuery.extend({ status: z.enum(LIVE_STATUSES).default("active") });
export const operatorSessionsResponse = z.object({
  sessions: z.array(
    z.object({
      id: z.string(),
      environment: z.enum(ENVIRONMENTS),
      status: z.enum(STATUSES),
      cause: z.string().describe("Why it waits, or where it stands."),
      next: z.string(),
      provider: z.string(),
      model: z.string(),
      createdAt: moment,
      lastActivityAt: moment,
      costMicroUsd: z.number().int(),
    }),
  ),
  ...next,
});
export type OperatorSession = z.infer<typeof operatorSessionsResponse>["sessions"][number];

const reason = boundedText(OPERATOR_LIMITS.reason, { trim: true }).describe(
  "Why. It is kept in the operator's audit, and the organization sees it.",
);
export const reasonBody = z.object({ reason });
export const creditBody = z.object({
  reason,
  amountMicroUsd: boundedWhole(OPERATOR_LIMITS.credit).describe("Below zero, credits are taken back."),
  key: boundedText(LIMITS.requestKey).describe("Names this adjustment: the same one again changes nothing."),
});
export const actResponse = z.object({ name: z.string(), slug: z.string() });
export const creditResponse = actResponse.extend({ balanceMicroUsd: z.number().int() });

export const overviewResponse = z.object({
  status: statusResponse,
  versions: z.array(z.object({ name: z.string(), version: z.string() })),
  queues: z.array(countedSchema.extend({ name: z.string() })),
  failures: z
    .array(z.object({ of: z.enum(["run", "session"]), kind: z.string(), count: z.number().int() }))
    .describe("Of the last 24 hours."),
  signUps: z.array(z.object({ day: z.string(), people: z.number().int() })).describe("Of the last 30 days."),
  areSignUpsCut: z.boolean(),
  frozen: countedSchema,
});

export const operatorAuditQuery = pageQuery.extend({
  organization: idParam.optional().describe("The id of the one organization."),
});
export const operatorAuditResponse = z.object({
  entries: z.array(
    z.object({
      id: z.string(),
      at: moment,
      by: z.string(),
      via: z.enum(OPERATOR_CHANNELS),
      address: z.string().nullable(),
      action: z.enum(OPERATOR_ACTIONS),
      organization: z.string(),
      slug: z.string(),
      target: z.string().nullable(),
      reason: z.string(),
      amountMicroUsd: z.number().int().nullable(),
    }),
  ),
  ...next,
});
export type OperatorEntry = z.infer<typeof operatorAuditResponse>["entries"][number];

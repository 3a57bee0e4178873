import { z } from "zod";
import { AUDIT_ACTORS, AUDIT_CHANNELS } from "#domain/audit.ts";
import { LIMITS } from "#domain/limits.ts";
import { csvQuery, fitsPage, TOO_MANY_ROWS } from "./csv.ts";
import { boundedText } from "./limits.ts";

/**
 * Query of `GET /api/v1/audit`: `actor` is a person's id, a key's, or a kind of actor; `action` an action, or its area
 * (what stands before its dot); `from` is included, `to` is not. A page may be short, or empty, before the end.
 */
export const auditQuery = z
  .object({
    ...csvQuery,
    actor: z.string().min(1).max(200).optional().describe("A person's id, a key's, or a kind of actor."),
    action: boundedText(LIMITS.auditAction)
      .optional()
      .describe("An action, as in `api_key.created`, or its area: what stands before the dot."),
  })
  .refine(fitsPage, TOO_MANY_ROWS);

const person = z.object({ user_id: z.string(), name: z.string() });

/** One entry; `before` and `after` are JSON values, bounded. Names are those that people have now. */
export const auditEntrySchema = z.object({
  id: z.string(),
  at: z.iso.datetime(),
  action: z.string(),
  actor: z.object({
    /** Null of entries from before it was noted. */
    kind: z.enum(AUDIT_ACTORS).nullable(),
    person: person.nullable(),
    key_id: z.string().nullable(),
    key_last4: z.string().nullable(),
    label: z.string().nullable(),
  }),
  target: z.string().nullable(),
  target_person: person.nullable(),
  before: z.unknown(),
  after: z.unknown(),
  via: z.enum(AUDIT_CHANNELS).nullable(),
  address: z.string().nullable(),
});
export type AuditEntryShown = z.infer<typeof auditEntrySchema>;

/** `GET /api/v1/audit`, newest first. */
export const auditResponse = z.object({
  entries: z.array(auditEntrySchema),
  next_cursor: z.string().nullable(),
});

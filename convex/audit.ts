import { paginationOptsValidator, paginationResultValidator } from "convex/server";
import { v } from "convex/values";
import { LIMITS } from "#domain/limits.ts";
import { orgQuery, refuse } from "./functions.ts";
import { auditPage, auditWho, shownEntries } from "./model/audit-list.ts";
import { auditEntry } from "./model/returns.ts";

/**
 * The organization's audit log, newest first, narrowed to who acted, what was done, and when.
 * A page holds what the filter leaves of `numItems` entries, so that it may be short, or empty, before the end.
 * @throws invalid_request where `actor` names nobody that an entry could
 */
export const list = orgQuery({
  min: "admin",
  scope: "audit:read",
  bounds: { action: LIMITS.auditAction, since: LIMITS.moment, until: LIMITS.moment },
  args: {
    paginationOpts: paginationOptsValidator,
    /** A person's id, a key's, or a kind of actor: see lib/domain/audit.ts. */
    actor: v.optional(v.string()),
    /** An action, or its area: what stands before its dot. */
    action: v.optional(v.string()),
    /** Epoch milliseconds, `since` included and `until` not. */
    since: v.optional(v.number()),
    until: v.optional(v.number()),
  },
  returns: paginationResultValidator(auditEntry),
  handler: async (ctx, { paginationOpts, actor, action, since, until }) => {
    const { organizationId } = ctx.caller;
    const who = actor === undefined ? undefined : await auditWho(ctx, organizationId, actor);
    if (who === null) throw refuse("audit_actor_invalid");
    const filter = { who, action, since: since ?? 0, until: until ?? LIMITS.moment.max };
    const result = await auditPage(ctx, organizationId, filter, paginationOpts);
    return { ...result, page: await shownEntries(ctx, result.page) };
  },
});

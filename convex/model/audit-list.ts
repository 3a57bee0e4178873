import type { PaginationOptions, PaginationResult } from "convex/server";
import { AUDIT_ACTORS, type AuditActorKind } from "#domain/audit.ts";
import { DELETED_PERSON } from "#domain/members.ts";
import type { Doc, Id } from "../_generated/dataModel";
import type { QueryCtx } from "../_generated/server";

type Entry = Doc<"auditEntries">;

/** Who acted: a person by whatever means, one key of theirs, or a kind of actor. */
export type AuditWho = { userId: Id<"users">; keyId?: Id<"apiKeys"> } | { kind: AuditActorKind };

export interface AuditFilter {
  who: AuditWho | undefined;
  action: string | undefined;
  /** Epoch milliseconds, `since` included and `until` not. */
  since: number;
  until: number;
}

/** The actor that a text names. @returns null where it names nobody */
export async function auditWho(
  ctx: QueryCtx,
  organizationId: Id<"organizations">,
  actor: string,
): Promise<AuditWho | null> {
  const kind = AUDIT_ACTORS.find((known) => known === actor);
  if (kind) return { kind };
  const userId = ctx.db.normalizeId("users", actor);
  if (userId) return { userId };
  const keyId = ctx.db.normalizeId("apiKeys", actor);
  const key = keyId && (await ctx.db.get(keyId));
  return key?.organizationId === organizationId ? { userId: key.userId, keyId: key._id } : null;
}

/** The entries that an index can find; what more is asked is looked for among them. */
function indexed(ctx: QueryCtx, organizationId: Id<"organizations">, filter: AuditFilter) {
  const { who, action, since, until } = filter;
  const table = ctx.db.query("auditEntries");
  if (who && "userId" in who)
    return table.withIndex("by_organization_user", (q) =>
      q
        .eq("organizationId", organizationId)
        .eq("userId", who.userId)
        .gte("_creationTime", since)
        .lt("_creationTime", until),
    );
  if (action !== undefined && action.includes("."))
    return table.withIndex("by_organization_action", (q) =>
      q
        .eq("organizationId", organizationId)
        .eq("action", action)
        .gte("_creationTime", since)
        .lt("_creationTime", until),
    );
  if (action !== undefined)
    return table.withIndex("by_organization_area", (q) =>
      q
        .eq("organizationId", organizationId)
        .eq("area", action)
        .gte("_creationTime", since)
        .lt("_creationTime", until),
    );
  return table.withIndex("by_organization", (q) =>
    q.eq("organizationId", organizationId).gte("_creationTime", since).lt("_creationTime", until),
  );
}

function matches(entry: Entry, { who, action }: AuditFilter): boolean {
  if (who && "kind" in who && entry.actorKind !== who.kind) return false;
  if (who && "keyId" in who && entry.keyId !== who.keyId) return false;
  return action === undefined || entry.action === action || entry.action.startsWith(`${action}.`);
}

/** A page of an organization's entries, newest first; what the filter leaves of it. */
export async function auditPage(
  ctx: QueryCtx,
  organizationId: Id<"organizations">,
  filter: AuditFilter,
  options: PaginationOptions,
): Promise<PaginationResult<Entry>> {
  const result = await indexed(ctx, organizationId, filter).order("desc").paginate(options);
  return { ...result, page: result.page.filter((entry) => matches(entry, filter)) };
}

/** The entries as they are shown, with the names that people have now. */
export async function shownEntries(ctx: QueryCtx, entries: readonly Entry[]) {
  const ids = new Set(entries.flatMap(({ userId, targetUserId }) => [userId, targetUserId].filter(Boolean)));
  const known = await Promise.all(
    [...ids].map(async (id) => [id, id && (await ctx.db.get(id))?.name] as const),
  );
  const names = new Map(known);
  const person = (id: Id<"users"> | undefined) =>
    id === undefined ? null : { userId: id, name: names.get(id) ?? DELETED_PERSON };
  return entries.map((entry) => ({
    id: entry._id,
    at: Math.floor(entry._creationTime),
    action: entry.action,
    actor: {
      kind: entry.actorKind ?? null,
      person: person(entry.userId),
      keyId: entry.keyId ?? null,
      keyLast4: entry.keyLast4 ?? null,
      /** Who it was where no person did it; of entries from before, in words. */
      label: entry.label ?? (entry.userId ? null : (entry.actor ?? null)),
    },
    target: entry.target ?? null,
    targetPerson: person(entry.targetUserId),
    /** JSON text. */
    before: entry.before ?? null,
    after: entry.after ?? null,
    via: entry.via ?? null,
    address: entry.address ?? null,
  }));
}

import { withoutName } from "#domain/event-people.ts";
import { DELETED_PERSON } from "#domain/members.ts";
import type { Doc, Id } from "../_generated/dataModel";
import type { MutationCtx } from "../_generated/server";
import { boundedPage } from "./paging.ts";

interface Walk {
  organization: Id<"organizations">;
  user: Id<"users">;
  /** The name as it stood in the rows. */
  name: string;
  phase: string;
  cursor: string | null;
}

interface Page {
  isDone: boolean;
  continueCursor: string;
}

const ROWS = 100;
/** Each row that is read may be written again, and counts twice then. */
const BYTES = 2 * 1024 * 1024;

/** A sentence or a name in which the person's name stood first; undefined where nothing of it is theirs. */
function renamed(text: string | undefined, name: string): string | undefined {
  if (text === name) return DELETED_PERSON;
  return text?.startsWith(`${name}, `) || text?.startsWith(`${name} by `)
    ? DELETED_PERSON + text.slice(name.length)
    : undefined;
}

/** Where a person's name may stand in an organization's rows of before names were looked up, and how it goes. */
const TABLES: Record<string, (ctx: MutationCtx, walk: Walk) => Promise<Page>> = {
  sandboxSessions: async (ctx, { organization, user, cursor }) => {
    const page = await boundedPage(
      ctx.db
        .query("sandboxSessions")
        .withIndex("by_user_organization_status", (q) =>
          q.eq("userId", user).eq("organizationId", organization),
        ),
      { cursor, rows: ROWS, bytes: BYTES },
    );
    for (const row of page.page)
      if (row.userName !== DELETED_PERSON) await ctx.db.patch(row._id, { userName: DELETED_PERSON });
    return page;
  },
  sessionEvents: async (ctx, { organization, name, cursor }) => {
    const page = await boundedPage(
      ctx.db.query("sessionEvents").withIndex("by_organization", (q) => q.eq("organizationId", organization)),
      { cursor, rows: ROWS, bytes: BYTES },
    );
    for (const row of page.page) {
      const payload = withoutName(row.type, row.payload, name);
      if (payload !== null) await ctx.db.patch(row._id, { payload });
    }
    return page;
  },
  approvals: async (ctx, { organization, name, cursor }) => {
    const page = await boundedPage(
      ctx.db.query("approvals").withIndex("by_organization", (q) => q.eq("organizationId", organization)),
      { cursor, rows: ROWS, bytes: BYTES },
    );
    for (const row of page.page) {
      const decidedBy = renamed(row.decidedBy, name);
      if (decidedBy !== undefined) await ctx.db.patch(row._id, { decidedBy });
    }
    return page;
  },
  questions: async (ctx, { organization, name, cursor }) => {
    const page = await boundedPage(
      ctx.db.query("questions").withIndex("by_organization", (q) => q.eq("organizationId", organization)),
      { cursor, rows: ROWS, bytes: BYTES },
    );
    for (const row of page.page) {
      const answeredBy = renamed(row.answeredBy, name);
      if (answeredBy !== undefined) await ctx.db.patch(row._id, { answeredBy });
    }
    return page;
  },
  approvalGrants: async (ctx, { organization, name, cursor }) => {
    const page = await boundedPage(
      ctx.db
        .query("approvalGrants")
        .withIndex("by_organization", (q) => q.eq("organizationId", organization)),
      { cursor, rows: ROWS, bytes: BYTES },
    );
    for (const row of page.page) {
      const grantedBy = renamed(row.grantedBy, name);
      if (grantedBy !== undefined) await ctx.db.patch(row._id, { grantedBy });
    }
    return page;
  },
  auditEntries: async (ctx, { organization, user, name, cursor }) => {
    const page = await boundedPage(
      ctx.db.query("auditEntries").withIndex("by_organization", (q) => q.eq("organizationId", organization)),
      { cursor, rows: ROWS, bytes: BYTES },
    );
    for (const row of page.page) {
      if (!isOf(row, user)) continue;
      const actor = renamed(row.actor, name);
      if (actor !== undefined || row.address !== undefined)
        await ctx.db.patch(row._id, { ...(actor !== undefined && { actor }), address: undefined });
    }
    return page;
  },
};

const isOf = (row: Doc<"auditEntries">, user: Id<"users">) => row.userId === undefined || row.userId === user;

const ORDER = Object.keys(TABLES);

/**
 * Takes a name out of a page of an organization's rows.
 * @param walk `phase`: "names", then "names:" and a table
 * @returns where to go on; null behind the last table
 */
export async function renameStep(
  ctx: MutationCtx,
  walk: Walk,
): Promise<{ phase: string; cursor: string | null } | null> {
  const table = walk.phase === "names" ? (ORDER[0] ?? "") : walk.phase.slice("names:".length);
  const page = await TABLES[table]?.(ctx, walk);
  if (page && !page.isDone) return { phase: `names:${table}`, cursor: page.continueCursor };
  const next = ORDER[ORDER.indexOf(table) + 1];
  return next === undefined || !page ? null : { phase: `names:${next}`, cursor: null };
}

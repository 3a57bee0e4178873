import type { FunctionReturnType } from "convex/server";
import type { z } from "zod";
import { api } from "#convex/_generated/api.js";
import type { AuditEntryShown, auditQuery, auditResponse } from "#contracts/audit.ts";
import type { Principal } from "#domain/principal.ts";
import { dataFor } from "../convex/client.ts";
import { csvDownload } from "../http/csv.ts";
import { pageOf } from "../http/page.ts";

type Query = z.output<typeof auditQuery>;
type Row = FunctionReturnType<typeof api.audit.list>["page"][number];

const DEFAULT_LIMIT = 25;

const parsed = (text: string | null): unknown => (text === null ? null : (JSON.parse(text) as unknown));
const person = (of: Row["targetPerson"]) => of && { user_id: of.userId, name: of.name };

function shown({ actor, ...row }: Row): AuditEntryShown {
  return {
    id: row.id,
    at: new Date(row.at).toISOString(),
    action: row.action,
    actor: {
      kind: actor.kind,
      person: person(actor.person),
      key_id: actor.keyId,
      key_last4: actor.keyLast4,
      label: actor.label,
    },
    target: row.target,
    target_person: person(row.targetPerson),
    before: parsed(row.before),
    after: parsed(row.after),
    via: row.via,
    address: row.address,
  };
}

async function readPage(
  caller: Principal,
  query: Query,
  page: { limit: number; cursor?: string | undefined },
) {
  const { actor, action, from, to } = query;
  return await pageOf(
    page,
    async (paginationOpts) =>
      await dataFor(caller).query(api.audit.list, {
        paginationOpts,
        ...(actor !== undefined && { actor }),
        ...(action !== undefined && { action }),
        ...(from !== undefined && { since: Date.parse(from) }),
        ...(to !== undefined && { until: Date.parse(to) }),
      }),
  );
}

/** A page of the organization's audit log, newest first. */
export async function auditLog(caller: Principal, query: Query): Promise<z.infer<typeof auditResponse>> {
  const { rows, nextCursor } = await readPage(caller, query, {
    limit: query.limit ?? DEFAULT_LIMIT,
    cursor: query.cursor,
  });
  return { entries: rows.map(shown), next_cursor: nextCursor };
}

const COLUMNS: readonly (readonly [string, (entry: AuditEntryShown, row: Row) => string | null])[] = [
  ["at", (entry) => entry.at],
  ["action", (entry) => entry.action],
  ["actor_kind", (entry) => entry.actor.kind],
  ["actor_id", (entry) => entry.actor.person?.user_id ?? null],
  ["actor_name", (entry) => entry.actor.person?.name ?? null],
  ["actor_label", (entry) => entry.actor.label],
  ["key_last4", (entry) => entry.actor.key_last4],
  ["target", (entry) => entry.target],
  ["target_person", (entry) => entry.target_person?.name ?? null],
  ["before", (_entry, row) => row.before],
  ["after", (_entry, row) => row.after],
  ["via", (entry) => entry.via],
  ["address", (entry) => entry.address],
  ["id", (entry) => entry.id],
];

function cells(row: Row): (string | null)[] {
  const entry = shown(row);
  return COLUMNS.map(([, read]) => read(entry, row));
}

/** The same as a download of CSV. */
export async function auditCsv(caller: Principal, query: Query, url: string): Promise<Response> {
  return await csvDownload({
    fileName: "audit-log.csv",
    columns: COLUMNS.map(([name]) => name),
    read: async (page) => await readPage(caller, query, page),
    cells,
    limit: query.limit,
    cursor: query.cursor,
    url,
  });
}

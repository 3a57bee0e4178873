import { api } from "#convex/_generated/api.js";
import type { creditsResponse, ledgerQuery, ledgerResponse } from "#contracts/billing.ts";
import type { Principal } from "#domain/principal.ts";
import type { z } from "zod";
import { dataFor } from "../convex/client.ts";
import { csvDownload } from "../http/csv.ts";
import { pageOf } from "../http/page.ts";

const DEFAULT_LIMIT = 25;

/** What the caller's organization has, holds, can still spend, and has spent this month. */
export async function creditBalance(caller: Principal): Promise<z.infer<typeof creditsResponse>> {
  const { balanceMicroUsd, heldMicroUsd, spentMicroUsd } = await dataFor(caller).query(
    api.credits.balance,
    {},
  );
  return {
    balance_micro_usd: balanceMicroUsd,
    held_micro_usd: heldMicroUsd,
    available_micro_usd: balanceMicroUsd - heldMicroUsd,
    spent_micro_usd: spentMicroUsd,
  };
}

type Query = z.output<typeof ledgerQuery>;
type Entry = z.infer<typeof ledgerResponse>["entries"][number];

async function readPage(
  caller: Principal,
  { kind, from, to }: Query,
  page: { limit: number; cursor?: string | undefined },
): Promise<{ rows: Entry[]; nextCursor: string | null }> {
  const { rows, nextCursor } = await pageOf(
    page,
    async (paginationOpts) =>
      await dataFor(caller).query(api.credits.ledger, {
        paginationOpts,
        ...(kind !== undefined && { kind }),
        ...(from !== undefined && { since: Date.parse(from) }),
        ...(to !== undefined && { until: Date.parse(to) }),
      }),
  );
  return {
    rows: rows.map((entry) => ({
      id: entry.id,
      kind: entry.kind,
      delta_micro_usd: entry.deltaMicroUsd,
      balance_after_micro_usd: entry.balanceAfterMicroUsd,
      description: entry.description,
      session_id: entry.sessionId,
      created_at: new Date(entry.at).toISOString(),
    })),
    nextCursor,
  };
}

/** A page of the ledger, newest first. */
export async function creditLedger(caller: Principal, query: Query): Promise<z.infer<typeof ledgerResponse>> {
  const page = { limit: query.limit ?? DEFAULT_LIMIT, cursor: query.cursor };
  const { rows, nextCursor } = await readPage(caller, query, page);
  return { entries: rows, next_cursor: nextCursor };
}

const COLUMNS = [
  "created_at",
  "kind",
  "delta_micro_usd",
  "balance_after_micro_usd",
  "description",
  "session_id",
  "id",
] as const satisfies (keyof Entry)[];

/** The same as a download of CSV. */
export async function ledgerCsv(caller: Principal, query: Query, url: string): Promise<Response> {
  return await csvDownload({
    fileName: "ledger.csv",
    columns: COLUMNS,
    read: async (page) => await readPage(caller, query, page),
    cells: (entry) => COLUMNS.map((column) => (entry[column] === null ? null : String(entry[column]))),
    limit: query.limit,
    cursor: query.cursor,
    url,
  });
}

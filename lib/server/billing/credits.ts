import { api } from "#convex/_generated/api.js";
import type { creditsResponse, ledgerResponse } from "#contracts/billing.ts";
import type { Principal } from "#domain/principal.ts";
import type { z } from "zod";
import { dataFor } from "../convex/client.ts";
import { pageOf } from "../http/page.ts";

/** What the caller's organization has, holds, and can still spend. */
export async function creditBalance(caller: Principal): Promise<z.infer<typeof creditsResponse>> {
  const { balanceMicroUsd, heldMicroUsd } = await dataFor(caller).query(api.credits.balance, {});
  return {
    balance_micro_usd: balanceMicroUsd,
    held_micro_usd: heldMicroUsd,
    available_micro_usd: balanceMicroUsd - heldMicroUsd,
  };
}

/** A page of the ledger, newest first. */
export async function creditLedger(
  caller: Principal,
  page: { limit: number; cursor?: string | undefined },
): Promise<z.infer<typeof ledgerResponse>> {
  const { rows, nextCursor } = await pageOf(
    page,
    async (paginationOpts) => await dataFor(caller).query(api.credits.ledger, { paginationOpts }),
  );
  return {
    entries: rows.map((entry) => ({
      id: entry.id,
      kind: entry.kind,
      delta_micro_usd: entry.deltaMicroUsd,
      balance_after_micro_usd: entry.balanceAfterMicroUsd,
      description: entry.description,
      session_id: entry.sessionId,
      created_at: new Date(entry.at).toISOString(),
    })),
    next_cursor: nextCursor,
  };
}

import { z } from "zod";

/** `GET /api/v1/credits`. Money is integer micro-USD. */
export const creditsResponse = z.object({
  balance_micro_usd: z.number().int(),
  held_micro_usd: z.number().int(),
  available_micro_usd: z.number().int(),
});

export const ledgerEntrySchema = z.object({
  id: z.string(),
  kind: z.enum(["grant", "charge"]),
  delta_micro_usd: z.number().int(),
  balance_after_micro_usd: z.number().int(),
  description: z.string(),
  session_id: z.string().nullable(),
  created_at: z.string(),
});

/** `GET /api/v1/credits/ledger`, newest first. */
export const ledgerResponse = z.object({
  entries: z.array(ledgerEntrySchema),
  next_cursor: z.string().nullable(),
});

import { z } from "zod";
import { EXPORT_TABLES } from "#domain/exports.ts";

/**
 * `GET /api/v1/account/export`, as a download: what Studio knows of the caller. `covers` is the one organization
 * whose sessions are in it; where `complete` is false, sessions later than the last one were left out.
 */
export const accountExport = z.object({
  exported_at: z.iso.datetime(),
  profile: z.object({
    id: z.string(),
    name: z.string(),
    email: z.string(),
    known_since: z.iso.datetime(),
  }),
  memberships: z.array(
    z.object({ organization_id: z.string(), name: z.string(), slug: z.string(), role: z.string() }),
  ),
  covers: z.object({ organization_id: z.string(), name: z.string(), note: z.string() }),
  sessions: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      environment: z.string(),
      status: z.string(),
      provider: z.string(),
      model: z.string(),
      total_input_tokens: z.number().int(),
      total_output_tokens: z.number().int(),
      total_cost_micro_usd: z.number().int(),
      total_credits_consumed: z.number().int(),
      created_at: z.iso.datetime(),
      stopped_at: z.iso.datetime().nullable(),
    }),
  ),
  totals: z.object({
    sessions: z.number().int(),
    input_tokens: z.number().int(),
    output_tokens: z.number().int(),
    cost_micro_usd: z.number().int(),
    credits_consumed: z.number().int(),
  }),
  complete: z.boolean(),
});
export type AccountExport = z.infer<typeof accountExport>;

/**
 * A line of `GET /api/v1/organization/export` (newline-delimited JSON): first whose it is, then a row each, then
 * how many rows there were. A file without the last line was cut off.
 */
export const exportLine = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("organization"),
    id: z.string(),
    name: z.string(),
    slug: z.string(),
    exported_at: z.iso.datetime(),
  }),
  z.object({ type: z.enum(EXPORT_TABLES), row: z.record(z.string(), z.unknown()) }),
  z.object({ type: z.literal("end"), rows: z.number().int() }),
]);
export type ExportLine = z.infer<typeof exportLine>;

import { z } from "zod";
import { MAX_PAGE } from "#domain/limits.ts";

/** Rows of a page of CSV, which a spreadsheet takes whole. */
export const MAX_CSV_ROWS = 1_000;

/** Query of a list that can be had as a file, too. */
export const csvQuery = {
  limit: z.coerce.number().int().min(1).max(MAX_CSV_ROWS).optional(),
  cursor: z.string().max(2_000).optional(),
  from: z.iso.datetime({ offset: true }).optional().describe("Included."),
  to: z.iso.datetime({ offset: true }).optional().describe("Not included."),
  format: z.enum(["json", "csv"]).default("json"),
};

/** Whether so many rows may be asked for in that form. */
export const fitsPage = ({ format, limit = 1 }: { format: "json" | "csv"; limit?: number | undefined }) =>
  format === "csv" || limit <= MAX_PAGE;
export const TOO_MANY_ROWS = {
  path: ["limit"],
  message: `A page has at most ${MAX_PAGE} entries; as CSV, ${MAX_CSV_ROWS}.`,
};

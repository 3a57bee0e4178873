import type { PaginationOptions, PaginationResult } from "convex/server";
import type { Doc, Id } from "../_generated/dataModel";
import type { QueryCtx } from "../_generated/server";
import type { Names } from "./people.ts";
import { isHidden } from "./session-imports.ts";

/** A row as an export has it: no more than what is named below, so that a new field is left out until it is added. */
export type Row = Record<string, unknown>;
type Pages<T> = Promise<PaginationResult<T>>;
export type Reader = (
  ctx: QueryCtx,
  organizationId: Id<"organizations">,
  options: PaginationOptions,
  names: Names,
) => Pages<Row>;

/** A page whose rows have only the named fields; with their id where other rows point to it. */
export async function only<T extends { _id: string; _creationTime: number }>(
  found: Pages<T>,
  fields: readonly (keyof T & string)[],
  named = true,
): Pages<Row> {
  const result = await found;
  const page = result.page.map((row) => ({
    ...(named && { id: row._id }),
    ...Object.fromEntries(fields.map((field) => [field, row[field] ?? null])),
    createdAt: Math.floor(row._creationTime),
  }));
  return { ...result, page };
}

/** The same page, with something of each row filled in that is looked up. */
export async function filled<T>(found: Pages<T>, fill: (row: T) => Promise<T>): Pages<T> {
  const result = await found;
  return { ...result, page: await Promise.all(result.page.map(fill)) };
}

/** Sessions without imports that are not whole. */
export async function shown(found: Pages<Doc<"sandboxSessions">>): Pages<Doc<"sandboxSessions">> {
  const result = await found;
  return { ...result, page: result.page.filter((row) => !isHidden(row)) };
}

/** Rows without those of imports that are not whole. @param sessionOf whose they are */
export async function withoutHidden<T>(
  ctx: QueryCtx,
  rows: T[],
  sessionOf: (row: T) => Id<"sandboxSessions">,
): Promise<T[]> {
  const ids = [...new Set(rows.map(sessionOf))];
  const sessions = await Promise.all(ids.map(async (id) => await ctx.db.get(id)));
  const hidden = new Set(ids.filter((_, index) => !sessions[index] || isHidden(sessions[index])));
  return rows.filter((row) => !hidden.has(sessionOf(row)));
}

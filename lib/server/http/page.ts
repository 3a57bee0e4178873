import type { PaginationOptions, PaginationResult } from "convex/server";

/**
 * Reads one page of a list by its opaque cursor; Convex refuses what is not a cursor of this list.
 * @returns the rows, and the cursor of the next page: null where this is the last
 */
export async function pageOf<T>(
  page: { limit: number; cursor?: string | undefined },
  read: (options: PaginationOptions) => Promise<PaginationResult<T>>,
): Promise<{ rows: T[]; nextCursor: string | null }> {
  const result = await read({ numItems: page.limit, cursor: page.cursor ?? null });
  return { rows: result.page, nextCursor: result.isDone ? null : result.continueCursor };
}

import { getConvexSize, type Value } from "convex/values";
import type { PaginationOptions, PaginationResult } from "convex/server";

/** What one page may read, well below what one transaction may (16 MiB), since rows may have up to 1 MiB each. */
export const PAGE_BYTES = 4 * 1024 * 1024;

interface Pageable<T> {
  paginate(options: PaginationOptions & { maximumBytesRead?: number }): Promise<PaginationResult<T>>;
}

/**
 * Reads a page that is bounded in rows and in bytes. It may be shorter than asked for, even empty, without being the
 * last: `isDone` alone tells.
 * @param options `rows`: at most that many; `bytes`: ends the page once so much was read
 */
export async function boundedPage<T>(
  query: Pageable<T>,
  options: { cursor: string | null; rows: number; bytes?: number },
): Promise<PaginationResult<T>> {
  const { cursor, rows, bytes = PAGE_BYTES } = options;
  return await query.paginate({ cursor, numItems: rows, maximumBytesRead: bytes });
}

/**
 * Takes rows from the start of a query until one of the bounds is reached. For a walk that goes on by a field of the
 * last row (such as `seq`) rather than by a cursor; a function may do this for several queries.
 */
export async function takeUpTo<T extends object>(
  query: AsyncIterable<T>,
  options: { rows: number; bytes?: number },
): Promise<T[]> {
  const { rows, bytes = PAGE_BYTES } = options;
  const taken: T[] = [];
  if (rows < 1) return taken;
  let size = 0;
  for await (const row of query) {
    taken.push(row);
    size += getConvexSize(row as Value);
    if (taken.length >= rows || size >= bytes) break;
  }
  return taken;
}

import type { PaginationOptions, PaginationResult } from "convex/server";
import { HttpError } from "./error.ts";

/**
 * Reads one page of a list by its opaque cursor.
 * @throws HttpError invalid_request where the cursor is not one of this list
 */
export async function pageOf<T>(
  page: { limit: number; cursor?: string | undefined },
  read: (options: PaginationOptions) => Promise<PaginationResult<T>>,
): Promise<{ rows: T[]; nextCursor: string | null }> {
  try {
    const result = await read({ numItems: page.limit, cursor: page.cursor ?? null });
    return { rows: result.page, nextCursor: result.isDone ? null : result.continueCursor };
  } catch (error) {
    if (page.cursor !== undefined && /cursor/i.test(String(error)))
      throw new HttpError("invalid_request", "cursor: this is not a cursor of this list.");
    throw error;
  }
}

import { ConvexError } from "convex/values";
import { faultOf, type Limit, pageLimit } from "#domain/limits.ts";
import { refuse } from "./refusal.ts";

/** The bounds of a function's arguments, by name. What is not named is held to the plain ones of an id or a word. */
export type Bounds = Readonly<Record<string, Limit>>;

const DEFAULTS: Bounds = { paginationOpts: pageLimit() };

/** The argument names a row: `sessionId`, or the `key` of an approval. */
const NAMES_A_ROW = /(?:^key|Id)$/;

/**
 * Checks all of a function's arguments: anybody who holds a token may send the public ones.
 * @throws invalid_request with the field's name
 * @throws not_found for a name that no row can have
 */
export function checkBounds(args: Record<string, unknown>, bounds: Bounds = {}): void {
  for (const [name, value] of Object.entries(args)) {
    const fault = faultOf(bounds[name] ?? DEFAULTS[name], value, name);
    if (fault === null) continue;
    const none = NAMES_A_ROW.test(name) && bounds[name] === undefined && typeof value === "string";
    throw none ? refuse("row_not_found", { name }) : refuse("field_invalid", { fault });
  }
}

/** The platform's code for it is the first word of the message: a system call's error has nothing else. */
function isInvalidCursor(error: unknown): boolean {
  return error instanceof Error && /\bInvalidCursor\b/.test(error.message);
}

/**
 * Does a function's work, and refuses a cursor that is none, or another list's, as the bad argument that it is.
 * @throws invalid_request, which the platform's own client knows and begins again at the first page
 */
export async function refusingCursors<T>(args: Record<string, unknown>, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (args.paginationOpts === undefined || !isInvalidCursor(error)) throw error;
    throw new ConvexError({
      ...refuse("cursor_invalid").data,
      isConvexSystemError: true,
      paginationError: "InvalidCursor",
    });
  }
}

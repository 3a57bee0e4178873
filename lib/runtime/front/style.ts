import { clientMessage, FunctionError, newRequestId, type Failure } from "../engine/errors.ts";
import type { Json } from "../engine/json.ts";

/** What a client is told about a call that went wrong. */
export interface WireError {
  message: string;
  data: Json | undefined;
  logLines: readonly string[];
}

/** How much clients learn: everything of a development deployment, and little of one in production. */
export interface Style {
  /** Errors say no more than "Server Error" beside a `ConvexError`'s data, and nothing logged is sent. */
  production: boolean;
}

/** A failure as clients get it. @param admin whether they hold the admin key, and may see everything */
export function toWireFailure(failure: Failure, { production }: Style, admin: boolean): WireError {
  const { data, requestId } = failure;
  return {
    message: production && !admin ? `[Request ID: ${requestId}] Server Error` : clientMessage(failure),
    data,
    logLines: shownLines(failure.logLines ?? [], { production }, admin),
  };
}

/** Anything that went wrong with a call, as clients get it. */
export function toWireError(error: unknown, style: Style, admin: boolean): WireError {
  if (error instanceof FunctionError) return toWireFailure(error.failure, style, admin);
  const message = error instanceof Error ? error.message : String(error);
  return toWireFailure({ message, requestId: newRequestId() }, style, admin);
}

/** What was logged, for those who may see it. */
export function shownLines(
  lines: readonly string[],
  { production }: Style,
  admin: boolean,
): readonly string[] {
  return admin || !production ? lines : [];
}

import { ConvexError } from "convex/values";

/** Codes of refusals; the server turns each into an HTTP status. */
export type RefusalCode =
  | "unauthenticated"
  | "forbidden"
  | "not_found"
  | "invalid_request"
  | "unknown_provider"
  | "unknown_model"
  | "session_stopped"
  | "session_limit"
  | "queue_full"
  | "not_waiting"
  | "already_decided"
  | "lease_lost";

/** An expected refusal, with a sentence for the person who asked. */
export function refuse(
  code: RefusalCode,
  message: string,
): ConvexError<{ code: RefusalCode; message: string }> {
  return new ConvexError({ code, message });
}

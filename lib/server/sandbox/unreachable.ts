import { SandboxError, ServiceBusyError, TimeoutError } from "e2b";
import { transportKindOf } from "../../net/transport.ts";

/** What a proxy answers in place of a server that is away. */
const AWAY = [502, 503, 504];
/**
 * How the SDK begins the message of a call into a sandbox that failed without an answer: with the call's number in
 * Connect (https://connectrpc.com/docs/protocol#error-codes), here unknown or internal, or its HTTP status. It keeps
 * neither that error nor its cause, so that this is the one place where a connection's end is told by a text.
 */
const NO_ANSWER = new RegExp(`^(?:(?:2|13): \\[|(?:${AWAY.join("|")}): )`);

/** True where a call of the SDK got no answer from the sandbox or its host. */
export function isSandboxUnreachable(error: unknown): boolean {
  if (error instanceof TimeoutError || error instanceof ServiceBusyError) return true;
  if (transportKindOf(error) !== undefined) return true;
  if (!(error instanceof SandboxError)) return false;
  if (error.statusCode !== undefined) return AWAY.includes(error.statusCode);
  return NO_ANSWER.test(error.message);
}

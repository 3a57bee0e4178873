import { SandboxError, ServiceBusyError, TimeoutError } from "e2b";
import { transportKindOf } from "../../net/transport.ts";

/**
 * How the SDK begins the message of a call into a sandbox that failed without an answer: with the call's status of
 * Connect (https://connectrpc.com/docs/protocol#error-codes), here unknown or internal. It keeps neither that error nor
 * its cause, so that this is the one place where a connection's end is told by a text.
 */
const NO_ANSWER = /^(?:2|13): \[/;

/** True where a call of the SDK got no answer from the sandbox or its host. */
export function isSandboxUnreachable(error: unknown): boolean {
  if (error instanceof TimeoutError || error instanceof ServiceBusyError) return true;
  if (transportKindOf(error) !== undefined) return true;
  if (!(error instanceof SandboxError)) return false;
  if (error.statusCode !== undefined) return error.statusCode >= 500;
  return NO_ANSWER.test(error.message);
}

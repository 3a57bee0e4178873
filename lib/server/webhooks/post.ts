import { LIMITS } from "#domain/limits.ts";
import { WEBHOOK_TIMEOUT_MS } from "#domain/webhooks.ts";
import { causesOf, transportKindOf } from "#net/transport.ts";
import { guardPolicy } from "../keys/provider-keys.ts";
import { ForbiddenAddress, guardedFetch } from "../net/guarded-fetch.ts";

/** What of a failure a person is told: never what a host inside of the network has said. */
function wordsOf(error: unknown): string {
  if (error instanceof ForbiddenAddress) return error.message;
  // Node's own requests end with an AbortError, which has the timeout as its cause.
  if (transportKindOf(error) === "timeout") return "No response in time.";
  // A certificate for hundreds of names lists them all.
  return causesOf(error).split("\n")[0]!.slice(0, LIMITS.statusDetail.max) || "No response.";
}

/**
 * Sends JSON, or what its own headers name, to an address that somebody typed, and reads nothing of what comes back but
 * its status. Never throws.
 * @returns the response's status, null where there was none; and what went wrong, where something did
 */
export async function post(
  url: string,
  body: string | Buffer,
  headers: Record<string, string> = {},
): Promise<{ status: number | null; error?: string }> {
  try {
    const response = await guardedFetch(
      url,
      {
        method: "POST",
        headers: { "content-type": "application/json", "user-agent": "Studio-Webhooks", ...headers },
        body: typeof body === "string" ? Buffer.from(body) : body,
        signal: AbortSignal.timeout(WEBHOOK_TIMEOUT_MS),
      },
      guardPolicy(),
    );
    // Nothing uses its content.
    await response.body?.cancel().catch(() => undefined);
    const { status, ok } = response;
    return ok ? { status } : { status, error: `The server returned ${status}.` };
  } catch (error) {
    return { status: null, error: wordsOf(error) };
  }
}

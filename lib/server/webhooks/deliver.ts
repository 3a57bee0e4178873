import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import { WEBHOOK_TIMEOUT_MS } from "#domain/webhooks.ts";
import { causesOf } from "#net/transport.ts";
import { type Data, serviceData } from "../convex/client.ts";
import { openSecret } from "../keys/own-key.ts";
import { guardPolicy } from "../keys/provider-keys.ts";
import { ForbiddenAddress, guardedFetch } from "../net/guarded-fetch.ts";
import { toRun } from "../sessions/run-view.ts";
import { placeOf, signedHeaders } from "./secret.ts";

/** What of a failure a person is told: never what a host inside of the network has said. */
function wordsOf(error: unknown): string {
  if (error instanceof ForbiddenAddress) return error.message;
  if (error instanceof Error && error.name === "TimeoutError") return "No response in time.";
  return causesOf(error).split("\n")[0] ?? "No response.";
}

/**
 * Makes the attempt that is due of a webhook, if no other server does, and notes what came of it. An attempt whose
 * server dies is made again: a receiver knows it by its `webhook-id`.
 */
export async function deliver(webhookId: Id<"runWebhooks">, data: Data = serviceData()): Promise<void> {
  const claimed = await data.mutation(api.runWebhooks.claim, { webhookId, now: Date.now() });
  if (!claimed) return;
  const { organizationId, url, ciphertext, sealedFor, dataKey, attempt, run } = claimed;
  const note = async (status: number | null, error?: string) =>
    void (await data.mutation(api.runWebhooks.came, {
      webhookId,
      attempt,
      status,
      now: Date.now(),
      ...(error !== undefined && { error }),
    }));
  try {
    if (!dataKey) return await note(null, "The signing secret can't be opened.");
    const secret = openSecret(
      dataKey,
      placeOf(organizationId, sealedFor),
      ciphertext,
      "provider_keys_unreadable",
    );
    const at = Date.now();
    const ended = run.completedAt ?? at;
    const body = JSON.stringify({
      type: `run.${run.status}`,
      timestamp: new Date(ended).toISOString(),
      data: toRun(run),
    });
    const response = await guardedFetch(
      url,
      {
        method: "POST",
        headers: {
          "content-type": "application/json",
          "user-agent": "Studio-Webhooks",
          ...signedHeaders(secret, webhookId, at, body),
        },
        body: Buffer.from(body),
        signal: AbortSignal.timeout(WEBHOOK_TIMEOUT_MS),
      },
      guardPolicy(),
    );
    // What it says is nobody's matter.
    await response.body?.cancel().catch(() => undefined);
    await note(response.status, response.ok ? undefined : `The server returned ${response.status}.`);
  } catch (error) {
    await note(null, wordsOf(error));
  }
}

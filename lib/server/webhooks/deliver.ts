import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import { type Data, serviceData } from "../convex/client.ts";
import { openSecret } from "../keys/own-key.ts";
import { messageOf } from "../log.ts";
import { toRun } from "../sessions/run-view.ts";
import { metrics } from "../telemetry/telemetry.ts";
import { post } from "./post.ts";
import { placeOf, signedHeaders } from "./secret.ts";

/**
 * Makes the attempt that is due of a webhook, if no other server does, and notes what came of it. An attempt whose
 * server dies is made again: a receiver knows it by its `webhook-id`.
 */
export async function deliver(webhookId: Id<"runWebhooks">, data: Data = serviceData()): Promise<void> {
  const claimed = await data.mutation(api.runWebhooks.claim, { webhookId, now: Date.now() });
  if (!claimed) return;
  const { organizationId, url, ciphertext, sealedFor, dataKey, attempt, run } = claimed;
  const note = async (status: number | null, error?: string) => {
    await data.mutation(api.runWebhooks.came, {
      webhookId,
      attempt,
      status,
      now: Date.now(),
      ...(error !== undefined && { error }),
    });
    metrics().delivery(error === undefined ? "delivered" : "failed");
  };
  if (!dataKey) return await note(null, "The signing secret can't be opened.");
  let secret: string;
  try {
    secret = openSecret(dataKey, placeOf(organizationId, sealedFor), ciphertext, "provider_keys_unreadable");
  } catch (error) {
    return await note(null, messageOf(error));
  }
  const at = Date.now();
  const ended = run.completedAt ?? at;
  const body = JSON.stringify({
    type: `run.${run.status}`,
    timestamp: new Date(ended).toISOString(),
    data: toRun(run),
  });
  const { status, error } = await post(url, body, signedHeaders(secret, webhookId, at, body));
  await note(status, error);
}

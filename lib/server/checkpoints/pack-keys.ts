import type { FunctionReturnType } from "convex/server";
import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import type { Data } from "../convex/client.ts";
import { CannotOpen, type Keyring, newDataKey, unwrap } from "../keys/envelope.ts";
import { log } from "../log.ts";

type PackKey = FunctionReturnType<typeof api.checkpointKeys.add>;

/** Wrapped for checkpoints alone: an organization's other data key is not taken for one, nor the other way round. */
export const packKeyName = (organizationId: string) => `${organizationId}|checkpoints`;

/** A key of an organization's checkpoints. @throws CannotOpen where the operator's keys do not open it */
export const openPackKey = (ring: Keyring, organizationId: string, stored: Omit<PackKey, "id">): Buffer =>
  unwrap(ring, packKeyName(organizationId), stored);

/**
 * The key with which an organization's next checkpoint is sealed: its latest, or a new one where there is none that the
 * operator's keys open. What an older one has sealed stays as it is.
 */
export async function packKeyForSaving(
  data: Data,
  ring: Keyring,
  organizationId: Id<"organizations">,
  latest: PackKey | null,
): Promise<{ id: Id<"checkpointKeys">; key: Buffer }> {
  if (latest)
    try {
      return { id: latest.id, key: openPackKey(ring, organizationId, latest) };
    } catch (error) {
      if (!(error instanceof CannotOpen)) throw error;
      log("error", "what was saved of an organization can't be opened: a new key is made for what follows", {
        organizationId,
        error: error.message,
      });
    }
  const made = newDataKey(ring, packKeyName(organizationId));
  const added = await data.mutation(api.checkpointKeys.add, {
    organizationId,
    after: latest?.id ?? null,
    ...made.stored,
  });
  // Another server may have been first.
  return { id: added.id, key: openPackKey(ring, organizationId, added) };
}

import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import { serviceData } from "../convex/client.ts";
import { isUnreachable } from "../convex/retry.ts";
import { log, messageOf } from "../log.ts";
import {
  type Refusal,
  refusalOf,
  refusedSince,
  type RefusedConnection,
  serviceFeatures,
} from "../sandbox/service.ts";
import { followPolicy } from "../sandbox-start/network.ts";

/** Sandboxes that are changed at the same time. */
const AT_ONCE = 8;
/** How many refusals are taken over in one look, so that a crowd of them holds nothing up. */
const LOOKS = 5;

/**
 * Brings a changed policy to the live sandboxes that follow another one. What fails is tried again by the next sweep.
 */
export async function applyPolicy(policyId: Id<"networkPolicies">): Promise<void> {
  const data = serviceData();
  const work = await data.mutation(api.networkPolicies.claim, { policyId });
  if (!work) return;
  const { revision, sessionIds } = work;
  const queue = [...sessionIds];
  let done = true;
  const worker = async () => {
    for (let sessionId = queue.shift(); sessionId !== undefined; sessionId = queue.shift())
      try {
        if (!(await followPolicy(sessionId, revision))) done = false;
      } catch (error) {
        done = false;
        log("warn", "a sandbox does not follow its network policy yet", {
          sessionId,
          error: messageOf(error),
        });
      }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  await data.mutation(api.networkPolicies.settle, { policyId, revision, done });
}

/** Takes over what sandboxes were refused into their sessions' logs, where the sandbox service tells of it. */
export class RefusalWatch {
  #after = 0;

  /** One look. What could not be logged is read again by the next one. */
  async look(): Promise<void> {
    if (!(await serviceFeatures()).refusals) return;
    for (let round = 0; round < LOOKS; round += 1) {
      const { refused, next } = await refusedSince(this.#after);
      if (next === this.#after) return;
      const bySandbox = ofSandboxes(refused);
      const sandboxIds = [...bySandbox.keys()];
      const sessions =
        sandboxIds.length === 0
          ? []
          : await serviceData().query(api.warmSandboxes.sessionsOf, { sandboxIds });
      for (const { sandboxId, sessionId } of sessions)
        try {
          const of = bySandbox.get(sandboxId) ?? [];
          await serviceData().mutation(api.networkRefusals.record, { sessionId, sandboxId, refused: of });
        } catch (error) {
          // What only cannot be stored now is read again; what never can be must not stand in the way of the rest.
          if (isUnreachable(error)) throw error;
          log("warn", "what a sandbox was refused could not be logged", {
            sessionId,
            error: messageOf(error),
          });
        }
      const sessionIds = new Set(sessions.map(({ sandboxId }) => sandboxId));
      const refusals = [...bySandbox].flatMap(([sandboxId, of]) =>
        sessionIds.has(sandboxId) ? [] : [{ sandboxId, refused: of }],
      );
      // Of set-up builds, and of sandboxes that are nobody's any longer.
      if (refusals.length > 0) await serviceData().mutation(api.setupBuilds.refused, { refusals });
      this.#after = next;
    }
  }
}

/** Refusals by sandbox. */
function ofSandboxes(all: readonly RefusedConnection[]): Map<string, Refusal[]> {
  const found = new Map<string, Refusal[]>();
  for (const one of all) {
    const refusal = refusalOf(one);
    if (refusal) found.set(one.sandboxId, [...(found.get(one.sandboxId) ?? []), refusal]);
  }
  return found;
}

import { problemFor } from "#domain/problems.ts";
import { APIError } from "better-auth";
import { roleFromExternal } from "#domain/roles.ts";
import { persistently } from "../convex/retry.ts";
import { log, messageOf } from "../log.ts";
import { whoActs } from "./acting.ts";
import { outbox } from "./database.ts";
import { forgetMember, forgetOrganization, forgetUser, mirrorRole, notePasswordReset } from "./mirror.ts";
import type { IdentityChange } from "./outbox.ts";

/** How long a request waits for a database out of reach: a service that fell is back within a second or two. */
const PATIENCE_MS = 4_000;
const DRAIN_MS = 3_000;

async function tellConvex(change: IdentityChange): Promise<void> {
  const { by } = change;
  switch (change.kind) {
    case "role": {
      const { userId, organizationId } = change;
      const member = { driver: "embedded" as const, userId, organizationId };
      return await mirrorRole(member, roleFromExternal(change.role), { by });
    }
    case "member": {
      const { userId, organizationId } = change;
      return await forgetMember({ driver: "embedded", userId, organizationId }, { by });
    }
    case "user":
      return await forgetUser("embedded", change.userId, { by });
    case "organization":
      return await forgetOrganization("embedded", change.organizationId, { by });
    case "password":
      return await notePasswordReset("embedded", change.userId);
  }
}

/**
 * Lets a change of rights take effect in Convex, before Better Auth carries it out itself. It is written down first:
 * whatever breaks from here on, `drainOutbox` brings it to its end on both sides.
 * @throws APIError SERVICE_UNAVAILABLE where Convex cannot be reached now; the change stands all the same
 */
export async function takeEffect(decided: IdentityChange): Promise<void> {
  const change = { ...decided, by: whoActs() };
  const id = await outbox().begin(change);
  try {
    await persistently("membership", PATIENCE_MS, async () => await tellConvex(change));
  } catch (error) {
    await outbox().handOver(id);
    log("error", "a change of rights is carried on in the background", {
      kind: change.kind,
      error: messageOf(error),
    });
    throw new APIError("SERVICE_UNAVAILABLE", { message: problemFor("change_pending").message });
  }
}

/** Brings every change to its end that a request left. One that fails does not hold up the others. */
export async function drainOutbox(): Promise<void> {
  for (const pending of outbox().due())
    try {
      await tellConvex(pending.change);
      await outbox().apply(pending);
      log("info", "a change of rights was carried through", { kind: pending.change.kind });
    } catch (error) {
      log("warn", "a change of rights could not be carried through yet", {
        kind: pending.change.kind,
        error: messageOf(error),
      });
    }
}

/** Drains the outbox every few seconds. @returns ends it */
export function startOutbox(): () => void {
  let busy = false;
  const timer = setInterval(() => {
    if (busy) return;
    busy = true;
    drainOutbox()
      .catch((error: unknown) => log("warn", "the outbox could not be read", { error: messageOf(error) }))
      .finally(() => (busy = false));
  }, DRAIN_MS);
  timer.unref();
  return () => clearInterval(timer);
}

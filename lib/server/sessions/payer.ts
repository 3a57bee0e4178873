import { problemFor } from "#domain/problems.ts";
import type { z } from "zod";
import { api } from "#convex/_generated/api.js";
import type { payerResponse } from "#contracts/sessions.ts";
import { findModel, type KeySource } from "#domain/catalog.ts";
import type { Principal } from "#domain/principal.ts";
import type { Session } from "#domain/session.ts";
import { meansOf, payerOf, providersOf } from "../catalog.ts";
import { actorOf, dataFor, serviceData } from "../convex/client.ts";
import { wakeSession } from "../engine/wake.ts";
import type { Id } from "#convex/_generated/dataModel.js";
import { HttpError } from "../http/error.ts";
import { refuse } from "../http/refuse.ts";
import { upstreamOf } from "../keys/upstream.ts";
import { openCodeConfig } from "../sandbox-start/opencode-config.ts";

type Caller = Exclude<Principal, { kind: "service" }>;

/** Who pays for a session, and who would if its key were refused: null where nobody can, with the reason. */
export async function payerOfSession(
  caller: Caller,
  sessionId: string,
): Promise<z.infer<typeof payerResponse>> {
  const session = await dataFor(caller).query(api.sandboxSessions.get, { sessionId });
  const means = await meansOf(caller);
  const found = findModel(session.provider, session.model, providersOf(means));
  if (!found)
    return { keySource: session.keySource, next: null, reason: problemFor("model_withdrawn").message };
  const next = payerOf(means, found.provider, found.model);
  return next.ok
    ? { keySource: session.keySource, next: next.keySource, reason: null }
    : { keySource: session.keySource, next: null, reason: next.detail };
}

/**
 * Lets another pay for a session that waits because its key was refused, and has its agent go on; where that one is
 * reached in another way, the agent is started again.
 * @throws HttpError no_key | no_credits where that payer cannot, not_waiting where the session has no need of it
 */
export async function changePayer(caller: Caller, sessionId: string, keySource: KeySource): Promise<Session> {
  const { next, reason } = await payerOfSession(caller, sessionId);
  if (next === null) throw new HttpError("no_key", reason ?? problemFor("model_withdrawn").message);
  if (next !== keySource) throw refuse("payer_not_next", { next, wanted: keySource });
  const session = await dataFor(caller).query(api.sandboxSessions.get, { sessionId });
  const [before, after] = await Promise.all([upstreamOf(session), upstreamOf({ ...session, keySource })]);
  if (!after) throw refuse("payer_without_way");
  // What the agent was set up with; its address is the same for both.
  const setup = (upstream: typeof after) =>
    JSON.stringify(openCodeConfig(upstream, { kind: "gateway", url: "" }));
  const restart = before === null || setup(before) !== setup(after);
  const changed = await serviceData().mutation(api.sessionPayer.change, {
    actor: actorOf(caller),
    sessionId,
    keySource,
    restart,
  });
  wakeSession(session.id as Id<"sandboxSessions">);
  return changed;
}

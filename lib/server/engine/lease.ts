import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import { DEADLINES } from "#domain/lifecycle.ts";
import { type Data, serviceData } from "../convex/client.ts";
import { persistently } from "../convex/retry.ts";
import { log, messageOf } from "../log.ts";

/** The right to work on a session. Every write shows its generation, so that a lease that has passed on writes nothing. */
export interface Lease {
  sessionId: Id<"sandboxSessions">;
  generation: number;
}

const RENEW_MS = DEADLINES.leaseMs / 3;
/** How long a session that is to be worked on waits for a database out of reach; then the sweep takes it up. */
const CLAIM_MS = 30_000;

/**
 * Works on a session under its lease, which a timer renews meanwhile; nobody else can work on it until it is given back.
 * Does nothing where somebody else holds it.
 * @param holder names this process
 * @throws what the work throws, and what claiming throws where the database stays out of reach
 */
export async function runUnderLease(
  sessionId: Lease["sessionId"],
  holder: string,
  work: (lease: Lease) => Promise<void>,
  data: Data = serviceData(),
): Promise<void> {
  const generation = await persistently(
    "lease",
    CLAIM_MS,
    async () => await data.mutation(api.sessionLeases.claim, { sessionId, holder }),
  );
  if (generation === null) return;
  const lease = { sessionId, generation };
  const renewal = setInterval(() => {
    data.mutation(api.sessionLeases.renew, lease).catch((error: unknown) => {
      log("warn", "a lease could not be renewed", { sessionId, error: messageOf(error) });
    });
  }, RENEW_MS);
  try {
    await work(lease);
  } finally {
    clearInterval(renewal);
    await data
      .mutation(api.sessionLeases.release, lease)
      .catch((error: unknown) =>
        log("warn", "a lease was not given back", { sessionId, error: messageOf(error) }),
      );
  }
}

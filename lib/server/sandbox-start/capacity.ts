import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import { VERSION } from "#domain/version.ts";
import { pauseFor } from "#net/retry.ts";
import { serviceData } from "../convex/client.ts";
import { persistently } from "../convex/retry.ts";
import { env } from "../env.ts";
import { limitsNow } from "../sandbox/limits.ts";
import { hasSnapshot } from "./setup-session.ts";

/** Changes with what a warm sandbox is made of, beside the version and the template. */
const WARM_FORM = 1;
/** How long a database out of reach is waited for. */
const PATIENCE_MS = 60_000;
/** How often who is first asks for room; who is far behind asks less often. */
const ASK_MS = 1_000;
const LONGEST_ASK_MS = 10_000;
const NEAR = 4;

/** A sandbox whose agent was started for nobody, and is this session's now. */
export interface WarmSandbox {
  sandboxId: string;
  /** The process of its bridge. */
  bridge: number;
}

/** What the warm sandboxes of this server are made of. */
export const warmKind = (): string => `${env().SANDBOX_TEMPLATE} ${VERSION} ${WARM_FORM}`;

/**
 * Waits until there is room for a session's sandbox, in a queue that is fair between organizations.
 * @param mayBeWarm whether an agent that runs already is of use
 * @returns a warm sandbox that is the session's now, or null where none waits; undefined where the session has ended
 * @throws lease_lost where another server has taken over meanwhile
 */
export async function untilRoom(
  sessionId: Id<"sandboxSessions">,
  generation: number,
  signal: AbortSignal,
  mayBeWarm: boolean,
): Promise<WarmSandbox | null | undefined> {
  for (;;) {
    // Where the service is out of reach, its part of the creation says so.
    const limits = await limitsNow().catch(() => ({ max: env().STUDIO_MAX_SANDBOXES ?? null, warm: 0 }));
    const { live, place, warm } = await persistently(
      "room",
      PATIENCE_MS,
      async () =>
        await serviceData().mutation(api.warmSandboxes.admit, {
          sessionId,
          generation,
          limit: limits.max,
          kind: mayBeWarm && limits.warm > 0 && !(await hasSnapshot(sessionId)) ? warmKind() : null,
        }),
      signal,
    );
    if (!live) return undefined;
    if (place === null) return warm;
    await pauseFor(Math.min(LONGEST_ASK_MS, ASK_MS * Math.ceil(place / NEAR)), signal);
  }
}

import { api } from "#convex/_generated/api.js";
import type { checkpointsResponse, savedResponse } from "#contracts/checkpoints.ts";
import type { Principal } from "#domain/principal.ts";
import { TimedOut, until } from "#net/retry.ts";
import type { z } from "zod";
import { saveSession, type SaveResult } from "../checkpoints/save.ts";
import { dataFor } from "../convex/client.ts";
import { pageOf } from "../http/page.ts";
import { refuse } from "../http/refuse.ts";

/** How long a request waits for its checkpoint; a first one of a large workspace takes longer, and goes on. */
const WAIT_MS = 20_000;
const LOOK_MS = 250;

/** A page of a session's verified checkpoints, the latest first. */
export async function listCheckpoints(
  caller: Principal,
  sessionId: string,
  page: { limit: number; cursor?: string | undefined },
): Promise<z.infer<typeof checkpointsResponse>> {
  const { rows, nextCursor } = await pageOf(
    page,
    async (paginationOpts) =>
      await dataFor(caller).query(api.sessionCheckpoints.list, { sessionId, paginationOpts }),
  );
  return { checkpoints: rows, nextCursor };
}

/**
 * Saves a session now, since a person wants it.
 * @throws HttpError session_stopped | not_ready | turn_running | upstream_failed where it cannot be saved
 */
export async function saveNow(caller: Principal, sessionId: string): Promise<z.infer<typeof savedResponse>> {
  const id = await dataFor(caller).mutation(api.sessionCheckpoints.request, { sessionId });
  let result: SaveResult | undefined;
  const work = until(
    "the checkpoint",
    async () => (result = await saveSession(id, "asked")) !== "busy" && result,
    { timeoutMs: WAIT_MS, everyMs: LOOK_MS },
  ).catch((error: unknown) => {
    if (!(error instanceof TimedOut)) throw error;
  });
  await Promise.race([work, new Promise((resolve) => setTimeout(resolve, WAIT_MS).unref())]);
  if (result === "failed") throw refuse("save_failed");
  const { checkpoints } = await listCheckpoints(caller, sessionId, { limit: 1 });
  const state = result === "saved" || result === "unchanged" ? result : "saving";
  return { state, checkpoint: checkpoints[0] ?? null };
}

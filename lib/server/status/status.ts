import fs from "node:fs/promises";
import type { z } from "zod";
import type { statusResponse } from "#contracts/routes/system.ts";
import type { SandboxLimits } from "#domain/capacity.ts";
import { VERSION } from "#domain/version.ts";
import { cached, cacheOf } from "../cache.ts";
import { env } from "../env.ts";
import { limitsNow } from "../sandbox/limits.ts";

export type Status = z.infer<typeof statusResponse>;
type Service = Status["services"][number];

/** What is not heard within this time counts as down: the whole look is then over within two seconds. */
const ANSWER_MS = 1_200;
/** Any number of callers make one look a second. */
const FRESH_MS = 1_000;
/** Less free space than this, and writes begin to fail. */
const FULL_BYTES = 16 * 2 ** 20;
const E2B_DOMAIN = "e2b.app";

/** Throws, or takes longer than ANSWER_MS, where the service is down. */
type Look = (signal: AbortSignal) => Promise<void>;

async function responds(url: string, signal: AbortSignal): Promise<void> {
  const response = await fetch(url, { signal, redirect: "error" });
  await response.body?.cancel();
  if (!response.ok) throw new Error(`status ${response.status}`);
}

async function hasRoom(folder: string): Promise<void> {
  const { bavail, bsize, files, ffree } = await fs.statfs(folder);
  // A file system without a table of files counts none.
  if (bavail * bsize < FULL_BYTES || (files > 0 && ffree === 0)) throw new Error("the disk is full");
}

/** Everything that this server cannot do without, each with a look of its own. */
function looks(): [name: string, look: Look][] {
  const { CONVEX_URL, E2B_API_URL, E2B_DOMAIN: domain, STUDIO_DATA_DIR, STUDIO_WORKER_URL } = env();
  const sandboxes = E2B_API_URL ?? `https://api.${domain ?? E2B_DOMAIN}`;
  return [
    ["database", async (signal) => await responds(`${CONVEX_URL}/version`, signal)],
    ["sandboxes", async (signal) => await responds(`${sandboxes}/health`, signal)],
    ["disk", async () => await hasRoom(STUDIO_DATA_DIR)],
    ...(STUDIO_WORKER_URL === undefined
      ? []
      : [
          ["worker", async (signal) => await responds(`${STUDIO_WORKER_URL}/health`, signal)] as [
            string,
            Look,
          ],
        ]),
  ];
}

async function lookAt([name, look]: [string, Look]): Promise<Service> {
  const startedAt = performance.now();
  const late = AbortSignal.timeout(ANSWER_MS);
  try {
    await Promise.race([
      look(late),
      new Promise((_resolve, reject) => late.addEventListener("abort", () => reject(late.reason as Error))),
    ]);
    return { name, state: "up", latency_ms: Math.round(performance.now() - startedAt) };
  } catch {
    // Anyone may ask: that it is down is all they learn.
    return { name, state: "down" };
  }
}

/** How many sandboxes there may be; null where that is not known in time. */
async function limits(): Promise<SandboxLimits | null> {
  const late = AbortSignal.timeout(ANSWER_MS);
  return await Promise.race([
    limitsNow().catch(() => null),
    new Promise<null>((resolve) => late.addEventListener("abort", () => resolve(null))),
  ]);
}

async function look(): Promise<Status> {
  const [services, sandboxes] = await Promise.all([Promise.all(looks().map(lookAt)), limits()]);
  const isHealthy = services.every(({ state }) => state === "up");
  return { status: isHealthy ? "healthy" : "degraded", version: VERSION, services, sandboxes };
}

/** What this server depends on and how it stands, no older than a second; never takes longer than two, and never throws. */
export async function status(): Promise<Status> {
  return await cached(cacheOf<Promise<Status>>("status", { max: 1, ttlMs: FRESH_MS }), "status", look);
}

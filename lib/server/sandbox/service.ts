import { z } from "zod";
import type { RefusalReason } from "#domain/network.ts";
import { readJson } from "#net/body.ts";
import { cached, cacheOf } from "../cache.ts";
import { connection, deployment } from "./sandbox.ts";

const MAX_ANSWER_BYTES = 1_000_000;

/** A GET to the service's own API, past the SDK. */
async function askService(path: string): Promise<Response> {
  const { apiKey, apiUrl, domain, requestTimeoutMs } = connection();
  return await fetch(`${apiUrl ?? `https://api.${domain ?? "e2b.app"}`}${path}`, {
    headers: { "x-api-key": apiKey },
    signal: AbortSignal.timeout(requestTimeoutMs),
  });
}

/** What a sandbox service can do beyond E2B's API, as Studio's own host says it (lib/sandbox-host/COMPATIBILITY.md). */
export interface ServiceFeatures {
  /** Holds a name to one port. */
  ports: boolean;
  /** Tells what its sandboxes were refused. */
  refusals: boolean;
  /** Memory of its machine that there was for sandboxes when it started; undefined where it does not say. */
  memoryMb: number | undefined;
}

const featuresSchema = z.object({ features: z.array(z.string()), memoryMb: z.number().optional() });
const FEATURES_KEPT_MS = 5 * 60_000;

/**
 * What the sandbox service can do beyond E2B's API; asked for once in five minutes.
 * @throws TypeError where it cannot be reached
 */
export async function serviceFeatures(): Promise<ServiceFeatures> {
  const known = cacheOf<Promise<ServiceFeatures>>("sandbox-service", { max: 1, ttlMs: FEATURES_KEPT_MS });
  return await cached(known, "features", async () => {
    const answer = await askService("/health");
    const body = answer.ok ? await readJson(answer, MAX_ANSWER_BYTES).catch(() => null) : null;
    const { features = [], memoryMb } = featuresSchema.safeParse(body).data ?? {};
    return { ports: features.includes("network-ports"), refusals: features.includes("refusals"), memoryMb };
  });
}

const refusalsSchema = z.object({
  refusals: z.array(
    z.object({
      sandboxID: z.string(),
      host: z.string(),
      port: z.number(),
      kind: z.string(),
      metadata: z.record(z.string(), z.string()).nullable(),
    }),
  ),
  next: z.number(),
});

/** A connection out of one of this Studio's sandboxes that was refused. */
export interface RefusedConnection {
  sandboxId: string;
  host: string;
  port: number;
  kind: string;
}

/**
 * What this Studio's sandboxes were refused since `after`, and where to go on.
 * @throws Error where the service does not tell
 */
export async function refusedSince(after: number): Promise<{ refused: RefusedConnection[]; next: number }> {
  const answer = await askService(`/refusals?after=${after}`);
  if (!answer.ok) throw new Error(`the sandbox service returned ${answer.status} for its refusals`);
  const { refusals, next } = refusalsSchema.parse(await readJson(answer, MAX_ANSWER_BYTES));
  const own = refusals.flatMap(({ sandboxID, metadata, ...refused }) =>
    // Of sessions, and of what is set up for them.
    [metadata?.studio, metadata?.studioSetup].includes(deployment())
      ? [{ ...refused, sandboxId: sandboxID }]
      : [],
  );
  return { refused: own, next };
}

/** A refusal as it is logged. */
export interface Refusal {
  host: string;
  port: number;
  reason: RefusalReason;
}

const REASONS: Record<string, RefusalReason | undefined> = {
  policy: "policy",
  private: "private",
  operator: "operator",
};

/** A refusal as it is logged; null where a name had no address, which is nobody's refusal. */
export function refusalOf({ host, port, kind }: RefusedConnection): Refusal | null {
  const reason = REASONS[kind];
  return reason ? { host, port, reason } : null;
}

/** Pages of refusals that are read for one sandbox. */
const MAX_PAGES = 20;

/** What a sandbox that still runs was refused, as far as the service tells. @throws Error where it does not answer */
export async function refusalsOf(sandboxId: string): Promise<Refusal[]> {
  if (!(await serviceFeatures()).refusals) return [];
  const found: Refusal[] = [];
  for (let after = 0, page = 0; page < MAX_PAGES; page += 1) {
    const { refused, next } = await refusedSince(after);
    for (const one of refused) {
      const refusal = one.sandboxId === sandboxId ? refusalOf(one) : null;
      if (refusal) found.push(refusal);
    }
    if (next === after) break;
    after = next;
  }
  return found;
}

/** This folder is the client of the sandbox service (E2B): sandboxes, their files, their ports. It knows no agent. */

import { createHmac } from "node:crypto";
import { ALL_TRAFFIC, NotFoundError, RateLimitError, Sandbox, SandboxNotFoundError } from "e2b";
import { z } from "zod";
import { readJson } from "#net/body.ts";
import { isolationSchema } from "#contracts/sandbox.ts";
import type { SandboxSize } from "#domain/sandbox-time.ts";
import { cached, cacheOf } from "../cache.ts";
import { env } from "../env.ts";

/** Port of the bridge to the agent inside a sandbox. */
export const AGENT_PORT = 2468;
/** Port of the agent's own server there, which knows what its subagents ask. */
export const SUBAGENT_PORT = 2469;

/** A sandbox that can be talked to. */
export interface SandboxRef {
  sandboxId: string;
  /** Address of the sandbox traffic's front. */
  trafficUrl: string;
  trafficToken: string | undefined;
}

const REQUEST_TIMEOUT_MS = 30_000;
const MAX_ANSWER_BYTES = 1_000_000;

/** How the SDK reaches the service. */
export function connection() {
  const { E2B_API_KEY, E2B_API_URL, E2B_SANDBOX_URL, E2B_DOMAIN } = env();
  return {
    apiKey: E2B_API_KEY,
    requestTimeoutMs: REQUEST_TIMEOUT_MS,
    ...(E2B_API_URL && { apiUrl: E2B_API_URL }),
    ...(E2B_SANDBOX_URL && { sandboxUrl: E2B_SANDBOX_URL }),
    ...(E2B_DOMAIN && { domain: E2B_DOMAIN }),
  };
}

function refOf(sandbox: Sandbox): SandboxRef {
  return {
    sandboxId: sandbox.sandboxId,
    trafficUrl: env().E2B_SANDBOX_URL ?? `https://sandbox.${sandbox.sandboxDomain}`,
    trafficToken: sandbox.trafficAccessToken,
  };
}

/** Nothing at all: for a sandbox that is nobody's yet. */
export const NO_NETWORK: SandboxNetwork = { allowOut: [] };

/** What a sandbox may talk to: names, `*.` names and addresses; or every public address. */
export type SandboxNetwork = { allowOut: string[] } | "open";

/** The same as the service's rules. Names can be allowed only where all else is denied. */
const rulesOf = (network: SandboxNetwork) =>
  network === "open" ? {} : { allowOut: network.allowOut, denyOut: [ALL_TRAFFIC] };

/**
 * Starts a sandbox that may talk to its `network` alone, and ends by itself after `timeoutMs`.
 * @throws the SDK's own errors
 */
export async function createSandbox(options: {
  envs: Record<string, string>;
  metadata: Record<string, string>;
  network: SandboxNetwork;
  timeoutMs: number;
  /** What it begins with, in place of Studio's template: a snapshot. */
  template?: string | undefined;
  /** False for one that no session will have. */
  isSession?: boolean;
}): Promise<{ sandbox: Sandbox; ref: SandboxRef }> {
  const mark = options.isSession === false ? "studioSetup" : "studio";
  const sandbox = await Sandbox.create(options.template ?? env().SANDBOX_TEMPLATE, {
    ...connection(),
    envs: options.envs,
    metadata: { ...options.metadata, [mark]: deployment() },
    timeoutMs: options.timeoutMs,
    network: { ...rulesOf(options.network), allowPublicTraffic: false },
  });
  return { sandbox, ref: refOf(sandbox) };
}

/** Marks the sandboxes of this Studio among others of the same account. */
export const deployment = () =>
  createHmac("sha256", env().STUDIO_AUTH_SECRET).update("deployment").digest("hex").slice(0, 16);

/** A sandbox of this Studio's, as its host lists it. */
export interface ListedSandbox {
  sandboxId: string;
  /** Epoch milliseconds. */
  startedAt: number;
}

/** This Studio's sandboxes that run, at most `limit` of them. */
export async function listSandboxes(limit: number): Promise<ListedSandbox[]> {
  const pages = Sandbox.list({
    ...connection(),
    query: { metadata: { studio: deployment() }, state: ["running"] },
  });
  const found: ListedSandbox[] = [];
  while (pages.hasNext && found.length < limit)
    for (const { sandboxId, startedAt } of await pages.nextItems())
      found.push({ sandboxId, startedAt: startedAt.getTime() });
  return found.slice(0, limit);
}

/** Finds a running sandbox again, and restarts its clock. @throws SandboxNotFoundError where it is gone */
export async function connectSandbox(sandboxId: string, timeoutMs: number): Promise<SandboxRef> {
  return (await reopenSandbox(sandboxId, timeoutMs)).ref;
}

/** The same, with the SDK's own handle on it. @throws SandboxNotFoundError where it is gone */
export async function reopenSandbox(
  sandboxId: string,
  timeoutMs: number,
): Promise<{ sandbox: Sandbox; ref: SandboxRef }> {
  const sandbox = await Sandbox.connect(sandboxId, { ...connection(), timeoutMs });
  return { sandbox, ref: refOf(sandbox) };
}

const KEPT_MS = 5 * 60_000;
const MAX_KEPT = 200;

/**
 * A running sandbox for its files and terminals. The connection is kept for five minutes, since making one
 * costs a request to the control plane.
 * @throws SandboxNotFoundError where it is gone
 */
export async function openSandbox(sandboxId: string, timeoutMs: number): Promise<Sandbox> {
  const open = cacheOf<Promise<Sandbox>>("open-sandboxes", { max: MAX_KEPT, ttlMs: KEPT_MS });
  return await cached(
    open,
    sandboxId,
    async () => await Sandbox.connect(sandboxId, { ...connection(), timeoutMs }),
  );
}

/** Where a running sandbox's ports are reached. @throws SandboxNotFoundError where it is gone */
export async function openTraffic(sandboxId: string, timeoutMs: number): Promise<SandboxRef> {
  return refOf(await openSandbox(sandboxId, timeoutMs));
}

/**
 * Changes what a running sandbox may talk to; connections to anything else are refused from then on.
 * @throws SandboxNotFoundError where it is gone
 */
export async function changeNetwork(sandboxId: string, network: SandboxNetwork): Promise<void> {
  await Sandbox.updateNetwork(sandboxId, rulesOf(network), connection());
}

/** Restarts the sandbox's own clock. */
export async function extendSandbox(sandboxId: string, timeoutMs: number): Promise<void> {
  await Sandbox.setTimeout(sandboxId, timeoutMs, connection());
}

/** Ends a sandbox. One that is gone already is as good as ended. @returns whether it was still there */
export async function killSandbox(sandboxId: string): Promise<boolean> {
  try {
    return await Sandbox.kill(sandboxId, connection());
  } catch (error) {
    if (!isGone(error)) throw error;
    return false;
  }
}

/** True where the service has as many sandboxes as it takes, or was asked for too many at once. */
export const isFull = (error: unknown): boolean => error instanceof RateLimitError;

const SIZE_KEPT_MS = 10 * 60_000;

/**
 * What a sandbox takes of its machine; its service is asked once in ten minutes for each template.
 * @param template what it was made of; without it, Studio's own
 * @returns undefined where the service does not say now
 */
export async function sizeOf(
  sandboxId: string,
  template = env().SANDBOX_TEMPLATE,
): Promise<SandboxSize | undefined> {
  const known = cacheOf<Promise<SandboxSize>>("sandbox-sizes", { max: 100, ttlMs: SIZE_KEPT_MS });
  return await cached(known, template, async () => {
    const { cpuCount, memoryMB } = await Sandbox.getInfo(sandboxId, connection());
    return { vcpus: cpuCount, memoryMb: memoryMB };
  }).catch(() => undefined);
}

/** True where the error says that there is no such sandbox, now or any longer. */
export function isGone(error: unknown): boolean {
  return error instanceof SandboxNotFoundError || error instanceof NotFoundError;
}

/** Whether the sandbox still runs; undefined where the host does not answer, so that nobody knows. */
export async function sandboxRuns(sandboxId: string): Promise<boolean | undefined> {
  try {
    return (await Sandbox.getInfo(sandboxId, connection())).state === "running";
  } catch (error) {
    return isGone(error) ? false : undefined;
  }
}

/**
 * What the sandbox's host says of its walls, beyond what the SDK reads; null where it says nothing, as E2B's cloud,
 * whose sandboxes are virtual machines.
 */
export async function isolationOf(sandboxId: string): Promise<z.infer<typeof isolationSchema> | null> {
  const { apiKey, apiUrl, domain, requestTimeoutMs } = connection();
  const answer = await fetch(`${apiUrl ?? `https://api.${domain ?? "e2b.app"}`}/sandboxes/${sandboxId}`, {
    headers: { "x-api-key": apiKey },
    signal: AbortSignal.timeout(requestTimeoutMs),
  });
  if (!answer.ok) return null;
  const parsed = z.object({ isolation: isolationSchema }).safeParse(await readJson(answer, MAX_ANSWER_BYTES));
  return parsed.success ? parsed.data.isolation : null;
}

/**
 * The key of the bridge to one start of a session's agent, hexadecimal: derived, so that every server process knows it
 * and nobody stores it; each start has another.
 */
export function agentKey(sessionId: string, acpServerId: string): string {
  return createHmac("sha256", env().STUDIO_AUTH_SECRET)
    .update(`agent-bridge:${sessionId}:${acpServerId}`)
    .digest("hex");
}

/** A request's options, with its headers as plain pairs. */
export type SandboxRequest = Omit<RequestInit, "headers"> & { headers?: Record<string, string> };

/** A request to a port inside a sandbox. */
export async function sandboxFetch(
  ref: SandboxRef,
  port: number,
  path: string,
  init: SandboxRequest,
): Promise<Response> {
  return await fetch(ref.trafficUrl + path, {
    ...init,
    headers: {
      ...init.headers,
      "E2b-Sandbox-Id": ref.sandboxId,
      "E2b-Sandbox-Port": String(port),
      ...(ref.trafficToken && { "e2b-traffic-access-token": ref.trafficToken }),
    },
  });
}

import { api } from "../../../convex/_generated/api.js";
import { costMicroUsd } from "../../domain/catalog.ts";
import { HOLD_MS, type Reservation, withMarkup } from "../../domain/ledger.ts";
import { serviceData } from "../convex/client.ts";
import { persistently } from "../convex/retry.ts";
import { env } from "../env.ts";
import { log, messageOf } from "../log.ts";
import { singleton } from "../singleton.ts";
import type { Call } from "./record.ts";

const RENEW_MS = HOLD_MS / 3;
const RELEASE_MS = 60_000;
/** Fewer bytes than this make no token: what a call may cost is estimated high, and what it does cost is charged. */
const BYTES_PER_TOKEN = 3;

/** This process's calls under way. Their holds are renewed together, as long as the process lives. */
class OpenCalls {
  readonly #requestIds = new Set<string>();

  constructor() {
    setInterval(() => void this.#renew(), RENEW_MS).unref();
  }

  add(requestId: string): void {
    this.#requestIds.add(requestId);
  }

  remove(requestId: string): void {
    this.#requestIds.delete(requestId);
  }

  async #renew(): Promise<void> {
    const requestIds = [...this.#requestIds];
    if (requestIds.length === 0) return;
    await serviceData()
      .mutation(api.usage.renewHolds, { requestIds })
      .catch((error: unknown) => log("warn", "holds could not be renewed", { error: messageOf(error) }));
  }
}

const openCalls = () => singleton("open-calls", () => new OpenCalls());

/** What is charged for a cost: on platform credits with the operator's markup. */
export function charged(call: Call, costMicroUsd: number): number {
  return call.session.keySource === "platform"
    ? withMarkup(costMicroUsd, env().STUDIO_MARKUP_PERCENT)
    : costMicroUsd;
}

/**
 * Holds what a call may cost at most, before it is made.
 * @param bytes of the call's body: the estimate of its input
 * @param maxOutputTokens that it asks for, if it does
 */
export async function holdFor(
  call: Call,
  bytes: number,
  maxOutputTokens: number | undefined,
): Promise<Reservation> {
  const { model } = call.upstream;
  const inputTokens = Math.min(Math.ceil(bytes / BYTES_PER_TOKEN), model.contextTokens);
  const cost = (usage: { inputTokens: number; outputTokens: number }) =>
    charged(call, costMicroUsd(model, { ...usage, cachedTokens: 0 }));
  const inputMicroUsd = cost({ inputTokens, outputTokens: 0 });
  const decision = await serviceData().mutation(api.usage.reserve, {
    sessionId: call.session.sessionId,
    requestId: call.requestId,
    keySource: call.session.keySource,
    inputMicroUsd,
    outputMicroUsdPerMillion: cost({ inputTokens, outputTokens: 1_000_000 }) - inputMicroUsd,
    maxOutputTokens: Math.min(maxOutputTokens ?? model.outputTokens, model.outputTokens),
  });
  if (decision.ok) openCalls().add(call.requestId);
  return decision;
}

/** The call is over, and was charged. */
export function settled(call: Call): void {
  openCalls().remove(call.requestId);
}

/** The call came to nothing: its hold is let go. */
export async function release(call: Call): Promise<void> {
  openCalls().remove(call.requestId);
  const { requestId } = call;
  await persistently(
    "hold",
    RELEASE_MS,
    async () => void (await serviceData().mutation(api.usage.release, { requestId })),
  ).catch((error: unknown) => log("warn", "a hold lapses by itself", { error: messageOf(error) }));
}

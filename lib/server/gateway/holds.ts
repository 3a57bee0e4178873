import { api } from "#convex/_generated/api.js";
import { costAtMost, type WireFormat } from "#domain/catalog.ts";
import type { FunctionArgs, FunctionReturnType } from "convex/server";
import { HOLD_MS } from "#domain/ledger.ts";
import { actorOf, serviceData } from "../convex/client.ts";
import { persistently } from "../convex/retry.ts";
import { env } from "../env.ts";
import { log, messageOf } from "../log.ts";
import { singleton } from "../singleton.ts";
import { messagesIn } from "./ending.ts";
import { inputTokensAtMost } from "./estimate.ts";
import { answersOf } from "./metered.ts";
import { maxOutputOf } from "./output-limit.ts";
import type { Call } from "./record.ts";
import type { GatewayCaller } from "./tokens.ts";

const RENEW_MS = HOLD_MS / 3;
const RELEASE_MS = 60_000;
/** Bytes that make a token, as a rule fewer than they are: what is likely. */
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

/** What a call is charged in percent of its cost: on platform credits with the operator's markup. */
export const markupPercent = (call: Call): number =>
  call.session.keySource === "platform" ? env().STUDIO_MARKUP_PERCENT : 100;

/** What is held for a call: the most that it can cost, and what that was reckoned from. */
export interface Held {
  amountMicroUsd: number;
  /** The input as it is likely to be counted. */
  inputTokens: number;
  /** The limit of each answer. */
  maxOutputTokens: number;
  answers: number;
}

/** Why a call may not be made. */
export type HoldRefused = Extract<FunctionReturnType<typeof api.usage.reserve>, { ok: false }>;

type Asked = NonNullable<FunctionArgs<typeof api.usage.reserve>["asked"]>;
type Estimate = Omit<FunctionArgs<typeof api.usage.reserve>, "sessionId" | "asked"> & {
  maxInputMicroUsd: number;
};

/** Asks Convex, for a session's agent or in somebody's own name. */
async function reserved(
  { sessionId, by }: GatewayCaller,
  estimate: Estimate,
  asked: Asked,
): Promise<FunctionReturnType<typeof api.usage.reserve>> {
  if (by)
    return await serviceData().mutation(api.completions.reserve, {
      actor: actorOf(by.caller),
      purpose: by.purpose,
      ...(sessionId && { sessionId }),
      ...(by.capMicroUsd !== undefined && { capMicroUsd: by.capMicroUsd }),
      ...estimate,
    });
  if (!sessionId) throw new Error("A call is a session's, or somebody's own.");
  return await serviceData().mutation(api.usage.reserve, { sessionId, asked, ...estimate });
}

/**
 * Holds what a call may cost at most, before it is made.
 * @param read its body, as JSON and in bytes
 */
export async function holdFor(
  call: Call,
  format: WireFormat,
  read: { body: Record<string, unknown>; bytes: Uint8Array },
): Promise<({ ok: true } & Held) | HoldRefused> {
  const { model } = call.upstream;
  const answers = answersOf(format, read.body);
  const mostTokens = inputTokensAtMost(format, read.body, read.bytes.length, model);
  const inputTokens = Math.min(Math.ceil(read.bytes.length / BYTES_PER_TOKEN), mostTokens);
  const markup = markupPercent(call);
  const longCache = Buffer.from(read.bytes.buffer, read.bytes.byteOffset, read.bytes.length).includes('"1h"');
  const most = (tokens: { inputTokens: number; outputTokens: number }) =>
    model.unpriced ? 0 : costAtMost(model, tokens, markup, longCache);
  const maxInputMicroUsd = most({ inputTokens: mostTokens, outputTokens: 0 });
  const estimate = {
    requestId: call.requestId,
    keySource: call.session.keySource,
    inputMicroUsd: most({ inputTokens, outputTokens: 0 }),
    maxInputMicroUsd,
    outputMicroUsdPerMillion:
      (most({ inputTokens: mostTokens, outputTokens: 1_000_000 }) - maxInputMicroUsd) * answers,
    maxOutputTokens: Math.min(maxOutputOf(format, read.body) ?? model.outputTokens, model.outputTokens),
  };
  const decision = await reserved(call.session, estimate, {
    provider: call.session.provider,
    model: call.session.model,
    inputTokens,
    wireApi: format,
    messages: messagesIn(format, read.body),
    tools: Array.isArray(read.body.tools) ? read.body.tools.length : 0,
  });
  if (!decision.ok) return decision;
  openCalls().add(call.requestId);
  return { ...decision, inputTokens, answers };
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

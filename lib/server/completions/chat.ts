import type { z } from "zod";
import { api } from "#convex/_generated/api.js";
import type { chatBody, chatResponse } from "#contracts/chat.ts";
import { DEADLINES } from "#domain/lifecycle.ts";
import { resolveModel } from "#domain/models.ts";
import type { Principal } from "#domain/principal.ts";
import type { Session } from "#domain/session.ts";
import { TimedOut, until } from "#net/retry.ts";
import { meansOf, providersOf } from "../catalog.ts";
import { dataFor } from "../convex/client.ts";
import { refuse } from "../http/refuse.ts";
import { getSession } from "../sessions/read.ts";
import { sendMessage } from "../sessions/send-message.ts";

type Caller = Exclude<Principal, { kind: "service" }>;
type Config = NonNullable<z.output<typeof chatBody>["agent_config"]>;

const POLL_MS = 200;

/** A session keeps what it was created with. @throws HttpError invalid_request where something else is asked for */
async function checkConfig(caller: Caller, session: Session, config: Config): Promise<void> {
  const { provider, model, system_prompt, temperature, max_tokens } = config;
  if (provider !== undefined && model !== undefined) {
    const found = resolveModel(provider, model, new Date(), providersOf(await meansOf(caller)));
    const isSame = provider === session.provider && [session.model, session.requestedModel].includes(model);
    const isReplaced = found.ok && found.provider.id === session.provider && found.model.id === session.model;
    if (!isSame && !isReplaced)
      throw refuse("chat_not_of_session", { field: "model", has: `${session.provider}/${session.model}` });
  }
  const agent = await dataFor(caller).query(api.agents.ofSession, { sessionId: session.id });
  const differs = (asked: unknown, has: unknown) => asked !== undefined && asked !== has;
  if (differs(system_prompt, agent?.systemPrompt))
    throw refuse("chat_prompt_differs", { agent: agent?.name ?? null });
  if (differs(temperature, agent?.temperature))
    throw refuse("chat_not_of_session", {
      field: "temperature",
      has: agent ? String(agent.temperature) : null,
    });
  if (differs(max_tokens, agent?.maxTokens))
    throw refuse("chat_not_of_session", { field: "max_tokens", has: agent ? String(agent.maxTokens) : null });
}

/**
 * Sends a message to a session and waits for what comes of it. The run goes on where nobody waits any more.
 * @throws HttpError not_found | forbidden | invalid_request | queue_full | not_ready | upstream_failed
 */
export async function chat(
  caller: Caller,
  { session_id: sessionId, message, agent_config: config }: z.output<typeof chatBody>,
  signal: AbortSignal,
): Promise<z.infer<typeof chatResponse>> {
  if (config) await checkConfig(caller, await getSession(caller, sessionId), config);
  const runId = await sendMessage(caller, sessionId, message);
  const session = await getSession(caller, sessionId);
  const ended = async () => {
    signal.throwIfAborted();
    const run = await dataFor(caller).query(api.runs.get, { runId });
    return run.status !== "pending" && run.status !== "running" && run;
  };
  const run = await until("a run", ended, { timeoutMs: DEADLINES.runMs, everyMs: POLL_MS }).catch(
    (error: unknown) => {
      if (error instanceof TimedOut || signal.aborted) throw refuse("chat_goes_on", { runId });
      throw error;
    },
  );
  if (run.status !== "completed")
    throw refuse("chat_run_ended", { runId, status: run.status, error: run.error ?? "" });
  return {
    session_id: session.id,
    run_id: runId,
    content: run.output ?? "",
    model: session.model,
    provider: session.provider,
    usage: { input_tokens: run.totalInputTokens, output_tokens: run.totalOutputTokens },
    cost_usd: run.totalCostMicroUsd / 1_000_000,
  };
}

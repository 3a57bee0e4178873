import { type LimitSubject, limitWait } from "../monthly-limits.ts";
import { MAX_SAME_CALLS } from "../same-calls.ts";
import { kind } from "./kind.ts";

/** What the gateway tells an agent whose model call it does not pass on. */
export const gateway = {
  gateway_token: kind("invalid_token", "This session's token isn't valid anymore."),
  gateway_database: kind("unavailable", "Studio can't reach its database right now. Try again in a moment."),
  gateway_provider: kind(
    "wrong_provider",
    ({ provider }: { provider: string }) => `This session has no key for ${provider}.`,
  ),
  gateway_key_unreadable: kind(
    "key_unreadable",
    ({ provider }: { provider: string }) =>
      `The stored key for ${provider} can't be opened. An admin deletes it and adds it again in Settings, Providers.`,
  ),
  gateway_path: kind(
    "unknown_path",
    ({ method, path }: { method: string; path: string }) => `The gateway doesn't pass on ${method} ${path}.`,
  ),
  gateway_calls: kind(
    "too_many_calls",
    "Too many model calls are in progress. This one continues when some have ended.",
  ),
  gateway_held: kind(
    "credits_held",
    "Other calls in progress hold what is left. This one continues when they have ended.",
  ),
  gateway_cap: kind(
    "session_cap",
    "The session reached its spending cap. It continues when someone raises it.",
  ),
  gateway_limit: kind(
    "monthly_limit",
    ({ subject }: { subject: LimitSubject }) =>
      `${limitWait(subject)}. The run continues when an admin raises it, or when the month is over.`,
  ),
  gateway_loop: kind(
    "same_calls",
    "The agent has made the same call again and again. The run continues when someone lets it go on.",
  ),
  gateway_loop_denied: kind(
    "same_calls_denied",
    `The agent made the same call ${MAX_SAME_CALLS} times in a row or more, and nobody let it go on, so the run was stopped.`,
  ),
  gateway_run_cap: kind(
    "run_cap",
    "This run reached the cost that it was allowed. Nothing more is spent on it.",
  ),
  gateway_credits: kind(
    "no_credits",
    "The organization is out of platform credits. Add credits, or your own key in Settings, Providers.",
  ),
  gateway_frozen: kind(
    "organization_frozen",
    "The operator froze the organization, so no model calls are made. The session's work is saved.",
  ),
  gateway_body_large: kind(
    "too_large",
    ({ maxBytes }: { maxBytes: number }) => `A model call can have at most ${maxBytes} bytes.`,
  ),
  gateway_body_incomplete: kind("incomplete_body", "The body is incomplete."),
  gateway_body_not_json: kind("invalid_json", "The body isn't valid JSON."),
  gateway_body_not_object: kind("invalid_json", "The body isn't a JSON object."),
  gateway_name_twice: kind("duplicate_name", ({ name }: { name: string }) => `The body has “${name}” twice.`),
  gateway_model: kind(
    "model_not_allowed",
    ({ model }: { model: string }) => `This session can only use ${model}.`,
  ),
  gateway_key_rejected: kind(
    "key_rejected",
    ({ provider, status }: { provider: string; status: number }) =>
      `${provider} rejected the key (${status}). The session continues once someone fixes that.`,
  ),
  gateway_unreachable: kind(
    "provider_unreachable",
    ({ provider }: { provider: string }) => `${provider} couldn't be reached, so the agent got no response.`,
  ),
  gateway_silent: kind(
    "provider_unreachable",
    ({ provider, seconds }: { provider: string; seconds: number }) =>
      `${provider} didn't begin to respond within ${seconds} s, so the call was given up.`,
  ),
  gateway_empty: kind(
    "fruitless",
    ({ provider }: { provider: string }) => `${provider} sent an empty answer.`,
  ),
  gateway_web_page: kind(
    "fruitless",
    ({ provider }: { provider: string }) =>
      `${provider} sent a web page in place of an answer. Check the endpoint's address.`,
  ),
  gateway_not_stream: kind(
    "fruitless",
    ({ provider }: { provider: string }) => `${provider} doesn't stream its answers, which the agent needs.`,
  ),
  gateway_unreadable: kind(
    "fruitless",
    ({ provider }: { provider: string }) => `${provider} sent an answer that isn't in the expected format.`,
  ),
  gateway_answer_failed: kind(
    "fruitless",
    ({ provider, type }: { provider: string; type: string }) => `${provider} broke off its answer (${type}).`,
  ),
  gateway_answer_silent: kind(
    "fruitless",
    ({ provider }: { provider: string }) => `${provider} sent nothing more in the middle of its answer.`,
  ),
  gateway_answer_endless: kind(
    "fruitless",
    ({ provider }: { provider: string }) => `${provider}'s answer did not end, so it was broken off.`,
  ),
  gateway_answer_broken: kind(
    "fruitless",
    ({ provider }: { provider: string }) => `${provider}'s answer broke off in the middle.`,
  ),
  gateway_fruitless: kind(
    "fruitless",
    ({ calls, because }: { calls: number; because: string }) =>
      `${calls} calls in a row brought no usable answer, so the run was stopped. ${because}`,
  ),
  gateway_rate: kind(
    "too_many_calls",
    ({ limit }: { limit: number }) => `This run calls the model more than ${limit} times a minute.`,
  ),
  gateway_refused: kind("provider_refused", ({ provider, status }: { provider: string; status: number }) => {
    if (status === 401 || status === 403) return `${provider} rejected the key (${status}).`;
    if (status === 402) return `${provider} says the key's account is out of credit (402).`;
    if (status === 404) return `${provider} doesn't offer this model for this key (404).`;
    if (status === 429) return `Rate limited by ${provider} (429).`;
    if (status >= 500) return `${provider} is overloaded or down (${status}).`;
    return `${provider} rejected the call (${status}).`;
  }),
  chat_not_of_session: kind(
    "invalid_request",
    ({ field, has }: { field: string; has: string | null }) =>
      `agent_config.${field}: this session has ${has ?? "none"}, and keeps that. Leave the field out, or create another session.`,
  ),
  chat_prompt_differs: kind("invalid_request", ({ agent }: { agent: string | null }) =>
    agent === null
      ? "agent_config.system_prompt: this session has none. Create one with the `agent_id` of an agent that has this prompt."
      : `agent_config.system_prompt: this session keeps the prompt of its agent ${agent}. Leave the field out, or create another session.`,
  ),
  chat_goes_on: kind(
    "not_ready",
    ({ runId }: { runId: string }) =>
      `The run isn't done yet, and goes on. Get its result from /api/v1/runs/${runId}.`,
  ),
  chat_run_ended: kind(
    "upstream_failed",
    ({ runId, status, error }: { runId: string; status: string; error: string }) =>
      `The run ${runId} has ended without an answer (${status}). ${error}`,
  ),
  completion_key: kind(
    "upstream_failed",
    ({ provider }: { provider: string }) =>
      `${provider} rejected the organization's key. An admin can test or replace it in Settings, Providers.`,
  ),
  completion_refused: kind(
    "upstream_failed",
    ({ provider, status }: { provider: string; status: number }) =>
      `${provider} rejected the call (${status}). Nothing was charged; try again, or choose another model.`,
  ),
  completion_failed: kind("upstream_failed", ({ words }: { words: string }) => words),
  completion_broken: kind(
    "upstream_failed",
    ({ provider }: { provider: string }) => `${provider}'s answer broke off in the middle. Try again.`,
  ),
  completion_late: kind(
    "upstream_failed",
    ({ provider, seconds }: { provider: string; seconds: number }) =>
      `${provider} wasn't done within ${seconds} s, so the call was ended. Ask for less at once.`,
  ),
  completion_busy: kind(
    "rate_limited",
    "You have too many model calls in progress. Try again when some have ended.",
  ),
  completion_held: kind(
    "rate_limited",
    "Other calls in progress hold the credits that are left. Try again when they have ended.",
  ),
  completion_cap: kind(
    "invalid_request",
    "This call can cost more than it was allowed. Allow more, or ask for less.",
  ),
  completion_session_cap: kind(
    "invalid_request",
    "The session has too little left below its spending cap for this call. Raise the cap first.",
  ),
  completion_limit: kind(
    "limit_reached",
    "A monthly limit is reached, so the call wasn't made and nothing was charged. An admin can raise it in Settings, Limits.",
  ),
  completion_too_long: kind(
    "too_large",
    ({ maxBytes }: { maxBytes: number }) => `The messages can have ${maxBytes} bytes together.`,
  ),
  completion_metered: kind("invalid_request", ({ words }: { words: string }) => words),
  completion_model_gone: kind(
    "no_key",
    ({ provider }: { provider: string }) =>
      `There's no key for ${provider} anymore. Add one in Settings, Providers.`,
  ),
  gateway_not_metered: kind(
    "not_metered",
    ({ part }: { part: string }) => `On platform credits, a call can't ask for ${part}.`,
  ),
};

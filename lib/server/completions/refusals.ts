import { z } from "zod";
import type { Upstream } from "../keys/upstream.ts";
import type { GatewayCaller } from "../gateway/tokens.ts";
import { REFUSAL_HEADER } from "../gateway/wire.ts";
import type { HttpError } from "../http/error.ts";
import { refuse, refuseWith } from "../http/refuse.ts";

/** All formats' errors have their sentence there. */
const errorSchema = z.object({ error: z.object({ message: z.string().max(2_000) }) });
/** How soon to ask again where others' calls are in the way. */
const RETRY = { headers: { "retry-after": "5" } };

async function sentenceOf(response: Response): Promise<string> {
  // The response itself is still read by the package that has asked.
  const found = errorSchema.safeParse(
    await response
      .clone()
      .json()
      .catch(() => null),
  );
  return found.success ? found.data.error.message : "";
}

/** Why the gateway, or a provider, has refused a person's call, in words for them. */
export async function refusalIn(
  response: Response,
  { by, sessionId, keySource }: GatewayCaller,
  { name: provider }: Upstream,
): Promise<HttpError> {
  const { status } = response;
  const code = response.headers.get(REFUSAL_HEADER);
  // A provider's own words stay out of it: they can name the account behind a key.
  if (code === null) return refuse("completion_refused", { provider, status });
  switch (code) {
    case "no_credits":
      return refuse("gateway_credits");
    case "organization_frozen":
      return refuse("organization_frozen_calls");
    case "monthly_limit":
      return refuse("completion_limit");
    case "session_cap":
      return refuse(
        sessionId === undefined || by?.capMicroUsd !== undefined
          ? "completion_cap"
          : "completion_session_cap",
      );
    case "credits_held":
      return refuseWith(RETRY, "completion_held");
    case "too_many_calls":
      return refuseWith(RETRY, "completion_busy");
    case "key_rejected":
      return keySource === "platform"
        ? refuse("completion_refused", { provider, status: 401 })
        : refuse("completion_key", { provider });
    case "unavailable":
      return refuse("database_unreachable");
    case "not_metered":
      return refuse("completion_metered", { words: await sentenceOf(response) });
    default:
      return refuse("completion_failed", { words: await sentenceOf(response) });
  }
}

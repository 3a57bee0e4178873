import { transportKindOf } from "../../net/transport.ts";
import { ForbiddenAddress, guardedFetch, type GuardPolicy } from "../net/guarded-fetch.ts";

/** What a test of a key found: the provider took it, refused it, or could not be asked. */
export interface Verdict {
  status: "active" | "inactive" | "error";
  detail: string;
}

const TIMEOUT_MS = 5_000;

/** A harmless question that needs the key: each provider's list of models, or OpenRouter's word on the key itself. */
const QUESTIONS: Record<string, { path: string; headers: (key: string) => Record<string, string> }> = {
  xai: { path: "/models", headers: bearer },
  openai: { path: "/models", headers: bearer },
  anthropic: {
    path: "/models",
    headers: (key) => ({ "x-api-key": key, "anthropic-version": "2023-06-01" }),
  },
  google: { path: "/models", headers: (key) => ({ "x-goog-api-key": key }) },
  openrouter: { path: "/key", headers: bearer },
};

function bearer(key: string): Record<string, string> {
  return { authorization: `Bearer ${key}` };
}

/**
 * Asks a provider whether it takes a key, within five seconds. Nothing of the answer's body is kept:
 * it may repeat the key.
 * @param baseUrl where the provider is reached, with the version
 */
export async function verifyKey(
  provider: string,
  apiKey: string,
  baseUrl: string,
  policy: GuardPolicy,
): Promise<Verdict> {
  const question = QUESTIONS[provider];
  const target = `${baseUrl.replace(/\/+$/, "")}${question?.path ?? "/models"}`;
  const host = URL.canParse(target) ? new URL(target).host : "the provider";
  try {
    const answer = await guardedFetch(
      target,
      { headers: (question?.headers ?? bearer)(apiKey), signal: AbortSignal.timeout(TIMEOUT_MS) },
      policy,
    );
    await answer.body?.cancel();
    if (answer.ok) return { status: "active", detail: `${host} accepted the key.` };
    if (answer.status === 401 || answer.status === 403)
      return {
        status: "error",
        detail: `${host} rejected the key (${answer.status}). Check it, then save it again.`,
      };
    return {
      status: "inactive",
      detail: `${host} returned ${answer.status}, so the key couldn't be tested. Test it again later.`,
    };
  } catch (error) {
    if (error instanceof ForbiddenAddress) return { status: "inactive", detail: error.message };
    const why = transportKindOf(error) === "timeout" ? "didn't respond within 5 s" : "couldn't be reached";
    return {
      status: "inactive",
      detail: `${host} ${why}, so the key couldn't be tested. Test it again later.`,
    };
  }
}

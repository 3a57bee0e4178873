import { causesOf, transportKindOf } from "#net/transport.ts";
import { DEFAULT_INDEX_USER, type RegistryKind } from "#domain/registries.ts";
import { refuse } from "../http/refuse.ts";
import { Silent } from "../http/watched.ts";
import { guardPolicy } from "../keys/provider-keys.ts";
import { log } from "../log.ts";
import { ForbiddenAddress, guardedFetch } from "../net/guarded-fetch.ts";

/** How a registry is reached and signed in to. */
export interface RegistryServer {
  slug: string;
  kind: RegistryKind;
  url: string;
  username: string;
  token: string;
}

export const registryHostOf = ({ url }: Pick<RegistryServer, "url">): string =>
  URL.canParse(url) ? new URL(url).host : "The registry";

/** How long a registry may send nothing. */
export const REGISTRY_SILENCE_MS = 60_000;
const MAX_REDIRECTS = 3;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

function authorizationOf({ kind, username, token }: RegistryServer): string {
  const user = username === "" && kind === "pypi" ? DEFAULT_INDEX_USER : username;
  return user === "" ? `Bearer ${token}` : `Basic ${Buffer.from(`${user}:${token}`).toString("base64")}`;
}

/**
 * A request to a registry, signed in. The answer has begun when this returns, whatever it is but a redirect.
 * @param init `leaves`: whether a redirect may lead to another host, as registries keep files elsewhere; the credential
 *   does not go there
 * @throws HttpError upstream_failed with a sentence: it was not reached, may not be, or did not answer
 */
export async function askRegistry(
  server: RegistryServer,
  target: URL,
  init: { headers?: Record<string, string>; signal?: AbortSignal; leaves?: boolean; waitMs?: number },
): Promise<Response> {
  const { headers = {}, signal, leaves = false, waitMs = REGISTRY_SILENCE_MS } = init;
  const { origin } = new URL(server.url);
  const silent = new AbortController();
  const timer = setTimeout(() => silent.abort(new Silent()), waitMs);
  const seconds = Math.round(waitMs / 1_000);
  let url = target;
  try {
    for (let hop = 0; ; hop += 1) {
      const answer = await guardedFetch(
        url.href,
        {
          headers: {
            "user-agent": "Studio",
            "accept-encoding": "identity",
            ...headers,
            ...(url.origin === origin && { authorization: authorizationOf(server) }),
          },
          signal: signal ? AbortSignal.any([signal, silent.signal]) : silent.signal,
          redirect: "manual",
        },
        guardPolicy(),
      );
      if (!REDIRECTS.has(answer.status)) return answer;
      const location = answer.headers.get("location") ?? "";
      const next = URL.canParse(location, url) ? new URL(location, url) : null;
      if (!next || hop === MAX_REDIRECTS || (!leaves && next.origin !== origin))
        throw refuse("registry_strange", { host: url.host, status: answer.status });
      url = next;
    }
  } catch (error) {
    if (silent.signal.aborted) throw refuse("registry_silent", { host: url.host, seconds });
    if (error instanceof ForbiddenAddress)
      throw refuse("registry_address_forbidden", { fault: error.message });
    const kind = transportKindOf(error);
    if (kind === undefined) throw error;
    log("info", "a package registry could not be reached", { host: url.host, error: causesOf(error) });
    throw kind === "timeout"
      ? refuse("registry_silent", { host: url.host, seconds })
      : refuse("registry_unreachable", { host: url.host });
  } finally {
    clearTimeout(timer);
  }
}

import { kind } from "./kind.ts";

/** An organization's own package registries. */
export const registries = {
  registry_not_found: kind(
    "not_found",
    ({ registry }: { registry: string }) => `There's no package registry “${registry}”.`,
  ),
  registry_race: kind(
    "invalid_request",
    "Someone else saved this registry at the same moment. Nothing was saved; try again.",
  ),
  registry_limit: kind(
    "invalid_request",
    ({ limit }: { limit: number }) =>
      `An organization can have ${limit} package registries. Remove one first.`,
  ),
  registry_token_missing: kind(
    "invalid_request",
    "token: a new registry needs one, and so does one whose URL or user changes.",
  ),
  registry_url_forbidden: kind("invalid_request", ({ fault }: { fault: string }) => `url: ${fault}`),
  registry_scope_malformed: kind(
    "invalid_request",
    ({ scope }: { scope: string }) => `scopes: “${scope}” isn't a scope, such as @acme.`,
  ),
  registry_scopes_of_npm: kind("invalid_request", "scopes: only a registry for npm has scopes."),
  registry_scope_taken: kind(
    "invalid_request",
    ({ scope, registry }: { scope: string; registry: string }) =>
      `scopes: ${scope} already comes from “${registry}”.`,
  ),
  registry_default_taken: kind(
    "invalid_request",
    ({ registry }: { registry: string }) =>
      `All packages already come from “${registry}”. Name the scopes that this registry is for, or change that one.`,
  ),
  registry_index_taken: kind(
    "invalid_request",
    ({ registry }: { registry: string }) => `Python packages already come from “${registry}”.`,
  ),
  registry_token: kind(
    "unauthenticated",
    "This token isn't valid here, or its session or the membership of its person has ended.",
  ),
  registry_address: kind(
    "not_found",
    ({ registry }: { registry: string }) =>
      `Studio passes on packages and their files alone, and of “${registry}” only those that it is for.`,
  ),
  registry_busy: kind(
    "rate_limited",
    "Too many package requests of this session are under way. Try again in a moment.",
  ),
  registry_refused: kind(
    "upstream_failed",
    ({ host, registry }: { host: string; registry: string }) =>
      `${host} doesn't accept the credential of the registry “${registry}”. An admin can enter another one under Settings, Registries.`,
  ),
  registry_missing: kind(
    "not_found",
    ({ host, path }: { host: string; path: string }) =>
      `${host} has no ${path}, or its credential may not read it.`,
  ),
  registry_unreachable: kind(
    "upstream_failed",
    ({ host }: { host: string }) => `${host} can't be reached. Try again.`,
  ),
  registry_silent: kind(
    "upstream_failed",
    ({ host, seconds }: { host: string; seconds: number }) =>
      `${host} sent nothing for ${seconds} s, so the request was ended. Try again.`,
  ),
  registry_strange: kind(
    "upstream_failed",
    ({ host, status }: { host: string; status: number }) =>
      `${host} returned ${status} in place of a package. Check the registry's URL.`,
  ),
  registry_address_forbidden: kind("upstream_failed", ({ fault }: { fault: string }) => fault),
};

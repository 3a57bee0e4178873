import { kind, unreadable } from "./kind.ts";

/** An organization's settings, provider keys, credits and audit log. */
export const settings = {
  provider_key_not_found: kind("not_found", "There's no key for this provider."),
  provider_key_race: kind(
    "invalid_request",
    "Someone else saved a key at the same moment. Nothing was saved; try again.",
  ),
  provider_limit: kind(
    "invalid_request",
    ({ limit }: { limit: number }) => `An organization can have ${limit} providers. Remove one first.`,
  ),
  provider_not_keyed: kind(
    "unknown_provider",
    "There's no such provider. Choose xai, anthropic, openai, google, openrouter, or compatible:<name>.",
  ),
  provider_key_vanished: kind("internal", "The key was saved, and then it was gone."),
  provider_keys_unreadable: unreadable("provider keys"),
  endpoint_incomplete: kind("invalid_request", "A compatible endpoint needs its base_url and its models."),
  endpoint_not_own: kind(
    "invalid_request",
    ({ provider }: { provider: string }) => `${provider} has its own URL and models: leave them out.`,
  ),
  provider_key_spaced: kind("invalid_request", "api_key: must not contain spaces."),
  base_url_forbidden: kind("invalid_request", ({ fault }: { fault: string }) => `base_url: ${fault}`),
  setting_unknown: kind(
    "not_found",
    ({ name, known }: { name: string; known: string[] }) =>
      `There's no setting “${name}”. Choose one of: ${known.join(", ")}.`,
  ),
  setting_invalid: kind("invalid_request", ({ fault }: { fault: string }) => `value: ${fault}`),
  network_invalid: kind("invalid_request", ({ fault }: { fault: string }) => fault),
  network_changed: kind(
    "invalid_request",
    "Someone else changed the network policy meanwhile. Nothing was saved: reload the page and change it again.",
  ),
  network_closed: kind(
    "invalid_request",
    "The network policy is closed, so no host can be added. An admin can choose “Listed” under Settings, Network.",
  ),
  network_ports_unsupported: kind(
    "invalid_request",
    ({ host }: { host: string }) =>
      `This sandbox service can't limit ${host} to one port. Enter it without a port.`,
  ),
  audit_actor_invalid: kind("invalid_request", "actor: send a member's id, a key's id, or a kind of actor."),
  organization_deleted: kind("not_found", "This organization no longer exists."),
  organization_unknown: kind(
    "not_found",
    ({ name }: { name: string }) => `There's no organization “${name}”.`,
  ),
  organization_ambiguous: kind(
    "invalid_request",
    ({ name }: { name: string }) => `Several organizations have the slug “${name}”. Use the id instead.`,
  ),
  grant_amount: kind(
    "invalid_request",
    ({ maxDollars }: { maxDollars: number }) =>
      `An amount is at most $${maxDollars}, in whole micro-dollars, and not zero.`,
  ),
  grant_reason: kind(
    "invalid_request",
    ({ maxChars }: { maxChars: number }) => `Give a reason of at most ${maxChars} characters.`,
  ),
  address_malformed: kind("invalid_request", "This isn't a URL: start it with https://."),
  address_with_credentials: kind("invalid_request", "A URL must not contain a user name or password."),
  address_not_https: kind("invalid_request", "The URL must start with https://."),
  address_redirects: kind(
    "invalid_request",
    ({ host }: { host: string }) =>
      `${host} redirects elsewhere, which isn't followed. Use the URL that it leads to.`,
  ),
  address_metadata: kind(
    "invalid_request",
    ({ host }: { host: string }) =>
      `${host} is where machines find credentials of their own. No server there can be used.`,
  ),
  address_private: kind(
    "invalid_request",
    ({ host }: { host: string }) =>
      `${host} is in a private network, which isn't allowed here. The operator can allow it (STUDIO_ALLOW_PRIVATE_URLS).`,
  ),
  destination_not_found: kind("not_found", "There's no such destination of notifications."),
  destination_limit: kind(
    "invalid_request",
    ({ limit }: { limit: number }) => `An organization can be told in ${limit} places. Remove one first.`,
  ),
  destination_url: kind("invalid_request", ({ fault }: { fault: string }) => `url: ${fault}`),
  destination_unreadable: kind(
    "key_unreadable",
    "The stored address can't be decrypted with this server's keys. Remove the destination, and add it again.",
  ),
  destination_secret: kind(
    "invalid_request",
    "secret: Slack doesn't check signatures. Leave it out, or choose a webhook.",
  ),
};

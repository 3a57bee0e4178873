import { plural } from "../plural.ts";
import { kind } from "./kind.ts";

/** Who may come in, and what they may do. */
export const access = {
  signed_out: kind("unauthenticated", "Sign in, or send an API key as `Authorization: Bearer <key>`."),
  api_key_missing: kind("unauthenticated", "Send the API key as `Authorization: Bearer <key>`."),
  api_key_invalid: kind("unauthenticated", "This API key isn't valid: it's wrong, expired, or revoked."),
  api_key_expired: kind(
    "unauthenticated",
    ({ at }: { at: string }) =>
      `This API key expired on ${at}. With the struere command, log in again: struere login.`,
  ),
  people_only: kind("forbidden", "Only a signed-in person can do this, not an API key."),
  login_not_found: kind(
    "not_found",
    "There's no such login. It may have expired after ten minutes, or was used: start struere login again.",
  ),
  login_decided: kind("already_decided", "This login was already confirmed or declined."),
  login_too_early: kind("rate_limited", ({ seconds }: { seconds: number }) => `Ask again in ${seconds} s.`),
  logins_full: kind(
    "rate_limited",
    ({ limit }: { limit: number }) => `There are ${limit} open logins already. Try again in ten minutes.`,
  ),
  token_without_organization: kind("unauthenticated", "The token names no organization."),
  not_a_member: kind("unauthenticated", "You're no longer a member of this organization."),
  account_deleted: kind("unauthenticated", "This account or organization was deleted."),
  organization_missing: kind("forbidden", "Create or join an organization first."),
  organization_frozen: kind(
    "forbidden",
    ({ reason }: { reason: string }) =>
      `The operator of this Studio froze the organization: ${reason} Everything is kept, and can be read and exported. Ask the operator.`,
  ),
  organization_frozen_calls: kind(
    "forbidden",
    "The operator of this Studio froze the organization, so no model calls are made. Ask the operator.",
  ),
  organization_already_frozen: kind("already_decided", "This organization is frozen already."),
  organization_not_frozen: kind("already_decided", "This organization isn't frozen."),
  operator_reason: kind(
    "invalid_request",
    ({ maxChars }: { maxChars: number }) => `reason: give one of at most ${maxChars} characters.`,
  ),
  operator_session_ended: kind("session_stopped", "This session has ended already."),
  support_access_missing: kind(
    "forbidden",
    "This organization hasn't let the operator read its sessions, or does so no longer. Ask one of its admins to grant it in Settings › Support access.",
  ),
  support_access_unnoted: kind("forbidden", "A look at this was not noted yet: note it, then read."),
  cross_site: kind("forbidden", "This request came from another site's page, so it was refused."),
  scope_missing: kind(
    "forbidden",
    ({ scope }: { scope: string }) => `This needs an API key with the scope ${scope}.`,
  ),
  role_too_low: kind(
    "forbidden",
    ({ needed, role }: { needed: string; role: string }) =>
      `This needs the role ${needed}; yours is ${role}.`,
  ),
  members_only: kind("forbidden", "Only members and their API keys can do this."),
  servers_only: kind("forbidden", "Only Studio's own servers can do this."),
  starter_or_admin_only: kind(
    "forbidden",
    "Only the person who started this session, or an admin, can do this.",
  ),
  production_admins_only: kind("forbidden", "Only admins can work in production."),
  api_key_environment: kind(
    "forbidden",
    ({ has, wanted }: { has: string; wanted: string }) => `This API key is for ${has}, not for ${wanted}.`,
  ),
  api_key_grants_scope: kind(
    "forbidden",
    ({ scope }: { scope: string }) => `This API key doesn't have the scope ${scope}, so it can't grant it.`,
  ),
  api_key_outlives: kind(
    "forbidden",
    ({ expiresAt }: { expiresAt: string }) =>
      `This API key expires on ${expiresAt}, so a key created with it must expire by then.`,
  ),
  api_key_other_environment: kind(
    "forbidden",
    ({ environment }: { environment: string }) =>
      `This API key is for ${environment}, so it can create keys for that only.`,
  ),
  api_key_hash_taken: kind("invalid_request", "hash: a key with this hash already exists."),
  api_key_expiry_past: kind("invalid_request", "expires_at: this time has already passed."),
  api_key_not_found: kind("not_found", "There's no such key in this organization."),
  viewer_terminal: kind("forbidden", "Viewers can't open terminals."),
  sign_up_closed: kind("SIGN_UP_CLOSED", "Sign-up is closed here. Ask the operator of this Studio."),
  sign_up_invited: kind(
    "SIGN_UP_CLOSED",
    "Sign-up is by invitation only. Ask an admin of the organization to invite this address.",
  ),
  only_owner: kind(
    "ONLY_OWNER",
    ({ organizations }: { organizations: string[] }) =>
      `You're the only owner of ${organizations.join(", ")}. Make someone else an owner, or delete the organization first.`,
  ),
  sign_ins_failed: kind(
    "TOO_MANY_FAILED_SIGN_INS",
    ({ minutes }: { minutes: number }) =>
      `Too many failed sign-ins. Try again in ${minutes} ${plural(minutes, "minute", "minutes")}.`,
  ),
  change_pending: kind(
    "SERVICE_UNAVAILABLE",
    "Studio can't reach its database right now. The change is saved and takes effect once the database is back. You don't need to repeat it.",
  ),
};

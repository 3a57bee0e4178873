import { randomBytes, randomUUID } from "node:crypto";
import { RateLimiterMemory } from "rate-limiter-flexible";
import { isOverLimit } from "../over-limit.ts";
import { api } from "#convex/_generated/api.js";
import type { FunctionReturnType } from "convex/server";
import type { Principal } from "#domain/principal.ts";
import { readRequest, TooLarge } from "#net/body.ts";
import { makeSecret } from "../auth/opaque.ts";
import { actorOf, dataFor, serviceData } from "../convex/client.ts";
import { greenChanged } from "../engine/wake.ts";
import { HttpError, problemResponse } from "../http/error.ts";
import { refuse, refuseWith } from "../http/refuse.ts";
import { seal } from "../keys/envelope.ts";
import { openDataKey, openSecret } from "../keys/own-key.ts";
import { log, messageOf } from "../log.ts";
import { singleton } from "../singleton.ts";
import { hookUrl } from "../git/connections.ts";
import { findingsNow } from "../git/findings.ts";
import { deliveryKeys, isGenuine, subjectOf } from "../git/hook-payload.ts";

type Caller = Exclude<Principal, { kind: "service" }>;
type Hooked = NonNullable<FunctionReturnType<typeof api.gitHooks.take>>[number];

const placeOf = (organizationId: string, slug: string, version: number) => ({
  organizationId,
  name: `git-hook:${slug}`,
  version,
});

/**
 * Makes a connection the secret that its host signs webhooks with, in place of the one before. It is shown this once.
 * @throws HttpError not_found | invalid_request | forbidden | key_unreadable
 */
export async function makeGitHook(caller: Caller, slug: string): Promise<{ url: string; secret: string }> {
  const data = serviceData();
  const actor = actorOf(caller);
  const { organizationId, kind, nextVersion, dataKey } = await data.query(api.gitHooks.forMaking, {
    actor,
    slug,
  });
  // GitLab takes one of this form as its signing token, and any text as its secret token.
  const secret =
    kind === "gitlab" ? `whsec_${randomBytes(32).toString("base64")}` : makeSecret("hook_studio").secret;
  const key = openDataKey(organizationId, dataKey, "git_credentials_unreadable");
  const ciphertext = seal(key, placeOf(organizationId, slug, nextVersion), secret);
  const id = await data.mutation(api.gitHooks.make, { actor, slug, ciphertext, version: nextVersion });
  return { url: hookUrl(id), secret };
}

/** Takes no more webhooks for a connection. @throws HttpError not_found */
export async function removeGitHook(caller: Caller, slug: string): Promise<void> {
  await dataFor(caller).mutation(api.gitHooks.remove, { slug });
}

/** Bytes of a delivery. */
const MAX_BYTES = 2_000_000;
/** How many there may be a minute in this process: of all, to no connection, of one, and of one with a wrong signature. */
const PER_MINUTE = { all: 3_000, unknown: 60, genuine: 300, wrong: 60 } as const;
const WINDOW_S = 60;

async function count(what: keyof typeof PER_MINUTE, key = ""): Promise<void> {
  const points = PER_MINUTE[what];
  const limiter = singleton(
    `git-hook-limiter ${what}`,
    () => new RateLimiterMemory({ points, duration: WINDOW_S, keyPrefix: "" }),
  );
  try {
    await limiter.consume(key);
  } catch (refused) {
    if (!isOverLimit(refused)) throw refused;
    const seconds = Math.max(1, Math.ceil(refused.msBeforeNext / 1_000));
    throw refuseWith({ headers: { "retry-after": String(seconds) } }, "rate_limited", {
      limit: points,
      seconds,
    });
  }
}

/**
 * Takes a webhook of a connection's host: its signature is checked over its bytes, and what it is about is asked of the
 * host again. An address that is none, and a connection that takes no webhooks, look alike.
 */
export async function gitWebhook(request: Request, connectionId: string): Promise<Response> {
  try {
    await receive(request, connectionId);
    return new Response(null, { status: 204 });
  } catch (error) {
    if (error instanceof HttpError) return problemResponse(error, request, randomUUID());
    log("warn", "a git webhook was not taken", { error: messageOf(error) });
    // The host sends it again.
    return problemResponse(refuse("gateway_database"), request, randomUUID());
  }
}

async function receive(request: Request, id: string): Promise<void> {
  await count("all");
  const hook = await serviceData().query(api.gitHooks.sealed, { connectionId: id.slice(0, 100) });
  if (!hook || hook.kind === "git") {
    await count("unknown");
    throw refuse("address_unknown");
  }
  const { kind, connectionId, organizationId } = hook;
  let body: Buffer;
  try {
    body = await readRequest(request, MAX_BYTES);
  } catch (error) {
    throw error instanceof TooLarge
      ? refuse("body_too_large", { maxBytes: MAX_BYTES })
      : refuse("body_incomplete");
  }
  const place = placeOf(organizationId, hook.slug, hook.version);
  const secret = openSecret(hook.dataKey, place, hook.ciphertext, "git_credentials_unreadable");
  const { headers } = request;
  // Counted apart, so that nobody without the secret keeps the host's own deliveries out.
  if (!isGenuine(kind, { headers, body, secret })) {
    await count("wrong", connectionId);
    throw refuse("git_hook_signature");
  }
  await count("genuine", connectionId);
  const subject = subjectOf(body);
  // Pings, and whatever else is about no pull request.
  if (!subject || (subject.numbers.length === 0 && subject.branches.length === 0)) return;
  const found = await serviceData().mutation(api.gitHooks.take, {
    connectionId,
    keys: deliveryKeys(kind, headers, body),
    ...subject,
  });
  if (!found || found.length === 0) return;
  greenChanged();
  // The host waits for its answer, and not for this.
  void lookAt(found);
}

/** Asks a host what has become of pull requests: what is noted is what that says. */
async function lookAt(found: readonly Hooked[]): Promise<void> {
  for (const one of found)
    try {
      await findingsNow(one);
    } catch (error) {
      log("info", "a pull request was not looked at", { error: messageOf(error) });
    }
}

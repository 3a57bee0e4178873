import { createHash } from "node:crypto";
import { api } from "#convex/_generated/api.js";
import type { FunctionReturnType } from "convex/server";
import type { Id } from "#convex/_generated/dataModel.js";
import type { AuditChannel, AuditOrigin } from "#domain/audit.ts";
import type { Principal } from "#domain/principal.ts";
import type { Scope } from "#domain/roles.ts";
import { cached, cacheOf } from "../cache.ts";
import { serviceData } from "../convex/client.ts";
import { env, usesClerk } from "../env.ts";
import { CLIENT_ADDRESS } from "../http/connection.ts";
import { refuse } from "../http/refuse.ts";
import { log, messageOf } from "../log.ts";
import type { SignedIn } from "./driver.ts";
import { clerkIdentity } from "./clerk.ts";
import { embeddedIdentity } from "./embedded.ts";
import { mirrored } from "./mirror.ts";
import { hashSecret } from "./opaque.ts";

const MAX_KEYS = 1_000;
const NOTE_MS = 60_000;

async function mirror(who: SignedIn & { organization: NonNullable<SignedIn["organization"]> }) {
  const seen = mirrored();
  const name = createHash("sha256")
    .update(JSON.stringify({ ...who, assertedAt: 0 }))
    .digest("hex");
  const known = seen.get(name);
  if (known) return known;
  const { driver, user, organization, role, assertedAt } = who;
  const ids = await serviceData().mutation(api.identity.mirror, {
    driver,
    user,
    organization,
    role,
    assertedAt,
    welcomeMicroUsd: env().STUDIO_WELCOME_MICRO_USD,
  });
  const principal = { kind: "member" as const, ...ids, role, name: user.name };
  seen.set(name, principal);
  return principal;
}

/** Notes a key's use, at most once a minute; the request does not wait for it. */
function noteUse(keyId: Id<"apiKeys">): void {
  const noted = cacheOf<"noted">("key-uses", { max: MAX_KEYS, ttlMs: NOTE_MS });
  if (noted.has(keyId)) return;
  noted.set(keyId, "noted");
  serviceData()
    .mutation(api.apiKeys.touch, { keyId })
    .catch((error: unknown) => log("warn", "a key's use was not noted", { error: messageOf(error) }));
}

type Found = FunctionReturnType<typeof api.apiKeys.authenticate>;

/** How long an answer about a key serves other requests with it; each of their calls of Convex checks the key again. */
const KEY_MS = 1_000;

/** The row behind a key's hash: hundreds of requests in one moment ask once. */
async function keyBehind(hash: string): Promise<Found> {
  const known = cacheOf<Promise<Found>>("known-keys", { max: MAX_KEYS, ttlMs: KEY_MS });
  return await cached(known, hash, async () => await serviceData().query(api.apiKeys.authenticate, { hash }));
}

async function fromApiKey(key: string): Promise<Principal> {
  const found = await keyBehind(hashSecret(key));
  if (!found || (found.expiresAt !== null && found.expiresAt < Date.now())) throw refuse("api_key_invalid");
  const { expiresAt: _, scopes, ...rest } = found;
  noteUse(found.keyId);
  return { kind: "apiKey", ...rest, scopes: scopes as Scope[] };
}

/** Browsers send `Origin` with every write; another site's page must not write with our cookie. */
export function isForeignWrite(request: Request): boolean {
  if (request.method === "GET" || request.method === "HEAD") return false;
  return request.headers.get("origin") !== new URL(env().STUDIO_PUBLIC_URL).origin;
}

/** How a request came in, for the audit log. */
function origin(request: Request, via: AuditChannel): AuditOrigin {
  const address = request.headers.get(CLIENT_ADDRESS);
  return { via, ...(address !== null && { address }) };
}

/** The signed-in person behind a request's cookie, organization or not; null where nobody is signed in. */
export async function signedIn(headers: Headers): Promise<SignedIn | null> {
  return usesClerk() ? await clerkIdentity(headers) : await embeddedIdentity(headers);
}

/** The signed-in person as a member of the organization they work in; null where that is none. */
export async function memberOf(who: SignedIn | null): Promise<Extract<Principal, { kind: "member" }> | null> {
  if (!who?.organization) return null;
  return await mirror({ ...who, organization: who.organization });
}

/**
 * Who makes this request: an API key's owner, or a signed-in member.
 * @throws HttpError unauthenticated | forbidden (no organization, or a foreign page's write)
 */
export async function principalOf(request: Request): Promise<Exclude<Principal, { kind: "service" }>> {
  const authorization = request.headers.get("authorization");
  if (authorization !== null) {
    const key = /^Bearer (\S+)$/.exec(authorization)?.[1];
    if (!key) throw refuse("api_key_missing");
    const via = request.headers.get("user-agent")?.startsWith("struere/") ? "cli" : "api";
    const principal = (await fromApiKey(key)) as Extract<Principal, { kind: "apiKey" }>;
    return { ...principal, from: origin(request, via) };
  }
  const who = await signedIn(request.headers);
  if (!who) throw refuse("signed_out");
  if (isForeignWrite(request)) throw refuse("cross_site");
  const member = await memberOf(who);
  if (!member) throw refuse("organization_missing");
  return { ...member, from: origin(request, "page") };
}

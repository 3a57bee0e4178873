import { timingSafeEqual, createHash } from "node:crypto";
import type { createLocalJWKSet, JSONWebKeySet, JWTPayload } from "jose";
import type { Identity } from "../engine/call.ts";
import { textOf, type Json, type JsonObject } from "../engine/json.ts";

/** A provider of `auth.config`. */
export type AuthProvider =
  | { type: "customJwt"; issuer: string; jwks: string; algorithm: "RS256" | "ES256"; applicationID?: string }
  | { type?: undefined; domain: string; applicationID: string };
/** Who a request comes from. */
export interface Caller {
  identity: Identity | null;
  /** May call internal functions. */
  admin: boolean;
  /** When the token ends, in milliseconds since the epoch. */
  expiresMs: number | null;
}

/** The credentials were refused. `code` and the message are what the platform answers. */
export class AuthError extends Error {
  override name = "AuthError";
  readonly code: string;
  readonly status: number;

  constructor(code: string, message: string, status = 401) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

const NOT_VERIFIED =
  "Could not verify OIDC token claim. Check that the token signature is valid and the token hasn't expired.";

/** What checks tokens is forty files, and the first token comes after the start. */
const jose = () => import("jose");

export const ANONYMOUS: Caller = { identity: null, admin: false, expiresMs: null };
const SKEW_SECONDS = 5;
const MAX_CACHED = 2_000;
const KEYS_TTL_MS = 10 * 60_000;
const FETCH_TIMEOUT_MS = 10_000;
const OIDC_ALGORITHMS = ["RS256", "EdDSA"];
/** Claims of the JWT itself, which are no attributes of a person. */
const REGISTERED = new Set(["iss", "sub", "aud", "exp", "nbf", "iat", "jti"]);
/** OpenID's standard claims, as `UserIdentity` of `convex` names them. */
const STANDARD: Record<string, string> = {
  name: "name",
  given_name: "givenName",
  family_name: "familyName",
  nickname: "nickname",
  preferred_username: "preferredUsername",
  profile: "profileUrl",
  picture: "pictureUrl",
  website: "websiteUrl",
  email: "email",
  email_verified: "emailVerified",
  gender: "gender",
  birthdate: "birthday",
  zoneinfo: "timezone",
  locale: "language",
  phone_number: "phoneNumber",
  phone_number_verified: "phoneNumberVerified",
  address: "address",
  updated_at: "updatedAt",
};

function normalized(issuer: string): string {
  return (/^https?:\/\//.test(issuer) ? issuer : `https://${issuer}`).replace(/\/$/, "");
}

/** Nested claims become fields with dotted names, as on Convex (docs.convex.dev/auth/advanced/custom-jwt). */
function flatten(target: JsonObject, name: string, value: Json): void {
  if (value !== null && typeof value === "object" && !Array.isArray(value)) {
    for (const [inner, field] of Object.entries(value)) flatten(target, `${name}.${inner}`, field);
  } else {
    target[name] = value;
  }
}

function identityOf(payload: JWTPayload, custom: boolean): Identity {
  const issuer = payload.iss ?? "";
  const subject = payload.sub ?? "";
  const identity: Identity = { tokenIdentifier: `${issuer}|${subject}`, issuer, subject };
  for (const [claim, value] of Object.entries(payload)) {
    if (REGISTERED.has(claim) || value === undefined) continue;
    const standard = STANDARD[claim];
    if (standard !== undefined) identity[standard] = value as Json;
    else if (custom) flatten(identity, claim, value as Json);
  }
  return identity;
}

/** Reads a key set from an http(s) or `data:` URL; `fetch` of Node understands both. @throws AuthError */
async function readKeys(provider: AuthProvider): Promise<JSONWebKeySet> {
  if (provider.type === "customJwt") return fetchKeys(provider.jwks);
  const { domain } = provider;
  const failed = (reason = ""): AuthError =>
    new AuthError("AuthProviderDiscoveryFailed", `Auth provider discovery of ${domain} failed${reason}`, 400);
  const response = await get(`${normalized(domain)}/.well-known/openid-configuration`).catch(() => {
    throw failed();
  });
  if (!response.ok)
    throw failed(`: ${response.status} ${response.statusText} ${await response.text()}`.trimEnd());
  const found: unknown = await response.json().catch(() => null);
  const uri = typeof found === "object" && found !== null && "jwks_uri" in found ? found.jwks_uri : null;
  if (typeof uri !== "string") throw failed(": its configuration names no jwks_uri");
  return fetchKeys(uri);
}

const get = (url: string): Promise<Response> => fetch(url, { signal: AbortSignal.timeout(FETCH_TIMEOUT_MS) });

async function fetchKeys(url: string): Promise<JSONWebKeySet> {
  const shown = url.startsWith("data:") ? `${url.slice(0, 40)}…` : url;
  const failed = (reason: string): AuthError =>
    new AuthError(
      "InvalidAuthHeader",
      `Could not fetch JWKS from URL '${shown}': ${reason}. Check that the URL is correct and accessible.`,
    );
  const response = await get(url).catch((error: unknown) => {
    throw failed(reasonOf(error));
  });
  if (!response.ok) throw failed(`${response.status} ${response.statusText}`.trimEnd());
  const keys: unknown = await response.json().catch(() => null);
  if (typeof keys === "object" && keys !== null && "keys" in keys && Array.isArray(keys.keys))
    return { keys: keys.keys as JSONWebKeySet["keys"] };
  throw new AuthError("InvalidAuthHeader", "Invalid auth jwks response body");
}

/** Checks tokens and admin keys. */
export class Authenticator {
  private providers: readonly AuthProvider[];
  private readonly adminKeyHash: Buffer;
  private readonly now: () => number;
  private readonly production: boolean;
  private readonly keys = new Map<
    AuthProvider,
    { set: ReturnType<typeof createLocalJWKSet>; readMs: number }
  >();
  private readonly verified = new Map<string, Caller>();

  constructor(options: {
    providers: readonly AuthProvider[];
    adminKey: string;
    now: () => number;
    production: boolean;
  }) {
    this.production = options.production;
    this.providers = options.providers;
    this.adminKeyHash = hash(options.adminKey);
    this.now = options.now;
  }

  /** Loads what checks tokens, so that the first of them need not wait for it. */
  async prepare(): Promise<void> {
    await jose();
  }

  /** Trusts other issuers from now on. */
  setProviders(providers: readonly AuthProvider[]): void {
    this.providers = providers;
    this.keys.clear();
    this.verified.clear();
  }

  /**
   * The caller behind an `Authorization` header.
   * @throws AuthError
   */
  async fromHeader(header: string | undefined): Promise<Caller> {
    if (header === undefined) return ANONYMOUS;
    const [scheme = "", rest = ""] = header.split(/ (.*)/s);
    if (scheme.toLowerCase() === "bearer") return this.fromToken(rest.trim());
    if (scheme.toLowerCase() === "convex") return this.fromAdminKey(rest.trim());
    throw new AuthError(
      "InvalidAuthHeader",
      "The Authorization header must begin with `Bearer ` or `Convex `.",
    );
  }

  /**
   * An admin key, with `:base64(attributes)` behind it to act as a user.
   * @throws AuthError
   */
  fromAdminKey(text: string, impersonating?: Json): Caller {
    const colon = text.lastIndexOf(":");
    if (this.isAdminKey(text)) return { identity: actingAs(impersonating), admin: true, expiresMs: null };
    if (colon > 0 && this.isAdminKey(text.slice(0, colon))) {
      return { identity: actingAs(decodeAttributes(text.slice(colon + 1))), admin: true, expiresMs: null };
    }
    throw new AuthError("BadDeployKey", "The provided deploy key was invalid for this deployment");
  }

  /** @throws AuthError */
  async fromToken(token: string): Promise<Caller> {
    const known = this.verified.get(token);
    if (known?.expiresMs && known.expiresMs > this.now()) return known;
    this.verified.delete(token);
    const caller = await this.verify(token);
    if (this.verified.size >= MAX_CACHED) this.forgetOldest();
    this.verified.set(token, caller);
    return caller;
  }

  private async verify(token: string): Promise<Caller> {
    let claims: JWTPayload;
    try {
      claims = (await jose()).decodeJwt(token);
    } catch {
      throw new AuthError("InvalidAuthHeader", "Could not parse JWT payload.");
    }
    const provider = this.providers.find((candidate) => matches(candidate, claims));
    if (!provider) throw new AuthError("NoAuthProvider", this.noProvider());
    const isCustom = provider.type === "customJwt";
    try {
      const { payload } = await this.verifySignature(token, provider);
      if (payload.sub === undefined) throw new Error('missing required "sub" claim');
      const expiresMs = ((payload.exp ?? 0) + SKEW_SECONDS) * 1000;
      return { identity: identityOf(payload, isCustom), admin: false, expiresMs };
    } catch (error) {
      if (error instanceof AuthError) throw error;
      if (!isCustom) throw new AuthError("Unauthenticated", NOT_VERIFIED);
      throw new AuthError("InvalidAuthHeader", `Could not validate token: ${refusalOf(error)}`);
    }
  }

  private noProvider(): string {
    const words = "No auth provider found matching the given token";
    // As in production, where nobody learns whom a deployment trusts.
    if (this.production) return words;
    if (this.providers.length === 0)
      return `${words} (no providers configured). Check convex/auth.config.ts.`;
    const shown = this.providers.map((provider) =>
      provider.type === "customJwt"
        ? `CustomJWT(issuer=${provider.issuer}, app_id=${provider.applicationID ?? "none"})`
        : `OIDC(domain=${provider.domain}, app_id=${provider.applicationID})`,
    );
    return `${words}. Check that your JWT's issuer and audience match one of your configured providers: [${shown.join(", ")}]`;
  }

  private async verifySignature(token: string, provider: AuthProvider) {
    const options = {
      algorithms: provider.type === "customJwt" ? [provider.algorithm] : OIDC_ALGORITHMS,
      clockTolerance: SKEW_SECONDS,
      currentDate: new Date(this.now()),
      requiredClaims: ["exp", "iss"],
    };
    const { errors, jwtVerify } = await jose();
    const keys = await this.keySet(provider, false);
    try {
      return await jwtVerify(token, keys, options);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      // The issuer may have rotated its keys.
      return jwtVerify(token, await this.keySet(provider, true), options);
    }
  }

  private async keySet(provider: AuthProvider, rotated: boolean) {
    const known = this.keys.get(provider);
    const maxAge = rotated ? FETCH_TIMEOUT_MS : KEYS_TTL_MS;
    if (known && this.now() - known.readMs < maxAge) return known.set;
    const set = (await jose()).createLocalJWKSet(await readKeys(provider));
    this.keys.set(provider, { set, readMs: this.now() });
    return set;
  }

  private forgetOldest(): void {
    const now = this.now();
    for (const [token, { expiresMs }] of this.verified) {
      if (expiresMs !== null && expiresMs <= now) this.verified.delete(token);
    }
    const [oldest] = this.verified.keys();
    if (this.verified.size >= MAX_CACHED && oldest !== undefined) this.verified.delete(oldest);
  }

  private isAdminKey(text: string): boolean {
    return timingSafeEqual(hash(text), this.adminKeyHash);
  }
}

function matches(provider: AuthProvider, claims: JWTPayload): boolean {
  const issuer = provider.type === "customJwt" ? provider.issuer : provider.domain;
  if (claims.iss === undefined || normalized(issuer) !== normalized(claims.iss)) return false;
  if (provider.applicationID === undefined) return provider.type === "customJwt";
  return [claims.aud ?? []].flat().includes(provider.applicationID);
}

function hash(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Why a token of a `customJwt` provider is refused. */
function refusalOf(error: unknown): string {
  const { code, claim, reason } = error as { code?: string; claim?: string; reason?: string };
  if (code === "ERR_JWT_EXPIRED") return "Token expired";
  if (claim === "nbf" && reason === "check_failed") return "Token not yet valid";
  if (code === "ERR_JWKS_NO_MATCHING_KEY") return "No matching key found in the JWKS for the token's kid";
  if (code === "ERR_JWS_SIGNATURE_VERIFICATION_FAILED") return "Invalid signature";
  return reasonOf(error);
}

function decodeAttributes(text: string): Json {
  try {
    return JSON.parse(Buffer.from(text, "base64").toString("utf8")) as Json;
  } catch (error) {
    throw new AuthError("BadDeployKey", `The acting user is not readable: ${reasonOf(error)}`);
  }
}

function actingAs(attributes: Json | undefined): Identity | null {
  if (attributes === undefined || attributes === null) return null;
  if (typeof attributes !== "object" || Array.isArray(attributes)) {
    throw new AuthError("BadDeployKey", "The acting user must be an object of attributes.");
  }
  const issuer = textOf(attributes["issuer"]) || "admin";
  const subject = textOf(attributes["subject"]) || "admin";
  const tokenIdentifier = textOf(attributes["tokenIdentifier"]) || `${issuer}|${subject}`;
  return { ...attributes, tokenIdentifier, issuer, subject };
}

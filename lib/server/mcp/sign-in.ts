/** Signing in to remote MCP servers, as the protocol's authorization says: OAuth 2.1, by the protocol's own client. */
import {
  auth,
  AuthorizationServerMismatchError,
  extractWWWAuthenticateParams,
  InsecureTokenEndpointError,
  IssuerMismatchError,
  OAuthError,
  OAuthErrorCode,
  type OAuthClientProvider,
  refreshAuthorization,
  RegistrationRejectedError,
} from "@modelcontextprotocol/client";
import { z } from "zod";
import { boundedStream, TooLarge } from "#net/body.ts";
import { transportKindOf } from "#net/transport.ts";
import { checkUrl, ForbiddenAddress, guardedFetch, type GuardPolicy } from "../net/guarded-fetch.ts";

/** A request of a sign-in, and an answer to it. */
const REQUEST_MS = 15_000;
const MAX_ANSWER_BYTES = 256_000;
/** What is sealed has a bound, and each request carries a token. */
const token = z
  .string()
  .min(1)
  .max(8_000)
  .regex(/^[\x21-\x7e]+$/);

const client = z.looseObject({
  client_id: z.string().max(2_000),
  client_secret: z.string().max(2_000).optional(),
});
const tokens = z.looseObject({
  access_token: token,
  token_type: z.string().max(100),
  expires_in: z.number().optional(),
  refresh_token: token.optional(),
  scope: z.string().max(2_000).optional(),
});
/** What the protocol's client has found out about who signs people in; it checks that itself. */
const discovery = z.looseObject({ authorizationServerUrl: z.string().max(2_000) });

/** A sign-in that a person has begun, as it is sealed until they are back. */
export const pendingSignIn = z.object({
  verifier: z.string().max(500),
  redirectUrl: z.string().max(2_000),
  client,
  discovery,
});
export type PendingSignIn = z.infer<typeof pendingSignIn>;

/** What a server has given Studio, as it is sealed. */
export const grantSchema = z.object({
  tokens,
  client,
  discovery,
  resource: z.string().max(2_000).optional(),
});
export type Grant = z.infer<typeof grantSchema>;

/** Why a sign-in came to nothing: a sentence, and whether another try with the same would end the same way. */
export class SignInFailed extends Error {
  /** What was granted is gone: somebody has to sign in again. */
  readonly isLost: boolean;
  constructor(message: string, options: ErrorOptions & { isLost?: boolean } = {}) {
    super(message, options);
    this.name = "SignInFailed";
    this.isLost = options.isLost ?? false;
  }
}

const LOST: readonly string[] = [
  OAuthErrorCode.InvalidGrant,
  OAuthErrorCode.InvalidClient,
  OAuthErrorCode.UnauthorizedClient,
];

/** Requests of one sign-in: to allowed addresses alone, without redirects, bounded; it keeps what stood in the way. */
function guarded(policy: GuardPolicy) {
  let forbidden: ForbiddenAddress | undefined;
  const fetchFn = async (url: string | URL, init: RequestInit = {}): Promise<Response> => {
    const { method, headers, body } = init;
    try {
      const answer = await guardedFetch(
        String(url),
        {
          ...(method !== undefined && { method }),
          headers: new Headers(headers),
          ...(body !== undefined &&
            body !== null && {
              body: new TextEncoder().encode(
                body instanceof URLSearchParams ? body.toString() : (body as string),
              ),
            }),
          signal: AbortSignal.timeout(REQUEST_MS),
        },
        policy,
      );
      return answer.body
        ? new Response(boundedStream(answer.body, MAX_ANSWER_BYTES), {
            status: answer.status,
            headers: answer.headers,
          })
        : answer;
    } catch (error) {
      if (error instanceof ForbiddenAddress) forbidden ??= error;
      throw error;
    }
  };
  return { fetchFn, forbidden: () => forbidden };
}

/** Any error of a sign-in in words, without those of who signs people in. */
function failed(error: unknown, forbidden?: ForbiddenAddress): SignInFailed {
  if (error instanceof SignInFailed) return error;
  const as = (message: string, isLost = false) => new SignInFailed(message, { cause: error, isLost });
  if (error instanceof ForbiddenAddress) return as(error.message);
  if (forbidden) return as(forbidden.message);
  if (error instanceof OAuthError)
    return as(`Its sign-in refused this (${error.code.slice(0, 60)}).`, LOST.includes(error.code));
  if (error instanceof RegistrationRejectedError)
    return as("Its sign-in takes no new clients by itself. Enter a token as a header in its place.");
  if (error instanceof IssuerMismatchError || error instanceof AuthorizationServerMismatchError)
    return as("Its sign-in says that it is another one.");
  if (error instanceof InsecureTokenEndpointError)
    return as("Its sign-in would have tokens sent without encryption.");
  if (error instanceof z.ZodError || error instanceof SyntaxError || error instanceof TooLarge)
    return as("What its sign-in sent can't be used.");
  return transportKindOf(error) === undefined
    ? as("Its sign-in doesn't fit to the server, or isn't OAuth as the protocol wants it.")
    : as("Its sign-in couldn't be reached.");
}

const metadataFor = (redirectUrl: string) => ({
  client_name: "Studio",
  redirect_uris: [redirectUrl],
  grant_types: ["authorization_code", "refresh_token"],
  response_types: ["code"],
  token_endpoint_auth_method: "none",
});

/** A part of the client's memory that is not there yet, or must not be asked for. */
const nothing = (what: string) => new SignInFailed(`A sign-in without ${what} can't go on.`);

/** What the server wants of who isn't signed in: where its sign-in is described, and which rights it names. */
async function challengeOf(
  url: string,
  headers: Record<string, string>,
  fetchFn: ReturnType<typeof guarded>["fetchFn"],
): Promise<{ resourceMetadataUrl?: URL; scope?: string }> {
  const params = {
    protocolVersion: "2025-11-25",
    capabilities: {},
    clientInfo: { name: "studio", version: "1" },
  };
  const answer = await fetchFn(url, {
    method: "POST",
    headers: {
      ...headers,
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
    },
    body: JSON.stringify({ jsonrpc: "2.0", id: 0, method: "initialize", params }),
  });
  await answer.body?.cancel();
  if (answer.status !== 401 && answer.status !== 403) return {};
  const { resourceMetadataUrl, scope } = extractWWWAuthenticateParams(answer);
  return { ...(resourceMetadataUrl && { resourceMetadataUrl }), ...(scope !== undefined && { scope }) };
}

/**
 * Begins a sign-in: finds out who signs people in for the server, and registers Studio there where it is not known.
 * @param place where the server is, with the headers that it gets besides
 * @returns where the person goes on, and what Studio needs once they are back
 * @throws SignInFailed
 */
export async function beginSignIn(
  { url, headers }: { url: string; headers: Record<string, string> },
  {
    redirectUrl,
    state,
    known,
    policy,
  }: { redirectUrl: string; state: string; known?: Grant["client"]; policy: GuardPolicy },
): Promise<{ authorizationUrl: string; pending: PendingSignIn }> {
  const { fetchFn, forbidden } = guarded(policy);
  const memory: { client?: unknown; discovery?: unknown; verifier?: string; to?: URL } = {};
  const provider: OAuthClientProvider = {
    redirectUrl,
    clientMetadata: metadataFor(redirectUrl),
    state: () => state,
    clientInformation: () => (known && isFor(known, redirectUrl) ? known : undefined),
    saveClientInformation: (found) => void (memory.client = found),
    tokens: () => undefined,
    saveTokens: () => undefined,
    redirectToAuthorization: (to) => void (memory.to = to),
    saveCodeVerifier: (verifier) => void (memory.verifier = verifier),
    codeVerifier: () => {
      throw nothing("its beginning");
    },
    saveDiscoveryState: (found) => void (memory.discovery = found),
    discoveryState: () => undefined,
  };
  try {
    await auth(provider, { serverUrl: url, fetchFn, ...(await challengeOf(url, headers, fetchFn)) });
    const pending = pendingSignIn.parse({
      redirectUrl,
      verifier: memory.verifier,
      client: memory.client ?? known,
      discovery: memory.discovery,
    });
    // A browser goes there in the name of Studio.
    return { authorizationUrl: checkUrl(memory.to?.href ?? "", policy).href, pending };
  } catch (error) {
    throw failed(error, forbidden());
  }
}

const isFor = ({ redirect_uris: own }: Grant["client"], redirectUrl: string): boolean =>
  Array.isArray(own) && own.includes(redirectUrl);

/** Ends a sign-in with what the person has brought back. @throws SignInFailed */
export async function finishSignIn(
  url: string,
  pending: PendingSignIn,
  { code, iss, policy }: { code: string; iss: string | undefined; policy: GuardPolicy },
): Promise<Grant> {
  const { fetchFn, forbidden } = guarded(policy);
  const memory: { tokens?: unknown; resource?: string } = {};
  const provider: OAuthClientProvider = {
    redirectUrl: pending.redirectUrl,
    clientMetadata: metadataFor(pending.redirectUrl),
    clientInformation: () => pending.client,
    // What was registered stays: a sign-in that was begun with one client is not ended with another.
    saveClientInformation: () => undefined,
    tokens: () => undefined,
    saveTokens: (found) => void (memory.tokens = found),
    redirectToAuthorization: () => {
      throw nothing("its end");
    },
    saveCodeVerifier: () => undefined,
    codeVerifier: () => pending.verifier,
    saveResourceUrl: (resource) => void (memory.resource = resource),
    saveDiscoveryState: () => undefined,
    discoveryState: () => pending.discovery,
  };
  try {
    await auth(provider, {
      serverUrl: url,
      authorizationCode: code,
      ...(iss !== undefined && { iss }),
      fetchFn,
    });
    return grantSchema.parse({
      tokens: memory.tokens,
      client: pending.client,
      discovery: pending.discovery,
      ...(memory.resource !== undefined && { resource: memory.resource }),
    });
  } catch (error) {
    throw failed(error, forbidden());
  }
}

/** When a grant's token ends, in ms since 1970; undefined where its server didn't say. */
export const endOf = ({ tokens: { expires_in: seconds } }: Grant, now: number): number | undefined =>
  seconds === undefined ? undefined : now + Math.min(Math.max(0, seconds), 366 * 86_400) * 1_000;

/** The next tokens of a grant. @throws SignInFailed, lost where somebody has to sign in again */
export async function refreshGrant(grant: Grant, policy: GuardPolicy): Promise<Grant> {
  const { fetchFn, forbidden } = guarded(policy);
  const { refresh_token: refreshToken } = grant.tokens;
  if (refreshToken === undefined)
    throw new SignInFailed("Its sign-in has ended, and can't be renewed.", { isLost: true });
  try {
    const { authorizationServerUrl, authorizationServerMetadata: metadata } = grant.discovery;
    const next = await refreshAuthorization(authorizationServerUrl, {
      ...(metadata !== undefined && { metadata: metadata as never }),
      clientInformation: grant.client,
      refreshToken,
      ...(grant.resource !== undefined && { resource: grant.resource }),
      fetchFn,
    });
    return grantSchema.parse({ ...grant, tokens: { refresh_token: refreshToken, ...next } });
  } catch (error) {
    throw failed(error, forbidden());
  }
}

const revocable = z.looseObject({ revocation_endpoint: z.string() });

/** Tells who signs people in that a grant is no longer needed, where that can be told. */
export async function revokeGrant(grant: Grant, policy: GuardPolicy): Promise<void> {
  const metadata = revocable.safeParse(grant.discovery.authorizationServerMetadata);
  if (!metadata.success) return;
  const { fetchFn } = guarded(policy);
  const { client_id: clientId, client_secret: secret } = grant.client;
  const given = grant.tokens.refresh_token ?? grant.tokens.access_token;
  const answer = await fetchFn(metadata.data.revocation_endpoint, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({
      token: given,
      client_id: clientId,
      ...(secret !== undefined && { client_secret: secret }),
    }),
  });
  await answer.body?.cancel();
}

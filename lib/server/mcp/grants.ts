/** What remote servers have given for people's sign-ins: kept sealed, and renewed here, outside of every sandbox. */
import { createHash, randomBytes } from "node:crypto";
import type { AuthProvider } from "@modelcontextprotocol/client";
import type { FunctionReturnType } from "convex/server";
import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import type { McpServerJson } from "#contracts/mcp.ts";
import { utf8Bytes } from "#domain/limits.ts";
import { MCP_LIMITS } from "#domain/mcp.ts";
import type { Principal } from "#domain/principal.ts";
import { problemFor } from "#domain/problems.ts";
import { McpFault } from "#mcp/client.ts";
import { retry, TimedOut } from "#net/retry.ts";
import { cached, cacheOf } from "../cache.ts";
import { actorOf, dataFor, serviceData } from "../convex/client.ts";
import { env } from "../env.ts";
import { refuse } from "../http/refuse.ts";
import { seal, type WrappedKey } from "../keys/envelope.ts";
import { openDataKey, openSecret } from "../keys/own-key.ts";
import { guardPolicy } from "../keys/provider-keys.ts";
import { log, messageOf } from "../log.ts";
import { show } from "./servers.ts";
import {
  beginSignIn,
  endOf,
  finishSignIn,
  type Grant,
  grantSchema,
  pendingSignIn,
  refreshGrant,
  revokeGrant,
  SignInFailed,
} from "./sign-in.ts";
import { openValues } from "./values.ts";

type Caller = Exclude<Principal, { kind: "service" }>;
type Stored = NonNullable<FunctionReturnType<typeof api.mcpSignIns.grant>>;

/** A token is renewed before it ends, so that it doesn't on its way. */
const EARLY_MS = 60_000;
/** How long a token that another server of Studio's is fetching is waited for. */
const OTHER_MS = 20_000;
/** How old what is known of a grant may be: one that was signed out of ends within this time. */
const KNOWN_MS = 5_000;
const MAX_KNOWN = 1_000;

const redirectUrl = () => new URL("/settings/mcp", env().STUDIO_PUBLIC_URL).href;
const hashOf = (state: string) => createHash("sha256").update(state).digest("hex");
const grantPlace = (organizationId: string, serverId: string, version: number) => ({
  organizationId,
  name: `mcp-grant:${serverId}`,
  version,
});
const signInPlace = (organizationId: string, stateHash: string) => ({
  organizationId,
  name: `mcp-sign-in:${stateHash}`,
  version: 1,
});

/** What is sealed, within what a row may have. @throws SignInFailed */
function bounded(value: object): string {
  const text = JSON.stringify(value);
  if (utf8Bytes(text) > MCP_LIMITS.grantBytes) throw new SignInFailed("What its sign-in sent is too large.");
  return text;
}

function sealGrant(
  organizationId: string,
  serverId: string,
  dataKey: WrappedKey,
  version: number,
  grant: Grant,
) {
  const key = openDataKey(organizationId, dataKey, "mcp_unreadable");
  const ciphertext = seal(key, grantPlace(organizationId, serverId, version), bounded(grant));
  const expiresAt = endOf(grant, Date.now());
  return { sealed: { ciphertext, version }, ...(expiresAt !== undefined && { expiresAt }) };
}

const openGrant = (serverId: string, { organizationId, ciphertext, version, dataKey }: Stored): Grant =>
  grantSchema.parse(
    JSON.parse(
      openSecret(dataKey, grantPlace(organizationId, serverId, version), ciphertext, "mcp_unreadable"),
    ),
  );

/** A failure as the route sends it. */
const refused = (name: string, error: unknown) =>
  error instanceof SignInFailed ? refuse("mcp_sign_in_failed", { name, fault: error.message }) : error;

/**
 * Begins a person's sign-in to a remote server.
 * @returns where their browser goes on
 * @throws HttpError not_found | invalid_request | upstream_failed | key_unreadable
 */
export async function beginServerSignIn(caller: Caller, serverId: string) {
  const data = serviceData();
  const actor = actorOf(caller);
  const { organizationId, known, dataKey } = await data.query(api.mcpServers.forSaving, { actor, serverId });
  if (!known || !dataKey) throw refuse("mcp_not_found");
  if (known.url === undefined) throw refuse("mcp_sign_in_remote");
  const { headers } = openValues(organizationId, { ...known, dataKey });
  const before = await data.query(api.mcpSignIns.grant, { serverId: known.id });
  const state = randomBytes(32).toString("base64url");
  const stateHash = hashOf(state);
  try {
    const { authorizationUrl, pending } = await beginSignIn(
      { url: known.url, headers },
      {
        redirectUrl: redirectUrl(),
        state,
        policy: guardPolicy(),
        ...(before && { known: openGrant(known.id, before).client }),
      },
    );
    const key = openDataKey(organizationId, dataKey, "mcp_unreadable");
    const ciphertext = seal(key, signInPlace(organizationId, stateHash), bounded(pending));
    await data.mutation(api.mcpSignIns.begin, { actor, serverId, stateHash, ciphertext });
    return { authorization_url: authorizationUrl };
  } catch (error) {
    throw refused(known.name, error);
  }
}

/**
 * Ends a sign-in with what the person's browser has brought back.
 * @throws HttpError invalid_request where it is over, or not theirs | upstream_failed
 */
export async function finishServerSignIn(
  caller: Caller,
  { state, code, iss }: { state: string; code?: string | undefined; iss?: string | undefined },
): Promise<McpServerJson> {
  const data = serviceData();
  const actor = actorOf(caller);
  const stateHash = hashOf(state);
  const taken = await data.mutation(api.mcpSignIns.take, { actor, stateHash });
  const { server, organizationId, ciphertext, dataKey, nextVersion } = taken;
  if (code === undefined) throw refuse("mcp_sign_in_refused");
  const pending = pendingSignIn.parse(
    JSON.parse(openSecret(dataKey, signInPlace(organizationId, stateHash), ciphertext, "mcp_unreadable")),
  );
  try {
    const grant = await finishSignIn(server.url ?? "", pending, { code, iss, policy: guardPolicy() });
    const kept = await data.mutation(api.mcpSignIns.keep, {
      actor,
      serverId: server.id,
      version: server.version,
      ...sealGrant(organizationId, server.id, dataKey, nextVersion, grant),
    });
    known().delete(server.id);
    return show(kept);
  } catch (error) {
    throw refused(server.name, error);
  }
}

/** Forgets what a server has given, and tells it so. @throws HttpError not_found */
export async function dropServerSignIn(caller: Caller, serverId: string): Promise<void> {
  const dropped = await serviceData().mutation(api.mcpSignIns.drop, { actor: actorOf(caller), serverId });
  known().delete(serverId);
  if (!dropped) return;
  // It is forgotten here; whether its server hears of that is no matter of the person's.
  try {
    await revokeGrant(openGrant(serverId, dropped), guardPolicy());
  } catch (error) {
    log("info", "an MCP server's sign-in could not be revoked there", { serverId, error: messageOf(error) });
  }
}

/** Removes a server, and what it has given. @throws HttpError not_found */
export async function removeServer(caller: Caller, serverId: string): Promise<void> {
  await dropServerSignIn(caller, serverId);
  await dataFor(caller).mutation(api.mcpServers.remove, { serverId });
}

const known = () => cacheOf<Promise<Stored | null>>("mcp-grants", { max: MAX_KNOWN, ttlMs: KNOWN_MS });
/** What a server has given, as it was a moment ago; that there is nothing is not remembered, since somebody signs in next. */
async function storedOf(serverId: Id<"mcpServers">): Promise<Stored | null> {
  const stored = await cached(
    known(),
    serverId,
    async () => await serviceData().query(api.mcpSignIns.grant, { serverId }),
  );
  if (!stored) known().delete(serverId);
  return stored;
}

const lost = () => new McpFault("refused", problemFor("mcp_sign_in_lost").message);

/** Fetches the next token, or waits for the server of Studio's that does. @throws McpFault */
async function renewed(serverId: Id<"mcpServers">, stored: Stored): Promise<Stored> {
  const data = serviceData();
  const { grantId, version, organizationId, dataKey } = stored;
  if (!(await data.mutation(api.mcpSignIns.claim, { grantId, version }))) {
    const next = await retry(
      async () => {
        const now = await data.query(api.mcpSignIns.grant, { serverId });
        if (now?.version === version) throw new TimedOut("the next token", OTHER_MS);
        return now;
      },
      {
        timeoutMs: OTHER_MS,
        pauseMs: 200,
        longestPauseMs: 1_000,
        isPassing: (error) => error instanceof TimedOut,
      },
    ).catch((error: unknown) => {
      throw new McpFault("silent", "Its next token didn't come in time.", { cause: error });
    });
    if (!next) throw lost();
    return next;
  }
  try {
    const grant = await refreshGrant(openGrant(serverId, stored), guardPolicy());
    const next = sealGrant(organizationId, serverId, dataKey, version + 1, grant);
    await data.mutation(api.mcpSignIns.refreshed, { grantId, version, ...next });
    const { sealed, expiresAt } = next;
    return { grantId, organizationId, dataKey, ...sealed, ...(expiresAt !== undefined && { expiresAt }) };
  } catch (error) {
    if (error instanceof SignInFailed && error.isLost) {
      await data.mutation(api.mcpSignIns.lost, { grantId, version });
      throw lost();
    }
    await data.mutation(api.mcpSignIns.refreshed, { grantId, version }).catch(() => undefined);
    throw error instanceof SignInFailed
      ? new McpFault("unreachable", error.message, { cause: error })
      : error;
  } finally {
    known().delete(serverId);
  }
}

/** How a connection signs in to a server that a person has signed in to; it also knows which tokens it has used. */
export interface ServerAuth extends AuthProvider {
  readonly used: ReadonlySet<string>;
}

/** How many tokens of one connection are remembered, so that its server can't say them to an agent. */
const MAX_USED = 20;

/**
 * How requests to a server are signed in: with the token of the person's sign-in, renewed where it has ended or is no
 * longer taken.
 * @returns undefined where nobody has signed in to it
 */
export async function authFor(serverId: Id<"mcpServers">): Promise<ServerAuth | undefined> {
  if (!(await storedOf(serverId))) return undefined;
  const used = new Set<string>();
  let last: Stored | undefined;
  const token = async (): Promise<string> => {
    const found = await storedOf(serverId);
    if (!found) throw lost();
    last = (found.expiresAt ?? Infinity) - EARLY_MS < Date.now() ? await renewed(serverId, found) : found;
    const { access_token: access } = openGrant(serverId, last).tokens;
    if (used.size >= MAX_USED) used.clear();
    used.add(access);
    return access;
  };
  const onUnauthorized = async (): Promise<void> => {
    const found = await serviceData().query(api.mcpSignIns.grant, { serverId });
    if (!found) throw lost();
    // Another request may have renewed it already.
    if (found.version === last?.version) await renewed(serverId, found);
    known().delete(serverId);
  };
  return { used, token, onUnauthorized };
}

import type { FunctionReturnType } from "convex/server";
import type { z } from "zod";
import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import type { GitConnection, putGitConnectionBody } from "#contracts/git.ts";
import { apiUrlOf, GIT_HOSTS, type GitKind, repositoryOf } from "#domain/git.ts";
import type { Principal } from "#domain/principal.ts";
import { cached, cacheOf } from "../cache.ts";
import { actorOf, dataFor, serviceData } from "../convex/client.ts";
import { env } from "../env.ts";
import { HttpError } from "../http/error.ts";
import { refuse } from "../http/refuse.ts";
import { seal, type SecretPlace } from "../keys/envelope.ts";
import { dataKeyFor, openSecret } from "../keys/own-key.ts";
import { guardPolicy } from "../keys/provider-keys.ts";
import { log, messageOf } from "../log.ts";
import { checkUrl, ForbiddenAddress } from "../net/guarded-fetch.ts";
import { hostApiOf } from "./hosts.ts";
import { forgetInstallation, installationToken, pemOf } from "./github-app.ts";
import { findRef, type GitServer, gitHostOf, mayPush } from "./remote.ts";

type Caller = Exclude<Principal, { kind: "service" }>;
type Row = FunctionReturnType<typeof api.gitConnections.list>[number];

/** Where a connection's host sends its webhooks to. */
export const hookUrl = (connectionId: string): string =>
  `${env().STUDIO_PUBLIC_URL.replace(/\/+$/, "")}/api/webhooks/git/${connectionId}`;

const show = ({
  slug,
  baseUrl,
  apiUrl,
  statusDetail,
  verifiedAt,
  updatedAt,
  last4,
  hook,
  app,
  ...row
}: Row): GitConnection => ({
  connection: slug,
  kind: row.kind,
  name: row.name,
  base_url: baseUrl,
  api_url: apiUrl,
  username: row.username,
  app_id: app?.appId ?? null,
  installation_id: app?.installationId ?? null,
  repositories: row.repositories,
  masked_token: `…${last4}`,
  status: row.status,
  status_detail: statusDetail,
  verified_at: verifiedAt === null ? null : new Date(verifiedAt).toISOString(),
  updated_at: new Date(updatedAt).toISOString(),
  webhook_url: hook && hookUrl(hook.id),
});

const placeOf = (organizationId: string, slug: string, version: number): SecretPlace => ({
  organizationId,
  name: `git:${slug}`,
  version,
});

/** The organization's connections, without their credentials. */
export async function listGitConnections(caller: Caller): Promise<GitConnection[]> {
  return (await dataFor(caller).query(api.gitConnections.list, {})).map(show);
}

function checked(url: string, kind: "git_url_forbidden" | "git_api_url_forbidden"): string {
  try {
    return checkUrl(url, guardPolicy()).href.replace(/\/+$/, "");
  } catch (error) {
    throw error instanceof ForbiddenAddress ? refuse(kind, { fault: error.message }) : error;
  }
}

/** Where a connection leads. A host's own addresses need not be said. */
function placesOf(body: z.output<typeof putGitConnectionBody>) {
  const { kind, base_url, api_url, username } = body;
  if (kind === "git") {
    if (base_url === undefined) throw refuse("git_url_missing");
    return { baseUrl: checked(base_url, "git_url_forbidden"), username: username ?? "" };
  }
  const { url, user } = GIT_HOSTS[kind];
  if (base_url === undefined && url === null) throw refuse("git_url_missing");
  const baseUrl = checked(base_url ?? url ?? "", "git_url_forbidden");
  const apiUrl = api_url ?? apiUrlOf(kind, baseUrl);
  if (apiUrl === null) throw refuse("git_api_url_missing", { host: GIT_HOSTS[kind].name });
  return { baseUrl, apiUrl: checked(apiUrl, "git_api_url_forbidden"), username: user };
}

/** What a test of a connection found. */
interface Verdict {
  status: "active" | "inactive" | "error";
  statusDetail: string;
}

const TEST_MS = 10_000;

/** The first repository of a list that is one, and no pattern. */
const firstOf = (server: GitServer, repositories: readonly string[]) =>
  repositories
    .filter((entry) => !entry.endsWith("*"))
    .map((entry) => repositoryOf(entry, server.baseUrl, server.kind))
    .find((one) => one !== null);

/** A stored credential, and what it is for. */
interface Stored {
  server: GitServer & { apiUrl: string | null };
  app: { appId: string; installationId: string } | null;
}

/** The server with what signs in to it: of a GitHub App, a token that its key makes. @throws HttpError git_failed */
async function signedIn<T extends Stored["server"]>(name: string, server: T, app: Stored["app"]): Promise<T> {
  if (server.kind !== "github_app" || !app || server.apiUrl === null) return server;
  const { apiUrl, token: privateKey } = server;
  return { ...server, token: await installationToken(name, { ...app, privateKey, apiUrl }, TEST_MS) };
}

/** What says that a credential is wrong, and not that its server is away. */
const REFUSALS: readonly (string | undefined)[] = [
  "git_refused",
  "git_no_access",
  "git_api_credential",
  "git_app_key",
  "git_app_not_installed",
  "git_app_suspended",
];

/** Asks a connection's server for a repository of its list, with its credential; without one, its host for the user. */
async function verdictOn(
  name: string,
  { server: stored, app }: Stored,
  repositories: readonly string[],
): Promise<Verdict> {
  const names = firstOf(stored, repositories);
  const host = gitHostOf(stored);
  try {
    const server = await signedIn(name, stored, app);
    if (names) {
      // A repository without a commit responds as well.
      await findRef(server, names, undefined, TEST_MS).catch((error: unknown) => {
        if (!(error instanceof HttpError) || error.besides.kind !== "git_empty") throw error;
      });
      const writes = await mayPush(server, names, TEST_MS).catch(() => false);
      const what = writes ? "can read and push to" : "can read, but not push to,";
      return { status: "active", statusDetail: `The credential ${what} ${names.repository}.` };
    }
    if (app)
      return {
        status: "active",
        statusDetail: `${host} accepts the app's key for installation ${app.installationId}.`,
      };
    const api = hostApiOf(server);
    if (api) {
      const login = await api.whoAmI(TEST_MS);
      return { status: "active", statusDetail: `${host} knows the credential as ${login}.` };
    }
    return {
      status: "inactive",
      statusDetail: `Not tested: the list names no single repository to ask ${host} for.`,
    };
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    return {
      status: REFUSALS.includes(error.besides.kind) ? "error" : "inactive",
      statusDetail: error.message,
    };
  }
}

/** What a body brings as a credential, and for which app. @throws HttpError invalid_request */
function credentialOf({
  kind,
  token,
  app_id,
  installation_id,
  private_key,
}: z.output<typeof putGitConnectionBody>) {
  if (kind !== "github_app") return { app: undefined, secret: token };
  if (app_id === undefined || installation_id === undefined) throw refuse("git_app_missing");
  const secret = private_key === undefined ? undefined : pemOf(private_key);
  return { app: { appId: app_id, installationId: installation_id }, secret };
}

/**
 * Tests a connection's credential, encrypts it, and stores both. One that is refused is stored too, marked as such, so
 * that what was typed is not lost. Without a new credential the one before stays, for the same server alone.
 * @throws HttpError invalid_request | forbidden | key_unreadable
 */
export async function saveGitConnection(
  caller: Caller,
  slug: string,
  body: z.output<typeof putGitConnectionBody>,
): Promise<GitConnection> {
  const { kind, name = slug, repositories } = body;
  const places = placesOf(body);
  const { app, secret: token } = credentialOf(body);
  const data = serviceData();
  const actor = actorOf(caller);
  const { organizationId, nextVersion, dataKey, known } = await data.query(api.gitConnections.forSaving, {
    actor,
    slug,
  });
  // Nothing is sent to a place that the credential was not entered for.
  const same =
    known?.kind === kind &&
    known.baseUrl === places.baseUrl &&
    known.apiUrl === (places.apiUrl ?? null) &&
    known.username === places.username &&
    known.app?.appId === app?.appId &&
    known.app?.installationId === app?.installationId;
  if (token === undefined && !(known && dataKey && same))
    throw refuse(app ? "git_app_missing" : "git_token_missing");
  const secret =
    token ??
    (known && dataKey
      ? openSecret(
          dataKey,
          placeOf(organizationId, slug, known.version),
          known.ciphertext,
          "git_credentials_unreadable",
        )
      : "");
  const server = { slug, kind, ...places, token: secret, apiUrl: places.apiUrl ?? null };
  // What another key made, or nobody has asked for since, counts for nothing.
  forgetInstallation(nameOf(organizationId, slug));
  const verdict = await verdictOn(nameOf(organizationId, slug), { server, app: app ?? null }, repositories);
  const fields = {
    slug,
    kind,
    name,
    ...places,
    ...(app && { app }),
    repositories,
    ...verdict,
    ...(verdict.status === "active" && { verifiedAt: Date.now() }),
  };
  if (token === undefined) {
    forgetServer(organizationId, slug);
    return show(await data.mutation(api.gitConnections.save, { actor, ...fields }));
  }
  const { key, made } = dataKeyFor(organizationId, dataKey, "git_credentials_unreadable");
  const saved = await data.mutation(api.gitConnections.save, {
    actor,
    ...fields,
    sealed: {
      ciphertext: seal(key, placeOf(organizationId, slug, nextVersion), token),
      version: nextVersion,
      last4: app ? "key" : token.slice(-4),
    },
    ...(made && { dataKey: made }),
  });
  forgetServer(organizationId, slug);
  return show(saved);
}

/** Tests a stored connection again. @throws HttpError not_found | forbidden | key_unreadable */
export async function testGitConnection(caller: Caller, slug: string): Promise<GitConnection> {
  const data = serviceData();
  const actor = actorOf(caller);
  const { organizationId } = await data.query(api.gitConnections.forSaving, { actor, slug });
  forgetServer(organizationId, slug);
  const found = await storedServer(organizationId, slug);
  if (!found) throw refuse("git_connection_not_found", { connection: slug });
  const stored = { server: found, app: found.app };
  const verdict = await verdictOn(nameOf(organizationId, slug), stored, found.repositories);
  return show(await data.mutation(api.gitConnections.noteTest, { actor, slug, ...verdict }));
}

/** Removes a connection. Sessions that work with it can no longer fetch and push. @throws HttpError not_found */
export async function removeGitConnection(caller: Caller, slug: string): Promise<void> {
  await dataFor(caller).mutation(api.gitConnections.remove, { slug });
  forgetServer(caller.organizationId, slug);
}

/** A connection with its credential in clear, for requests of this server. */
export interface OpenedServer extends GitServer {
  kind: GitKind;
  apiUrl: string | null;
  repositories: string[];
  version: number;
}

const SERVER_MS = 5_000;
const MAX_CACHED = 500;
const servers = () =>
  cacheOf<Promise<OpenedServer | null>>("git-servers", { max: MAX_CACHED, ttlMs: SERVER_MS });
const nameOf = (organizationId: string, slug: string) => `${organizationId}|${slug}`;
function forgetServer(organizationId: string, slug: string): void {
  servers().delete(nameOf(organizationId, slug));
  forgetInstallation(nameOf(organizationId, slug));
}

/** A connection with its credential as it is stored: of a GitHub App, its private key. */
async function storedServer(organizationId: string, slug: string) {
  const sealed = await serviceData().query(api.gitConnections.sealed, {
    organizationId: organizationId as Id<"organizations">,
    slug,
  });
  if (!sealed) return null;
  const { dataKey, ciphertext, status: _status, ...rest } = sealed;
  const place = placeOf(organizationId, slug, sealed.version);
  return { ...rest, token: openSecret(dataKey, place, ciphertext, "git_credentials_unreadable") };
}

/**
 * A connection with what signs in to its server, opened at most every five seconds: one that was removed ends within
 * that time. A GitHub App's key stays here; what signs in is a token that it makes. Where it gets none, since its host
 * refuses the app, the connection is marked as broken with what that means.
 * @throws HttpError key_unreadable where it cannot be opened; git_failed where an app gets no token
 */
export async function serverOf(organizationId: string, slug: string): Promise<OpenedServer | null> {
  const name = nameOf(organizationId, slug);
  return await cached(servers(), name, async () => {
    const found = await storedServer(organizationId, slug);
    if (!found) return null;
    const { app, ...server } = found;
    try {
      return await signedIn(name, server, app);
    } catch (error) {
      if (error instanceof HttpError && REFUSALS.includes(error.besides.kind))
        await markRejected(organizationId, server, error.message);
      throw error;
    }
  });
}

/** Has what people see of a connection say why its server refuses it. */
async function markRejected(
  organizationId: string,
  { slug, version }: Pick<OpenedServer, "slug" | "version">,
  statusDetail: string,
): Promise<void> {
  await serviceData()
    .mutation(api.gitConnections.markRejected, {
      organizationId: organizationId as Id<"organizations">,
      slug,
      version,
      statusDetail,
    })
    .catch((error: unknown) =>
      log("warn", "a rejected git credential was not noted", { error: messageOf(error) }),
    );
}

/** Notes that a server refused a credential while it was in use. */
export async function noteRejected(organizationId: string, server: OpenedServer): Promise<void> {
  const statusDetail = `${gitHostOf(server)} rejected the credential during a session.`;
  await markRejected(organizationId, server, statusDetail);
  forgetServer(organizationId, server.slug);
}

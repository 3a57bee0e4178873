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
  ...row
}: Row): GitConnection => ({
  connection: slug,
  kind: row.kind,
  name: row.name,
  base_url: baseUrl,
  api_url: apiUrl,
  username: row.username,
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

/** Asks a connection's server for a repository of its list, with its credential; without one, its host for the user. */
async function verdictOn(
  server: GitServer & { apiUrl: string | null },
  repositories: readonly string[],
): Promise<Verdict> {
  const names = firstOf(server, repositories);
  const host = gitHostOf(server);
  try {
    if (names) {
      // A repository without a commit responds as well.
      await findRef(server, names, undefined, TEST_MS).catch((error: unknown) => {
        if (!(error instanceof HttpError) || error.besides.kind !== "git_empty") throw error;
      });
      const writes = await mayPush(server, names, TEST_MS).catch(() => false);
      const what = writes ? "can read and push to" : "can read, but not push to,";
      return { status: "active", statusDetail: `The credential ${what} ${names.repository}.` };
    }
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
    const isRefused = ["git_refused", "git_no_access", "git_api_credential"].includes(
      error.besides.kind ?? "",
    );
    return { status: isRefused ? "error" : "inactive", statusDetail: error.message };
  }
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
  const { kind, name = slug, token, repositories } = body;
  const places = placesOf(body);
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
    known.username === places.username;
  if (token === undefined && !(known && dataKey && same)) throw refuse("git_token_missing");
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
  const verdict = await verdictOn(server, repositories);
  const fields = {
    slug,
    kind,
    name,
    ...places,
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
      last4: token.slice(-4),
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
  const found = await serverOf(organizationId, slug);
  if (!found) throw refuse("git_connection_not_found", { connection: slug });
  const verdict = await verdictOn(found, found.repositories);
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
const forgetServer = (organizationId: string, slug: string) => servers().delete(nameOf(organizationId, slug));

/**
 * A connection with its credential, opened at most every five seconds: one that was removed ends within that time.
 * @throws HttpError key_unreadable where it cannot be opened
 */
export async function serverOf(organizationId: string, slug: string): Promise<OpenedServer | null> {
  return await cached(servers(), nameOf(organizationId, slug), async () => {
    const sealed = await serviceData().query(api.gitConnections.sealed, {
      organizationId: organizationId as Id<"organizations">,
      slug,
    });
    if (!sealed) return null;
    const { dataKey, ciphertext, status: _status, ...rest } = sealed;
    const place = placeOf(organizationId, slug, sealed.version);
    return { ...rest, token: openSecret(dataKey, place, ciphertext, "git_credentials_unreadable") };
  });
}

/** Notes that a server refused a credential while it was in use. */
export async function noteRejected(organizationId: string, server: OpenedServer): Promise<void> {
  const statusDetail = `${gitHostOf(server)} rejected the credential during a session.`;
  await serviceData()
    .mutation(api.gitConnections.markRejected, {
      organizationId: organizationId as Id<"organizations">,
      slug: server.slug,
      version: server.version,
      statusDetail,
    })
    .catch((error: unknown) =>
      log("warn", "a rejected git credential was not noted", { error: messageOf(error) }),
    );
  forgetServer(organizationId, server.slug);
}

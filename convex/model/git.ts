import { v } from "convex/values";
import {
  allowsRepository,
  branchOf,
  folded,
  foldersOf,
  GIT_ACCESS,
  GIT_KINDS,
  isAllowEntry,
  MAX_SESSION_REPOSITORIES,
  repositoryOf,
} from "#domain/git.ts";
import { UNTITLED } from "#domain/lifecycle.ts";
import { type Limit, LIMITS } from "#domain/limits.ts";
import type { Doc, Id } from "../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../_generated/server";
import { refuse } from "./refusal.ts";
import { providerStatus } from "./values.ts";
import { literals } from "./zod-validator.ts";

/** A connection as an organization saves it, without its credential. */
export const connectionFields = {
  slug: v.string(),
  kind: literals(GIT_KINDS),
  name: v.string(),
  baseUrl: v.string(),
  /** Of a host whose API is used besides git. */
  apiUrl: v.optional(v.string()),
  username: v.string(),
  /** Of a GitHub App: which one, and where it is installed. Its credential is its private key. */
  app: v.optional(v.object({ appId: v.string(), installationId: v.string() })),
  /** What it is for: repositories, owners with `/*`, or `*`. */
  repositories: v.array(v.string()),
  status: providerStatus,
  statusDetail: v.optional(v.string()),
  verifiedAt: v.optional(v.number()),
};

/** Where a session began: a full ref, or none for a commit that was named by its id. */
export const gitBase = v.object({ ref: v.nullable(v.string()), commit: v.string() });
export const namedBranch = v.object({ name: v.string(), made: v.boolean() });
export const pullRequest = v.object({
  number: v.number(),
  url: v.string(),
  title: v.string(),
  state: literals(["draft", "open", "merged", "closed"]),
});

/** An organization's connection, by its slug. */
export async function connectionOf(
  ctx: QueryCtx | MutationCtx,
  organizationId: Id<"organizations">,
  slug: string,
): Promise<Doc<"gitConnections"> | null> {
  return await ctx.db
    .query("gitConnections")
    .withIndex("by_slug", (q) => q.eq("organizationId", organizationId).eq("slug", slug))
    .unique();
}

/** @throws invalid_request where a connection's list has an entry that is none */
export function checkEntries({
  kind,
  repositories,
}: Pick<Doc<"gitConnections">, "kind" | "repositories">): void {
  const wrong = repositories.find((entry) => !isAllowEntry(entry, kind));
  if (wrong !== undefined) throw refuse("git_entry_malformed", { entry: wrong });
}

/**
 * The repository that somebody names for a connection of an organization, if that is for it.
 * @throws not_found | invalid_request | forbidden
 */
export async function allowedRepository(
  ctx: QueryCtx | MutationCtx,
  organizationId: Id<"organizations">,
  { connection: slug, url }: { connection: string; url: string },
) {
  const connection = await connectionOf(ctx, organizationId, slug);
  if (!connection) throw refuse("git_connection_not_found", { connection: slug });
  const found = repositoryOf(url, connection.baseUrl, connection.kind);
  if (!found) throw refuse("git_url_unknown", { url: url.slice(0, 200), baseUrl: connection.baseUrl });
  if (!allowsRepository(connection.repositories, found.repository, connection.kind))
    throw refuse("git_repository_not_allowed", { repository: found.repository, connection: slug });
  return { connection, ...found };
}

/** What a new session is to work on: a server has asked the repository's own for the commit that it begins from. */
export const wantedRepository = v.object({
  connection: v.string(),
  url: v.string(),
  base: gitBase,
  full: v.boolean(),
  /** By default it may push. */
  access: v.optional(literals(GIT_ACCESS)),
});
export const wantedLimit: Limit = {
  kind: "fields",
  fields: {
    connection: LIMITS.gitConnection,
    url: LIMITS.gitUrl,
    base: { kind: "fields", fields: { ref: LIMITS.gitRef, commit: LIMITS.gitObjectId } },
  },
};

/**
 * The same with what is known of them here, each with a folder of its own.
 * @throws not_found | invalid_request | forbidden
 */
export async function repositoriesToBegin(
  ctx: MutationCtx,
  organizationId: Id<"organizations">,
  all: readonly (typeof wantedRepository.type)[],
) {
  if (all.length > MAX_SESSION_REPOSITORIES)
    throw refuse("git_repository_limit", { limit: MAX_SESSION_REPOSITORIES });
  const found = [];
  const names = new Set<string>();
  for (const wanted of all) {
    const { connection, repository, remotePath } = await allowedRepository(ctx, organizationId, wanted);
    const name = `${connection.slug} ${folded(repository, connection.kind)}`;
    if (names.has(name)) throw refuse("git_repository_twice", { repository });
    names.add(name);
    const { base, full, access } = wanted;
    found.push({
      organizationId,
      connection: wanted.connection,
      repository,
      remotePath,
      base,
      full,
      ...(access && { access }),
    });
  }
  const folders = foldersOf(found.map(({ repository }) => repository));
  return found.map((one, index) => ({ ...one, folder: folders[index] ?? "" }));
}

/** Has a session work on a repository, on a branch of its own. */
export async function beginRepository(
  ctx: MutationCtx,
  sessionId: Id<"sandboxSessions">,
  repository: Awaited<ReturnType<typeof repositoriesToBegin>>[number],
): Promise<void> {
  const title = (await ctx.db.get(sessionId))?.title ?? "";
  await ctx.db.insert("sessionRepositories", {
    ...repository,
    sessionId,
    branch: branchOf(sessionId, title === UNTITLED ? "" : title),
    named: [],
  });
}

/** The repositories of a session: few. */
export async function repositoriesOf(
  ctx: QueryCtx | MutationCtx,
  sessionId: Id<"sandboxSessions">,
): Promise<Doc<"sessionRepositories">[]> {
  return await ctx.db
    .query("sessionRepositories")
    .withIndex("by_session", (q) => q.eq("sessionId", sessionId))
    .take(MAX_SESSION_REPOSITORIES);
}

/** What an export has of a session's repository. */
export const REPOSITORY_EXPORTED = [
  "sessionId",
  "connection",
  "repository",
  "folder",
  "access",
  "base",
  "branch",
  "pushedAt",
  "pullRequest",
] as const satisfies readonly (keyof Doc<"sessionRepositories">)[];

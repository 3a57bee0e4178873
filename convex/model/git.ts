import { v } from "convex/values";
import { allowsRepository, branchOf, folderOf, GIT_KINDS, isAllowEntry, repositoryOf } from "#domain/git.ts";
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
  return { connection, ...found, folder: folderOf(found.repository) };
}

/** What a new session is to work on: a server has asked the repository's own for the commit that it begins from. */
export const wantedRepository = v.object({
  connection: v.string(),
  url: v.string(),
  base: gitBase,
  full: v.boolean(),
});
export const wantedLimit: Limit = {
  kind: "fields",
  fields: {
    connection: LIMITS.gitConnection,
    url: LIMITS.gitUrl,
    base: { kind: "fields", fields: { ref: LIMITS.gitRef, commit: LIMITS.gitObjectId } },
  },
};

/** The same with what is known of it here. @throws not_found | invalid_request | forbidden */
export async function repositoryToBegin(
  ctx: MutationCtx,
  organizationId: Id<"organizations">,
  wanted: typeof wantedRepository.type,
) {
  const { repository, remotePath, folder } = await allowedRepository(ctx, organizationId, wanted);
  const { connection, base, full } = wanted;
  return { organizationId, connection, repository, remotePath, folder, base, full };
}

/** Has a session work on a repository, on a branch of its own. */
export async function beginRepository(
  ctx: MutationCtx,
  sessionId: Id<"sandboxSessions">,
  repository: Awaited<ReturnType<typeof repositoryToBegin>>,
): Promise<void> {
  const title = (await ctx.db.get(sessionId))?.title ?? "";
  await ctx.db.insert("sessionRepositories", {
    ...repository,
    sessionId,
    branch: branchOf(sessionId, title === UNTITLED ? "" : title),
    named: [],
  });
}

/** Repositories that a session can work on. */
export const MAX_REPOSITORIES = 10;

/** The repositories of a session: few. */
export async function repositoriesOf(
  ctx: QueryCtx | MutationCtx,
  sessionId: Id<"sandboxSessions">,
): Promise<Doc<"sessionRepositories">[]> {
  return await ctx.db
    .query("sessionRepositories")
    .withIndex("by_session", (q) => q.eq("sessionId", sessionId))
    .take(MAX_REPOSITORIES);
}

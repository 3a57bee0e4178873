import { v } from "convex/values";
import type { Doc, Id } from "./_generated/dataModel";
import type { QueryCtx } from "./_generated/server";
import { GIT_ACCESS, GIT_ACTS, isRefName, MAX_NAMED_BRANCHES } from "#domain/git.ts";
import { PERSON } from "#domain/event-people.ts";
import { isLive } from "#domain/lifecycle.ts";
import { LIMITS } from "#domain/limits.ts";
import { actorMutation, actorQuery, orgQuery, refuse, serviceMutation, serviceQuery } from "./functions.ts";
import { drivenRepository } from "./model/driven-repository.ts";
import {
  allowedRepository,
  connectionOf,
  gitBase,
  namedBranch,
  pullRequest,
  repositoriesOf,
} from "./model/git.ts";
import { allGreenOf, shownGreen, toGreen } from "./model/green.ts";
import { SessionWriter } from "./model/session-writer.ts";
import { scriptOf } from "./model/setup.ts";
import { sessionOf } from "./model/sessions.ts";
import { literals } from "./model/zod-validator.ts";

const shownRepository = v.object({
  connection: v.string(),
  kind: v.nullable(v.string()),
  repository: v.string(),
  folder: v.string(),
  base: gitBase,
  full: v.boolean(),
  access: literals(GIT_ACCESS),
  branch: v.string(),
  named: v.array(namedBranch),
  pushedAt: v.nullable(v.number()),
  pullRequest: v.nullable(pullRequest),
});

const listedRepository = v.object({
  ...shownRepository.fields,
  /** Why its host refused the connection's credential the last time; null where it didn't. */
  connectionProblem: v.nullable(v.string()),
  /** Comments of its pull request that the agent was given. */
  handed: v.array(v.string()),
  /** How its pull request is brought to green, or was last. */
  green: v.nullable(shownGreen),
});

const shown = (row: Doc<"sessionRepositories">, kind: string | null) => ({
  connection: row.connection,
  kind,
  repository: row.repository,
  folder: row.folder,
  base: row.base,
  full: row.full,
  access: row.access ?? "write",
  branch: row.branch,
  named: row.named,
  pushedAt: row.pushedAt ?? null,
  pullRequest: row.pullRequest ?? null,
});

/** The repositories that a session works on. */
export const list = orgQuery({
  min: "viewer",
  scope: "sessions:read",
  args: { sessionId: v.string() },
  returns: v.array(listedRepository),
  handler: async (ctx, { sessionId }) => {
    const session = await sessionOf(ctx, ctx.caller, sessionId);
    const rows = await repositoriesOf(ctx, session._id);
    const pursuits = await allGreenOf(ctx, session._id);
    return await Promise.all(
      rows.map(async (row) => {
        const pursuit = pursuits.find(({ folder }) => folder === row.folder);
        const connection = await connectionOf(ctx, row.organizationId, row.connection);
        return {
          ...shown(row, connection?.kind ?? null),
          connectionProblem: connection?.status === "error" ? (connection.statusDetail ?? "") : null,
          handed: row.handed ?? [],
          green: pursuit ? toGreen(pursuit) : null,
        };
      }),
    );
  },
});

/**
 * Whether a person may start a session from a repository, and how its server is reached.
 * @throws not_found | invalid_request | forbidden
 */
export const resolve = actorQuery({
  min: "member",
  scope: "sessions:write",
  bounds: { connection: LIMITS.gitConnection, url: LIMITS.gitUrl },
  args: { connection: v.string(), url: v.string() },
  returns: v.object({ repository: v.string(), remotePath: v.string() }),
  handler: async (ctx, wanted) => {
    const { repository, remotePath } = await allowedRepository(ctx, ctx.caller.organizationId, wanted);
    return { repository, remotePath };
  },
});

/** What a session's sandbox gets of its repositories, for the server that makes it. */
export const forSession = serviceQuery({
  args: { sessionId: v.id("sandboxSessions") },
  returns: v.object({
    person: v.object({ name: v.string(), email: v.string() }),
    repositories: v.array(shownRepository),
  }),
  handler: async (ctx, { sessionId }) => {
    const session = await ctx.db.get(sessionId);
    if (!session) throw refuse("session_not_found");
    const user = await ctx.db.get(session.userId);
    const rows = await repositoriesOf(ctx, sessionId);
    return {
      person: { name: user?.name ?? "", email: user?.email ?? "" },
      repositories: rows.map((row) => shown(row, null)),
    };
  },
});

/**
 * What stands behind a request to Studio's git endpoint: whose sandbox asks, and the repository if that is its own. Null
 * where the token, what it was made for, or the membership of its person has ended.
 */
export const ofToken = serviceQuery({
  args: { hash: v.string(), connection: v.string(), repository: v.string() },
  returns: v.nullable(
    v.object({
      /** The session, or the set-up build, which only fetches. */
      holder: v.string(),
      sessionId: v.nullable(v.id("sandboxSessions")),
      organizationId: v.id("organizations"),
      row: v.nullable(
        v.object({ remotePath: v.string(), named: v.array(namedBranch), access: literals(GIT_ACCESS) }),
      ),
    }),
  ),
  handler: async (ctx, { hash, connection, repository }) => {
    const key = await ctx.db
      .query("apiKeys")
      .withIndex("by_hash", (q) => q.eq("hash", hash))
      .unique();
    if (key?.kind !== "git" || key.revokedAt !== undefined) return null;
    const isOver = key.expiresAt !== undefined && key.expiresAt <= Date.now();
    const member = await ctx.db
      .query("members")
      .withIndex("by_organization_user", (q) =>
        q.eq("organizationId", key.organizationId).eq("userId", key.userId),
      )
      .unique();
    if (isOver || !member || member.role === "viewer") return null;
    if (key.buildId !== undefined) return await ofBuild(ctx, key.buildId, { connection, repository });
    const session = key.sessionId && (await ctx.db.get(key.sessionId));
    if (!session || !isLive(session.status) || session.userId !== key.userId) return null;
    const { organizationId, _id: sessionId } = session;
    const row = await ctx.db
      .query("sessionRepositories")
      .withIndex("by_session", (q) =>
        q.eq("sessionId", sessionId).eq("connection", connection).eq("repository", repository),
      )
      .unique();
    return {
      holder: sessionId,
      sessionId,
      organizationId,
      row: row && { remotePath: row.remotePath, named: row.named, access: row.access ?? "write" },
    };
  },
});

async function ofBuild(
  ctx: QueryCtx,
  buildId: Id<"setupBuilds">,
  asked: { connection: string; repository: string },
) {
  const build = await ctx.db.get(buildId);
  if (build?.status !== "running") return null;
  const { organizationId } = build;
  const its = (await scriptOf(ctx, build))?.repository;
  const isIts = its?.connection === asked.connection && its.repository === asked.repository;
  return {
    holder: buildId,
    sessionId: null,
    organizationId,
    row: isIts ? { remotePath: its.remotePath, named: [], access: "read" as const } : null,
  };
}

/**
 * In whose name a person commits in a session that they drive.
 * @throws not_found | forbidden
 */
export const committer = actorQuery({
  min: "member",
  scope: "sessions:write",
  args: { sessionId: v.string(), folder: v.string() },
  returns: v.object({ name: v.string(), email: v.string() }),
  handler: async (ctx, where) => {
    await drivenRepository(ctx, ctx.caller, where);
    const { name, email } = ctx.caller.user;
    return { name, email: email ?? "" };
  },
});

/**
 * Names another branch for a session to work on and to push. Again, it does nothing.
 * @throws invalid_request where it is no branch's name, where the session began from it, or where there are too many
 */
export const nameBranch = actorMutation({
  min: "member",
  scope: "sessions:write",
  audit: "session-log",
  bounds: { branch: LIMITS.gitRef },
  args: { sessionId: v.string(), folder: v.string(), branch: v.string() },
  returns: v.null(),
  handler: async (ctx, { branch, ...where }) => {
    const { session, row } = await drivenRepository(ctx, ctx.caller, where);
    if (row.access === "read") throw refuse("git_read_only", { repository: row.repository });
    if (branch === row.branch) return null;
    if (!isRefName(branch)) throw refuse("git_branch_malformed", { branch });
    if (row.base.ref === `refs/heads/${branch}`) throw refuse("git_branch_taken", { branch });
    const known = row.named.some(({ name }) => name === branch);
    if (!known && row.named.length >= MAX_NAMED_BRANCHES)
      throw refuse("git_branch_limit", { limit: MAX_NAMED_BRANCHES });
    await ctx.db.patch(row._id, {
      branch,
      ...(!known && { named: [...row.named, { name: branch, made: false }] }),
    });
    const writer = await SessionWriter.open(ctx, session);
    await writer.append(
      {
        type: "git.changed",
        source: "ui.user",
        payload: { act: "branch", repository: row.repository, subject: branch, changed_by: PERSON },
      },
      { personId: ctx.caller.user._id },
    );
    await writer.save();
    return null;
  },
});

/** Says in a session's log what a person did with its repository; the server that did it says so, and nobody else. */
export const acted = actorMutation({
  min: "member",
  scope: "sessions:write",
  audit: "session-log",
  bounds: {
    subject: LIMITS.gitMessage,
    pullRequest: {
      kind: "fields",
      fields: {
        number: LIMITS.pullRequestNumber,
        url: LIMITS.baseUrl,
        title: LIMITS.pullRequestTitle,
        state: LIMITS.gitRef,
      },
    },
  },
  args: {
    sessionId: v.string(),
    folder: v.string(),
    act: literals(GIT_ACTS),
    subject: v.string(),
    pullRequest: v.optional(pullRequest),
  },
  returns: v.null(),
  handler: async (ctx, { act, subject, pullRequest, ...where }) => {
    const { session, row } = await drivenRepository(ctx, ctx.caller, where);
    if (pullRequest) await ctx.db.patch(row._id, { pullRequest });
    const writer = await SessionWriter.open(ctx, session);
    await writer.append(
      {
        type: "git.changed",
        source: "ui.user",
        payload: {
          act,
          repository: row.repository,
          subject,
          changed_by: PERSON,
          ...(pullRequest && { url: pullRequest.url }),
        },
      },
      { personId: ctx.caller.user._id },
    );
    await writer.save();
    return null;
  },
});

/**
 * What a push has changed on the server, as that says itself: who pushed is not known, the agent or a person. A branch
 * that the session has made is its own from then on.
 */
export const pushed = serviceMutation({
  args: {
    sessionId: v.id("sandboxSessions"),
    connection: v.string(),
    repository: v.string(),
    branches: v.array(
      v.object({ name: v.string(), made: v.boolean(), gone: v.boolean(), commit: v.string() }),
    ),
  },
  returns: v.null(),
  handler: async (ctx, { sessionId, connection, repository, branches }) => {
    const row = (await repositoriesOf(ctx, sessionId)).find(
      (one) => one.connection === connection && one.repository === repository,
    );
    if (!row) return null;
    const made = new Set(branches.filter((one) => one.made).map(({ name }) => name));
    await ctx.db.patch(row._id, {
      pushedAt: Date.now(),
      named: row.named.map((one) => (made.has(one.name) ? { ...one, made: true } : one)),
    });
    const writer = await SessionWriter.open(ctx, sessionId);
    if (!isLive(writer.session.status)) return null;
    for (const { name, gone, commit } of branches)
      await writer.append({
        type: "git.pushed",
        source: "studio.git",
        payload: { repository, branch: name.slice(0, 200), ...(gone ? {} : { commit }) },
      });
    await writer.save();
    return null;
  },
});

/** What became of a session's pull request on its host. */
export const notePullRequest = serviceMutation({
  args: { sessionId: v.id("sandboxSessions"), folder: v.string(), pullRequest },
  returns: v.null(),
  handler: async (ctx, { sessionId, folder, pullRequest }) => {
    const row = (await repositoriesOf(ctx, sessionId)).find((one) => one.folder === folder);
    if (row?.pullRequest?.number === pullRequest.number) await ctx.db.patch(row._id, { pullRequest });
    return null;
  },
});

import type { GitFindings, SessionGit } from "#contracts/git.ts";
import { addressOf } from "#contracts/address.ts";
import type { SentBody } from "#contracts/routes.ts";
import { call } from "./api.ts";

/** One of a session's repositories. */
export type { GitFinding, SessionGit } from "#contracts/git.ts";

/** Git waits for its server, which may be slow. */
const GIT_MS = 5 * 60_000;

/** A session's repositories, with what has changed in them. */
export const readGit = async (id: string): Promise<SessionGit[]> =>
  (await call("GET /api/studio/sessions/{id}/git", { params: { id }, timeoutMs: 60_000 })).repositories;

/** What a repository's changes are counted from, or the commit whose own they are. */
export type Since = "start" | "commit" | "base" | { commit: string };

/** What has changed in a repository, as a patch; in one file, or in all. */
export const readChanges = async (id: string, folder: string, since: Since, path?: string): Promise<string> =>
  (
    await call("GET /api/studio/sessions/{id}/git/diff", {
      params: { id },
      query: {
        folder,
        ...(typeof since === "string" ? { since } : since),
        ...(path !== undefined && { path }),
      },
      timeoutMs: 60_000,
    })
  ).patch;

/** Takes back files, or chosen changes. */
export const discard = async (id: string, body: SentBody<"POST /api/studio/sessions/{id}/git/discard">) =>
  await call("POST /api/studio/sessions/{id}/git/discard", { params: { id }, body, timeoutMs: GIT_MS });

/** Merges what has come on the base branch. @returns the files with conflicts */
export const updateFromBase = async (id: string, folder: string): Promise<string[]> =>
  (
    await call("POST /api/studio/sessions/{id}/git/update", {
      params: { id },
      body: { folder },
      timeoutMs: GIT_MS,
    })
  ).conflicts;

/** Ends an update whose conflicts nobody has decided. */
export const abandonUpdate = async (id: string, folder: string) =>
  await call("DELETE /api/studio/sessions/{id}/git/update", {
    params: { id },
    query: { folder },
    timeoutMs: GIT_MS,
  });

/** Commits what is named, in the person's name. */
export const commit = async (id: string, body: SentBody<"POST /api/studio/sessions/{id}/git/commit">) =>
  await call("POST /api/studio/sessions/{id}/git/commit", { params: { id }, body, timeoutMs: GIT_MS });

/** What the session's model would write about what is to be committed, and what that has cost. */
export const proposeMessage = async (
  id: string,
  body: SentBody<"POST /api/studio/sessions/{id}/git/message">,
) => await call("POST /api/studio/sessions/{id}/git/message", { params: { id }, body, timeoutMs: GIT_MS });

/** Pushes what is committed. */
export const push = async (id: string, body: SentBody<"POST /api/studio/sessions/{id}/git/push">) =>
  await call("POST /api/studio/sessions/{id}/git/push", { params: { id }, body, timeoutMs: GIT_MS });

/** Opens a pull request for a branch that was pushed. */
export const openPullRequest = async (
  id: string,
  body: SentBody<"POST /api/studio/sessions/{id}/git/pull-request">,
) =>
  await call("POST /api/studio/sessions/{id}/git/pull-request", { params: { id }, body, timeoutMs: 60_000 });

/** What keeps a pull request from being ready, as its host says it now. */
export const readFindings = async (id: string, folder: string): Promise<GitFindings> =>
  await call("GET /api/studio/sessions/{id}/git/findings", {
    params: { id },
    query: { folder },
    timeoutMs: 60_000,
  });

/** Gives the agent some of it. */
export const handOver = async (id: string, folder: string, findings: string[]) =>
  await call("POST /api/studio/sessions/{id}/git/findings", {
    params: { id },
    body: { folder, findings },
    timeoutMs: 60_000,
  });

/** Has the agent go on until the pull request is green. */
export const keepGoing = async (id: string, body: SentBody<"POST /api/studio/sessions/{id}/git/green">) =>
  await call("POST /api/studio/sessions/{id}/git/green", { params: { id }, body });

/** Ends that. */
export const stopGoing = async (id: string, folder: string) =>
  await call("DELETE /api/studio/sessions/{id}/git/green", { params: { id }, query: { folder } });

/** Where a patch of all changes is downloaded. */
export const patchAddress = (id: string, folder: string): string =>
  addressOf("GET /api/studio/sessions/{id}/git/patch", { params: { id }, query: { folder } }).path;

/** Where the workspace is downloaded as an archive. */
export const archiveAddress = (id: string): string =>
  addressOf("GET /api/studio/sessions/{id}/archive", { params: { id }, query: {} }).path;

/** Where the workspace is downloaded as a zip, or a folder of it. */
export const zipAddress = (id: string, path?: string): string =>
  addressOf("GET /api/studio/sessions/{id}/archive/zip", {
    params: { id },
    query: path === undefined ? {} : { path },
  }).path;

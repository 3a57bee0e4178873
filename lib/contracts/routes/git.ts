import { z } from "zod";
import { LIMITS } from "#domain/limits.ts";
import {
  gitCommitBody,
  gitCommitResponse,
  gitConnectionResponse,
  gitConnectionsResponse,
  gitDiffQuery,
  gitDiffResponse,
  gitPatchQuery,
  gitPushBody,
  gitPushResponse,
  pullRequestBody,
  pullRequestResponse,
  putGitConnectionBody,
  sessionGitResponse,
} from "../git.ts";
import { boundedText } from "../limits.ts";
import { idParam, type RouteTable } from "../route.ts";

const connection = z.object({
  connection: boundedText(LIMITS.gitConnection).describe("Small letters, digits and `-`, as you like."),
});
const named = z.object({ connection: idParam });
const session = z.object({ id: idParam });
const read = { scope: "sessions:read" } as const;
const write = { scope: "sessions:write" } as const;
const LIVE = ["session_stopped", "not_ready", "upstream_failed", "key_unreadable", "git_failed"] as const;
const admin = { scope: "settings:write" } as const;

export const GIT_ROUTES = {
  "GET /api/v1/git/connections": {
    id: "listGitConnections",
    tag: "Git",
    summary: "List git connections",
    description: "The organization's ways to git servers, without their credentials.",
    access: { scope: "settings:read" },
    response: { status: 200, json: gitConnectionsResponse },
  },
  "PUT /api/v1/git/connections/{connection}": {
    id: "saveGitConnection",
    tag: "Git",
    summary: "Save a git connection",
    description:
      "Tests the credential against the server, and stores it encrypted. One that is refused is stored too, with `status` of `error`.",
    access: admin,
    params: connection,
    body: putGitConnectionBody,
    example: {
      kind: "git",
      base_url: "https://git.example.com",
      username: "studio",
      token: "a-token",
      repositories: ["acme/shop"],
    },
    response: { status: 200, json: gitConnectionResponse },
    errors: ["key_unreadable"],
  },
  "DELETE /api/v1/git/connections/{connection}": {
    id: "removeGitConnection",
    tag: "Git",
    summary: "Remove a git connection",
    description: "Sessions that work with it can no longer fetch and push.",
    access: admin,
    params: named,
    response: { status: 204 },
  },
  "POST /api/v1/git/connections/{connection}/test": {
    id: "testGitConnection",
    tag: "Git",
    summary: "Test a git connection",
    access: admin,
    params: named,
    response: { status: 200, json: gitConnectionResponse },
    errors: ["key_unreadable"],
  },
  "GET /api/studio/sessions/{id}/git": {
    id: "getSessionGit",
    tag: "Git",
    summary: "See a session's repositories",
    description: "Their branches, what has changed in them, and their pull requests.",
    access: read,
    params: session,
    response: { status: 200, json: sessionGitResponse },
    errors: LIVE,
  },
  "GET /api/studio/sessions/{id}/git/diff": {
    id: "getSessionDiff",
    tag: "Git",
    summary: "See what has changed in a repository",
    description: "Since the session began, whoever changed it. Viewers see secrets masked.",
    access: read,
    params: session,
    query: gitDiffQuery,
    response: { status: 200, json: gitDiffResponse },
    errors: LIVE,
  },
  "GET /api/studio/sessions/{id}/git/patch": {
    id: "downloadSessionPatch",
    tag: "Git",
    summary: "Download all changes as a patch",
    description: "As `git apply` takes it. Not for viewers: secrets in it can't be masked.",
    access: read,
    params: session,
    query: gitPatchQuery,
    response: { status: 200, media: "text/x-diff", text: "The patch, as an attachment." },
    errors: LIVE,
  },
  "POST /api/studio/sessions/{id}/git/commit": {
    id: "commitSession",
    tag: "Git",
    summary: "Commit changes",
    description: "In the caller's name, with the agent as co-author.",
    access: write,
    params: session,
    body: gitCommitBody,
    example: { folder: "shop", message: "Fix the login page" },
    response: { status: 200, json: gitCommitResponse },
    errors: LIVE,
  },
  "POST /api/studio/sessions/{id}/git/push": {
    id: "pushSession",
    tag: "Git",
    summary: "Push a branch",
    access: write,
    params: session,
    body: gitPushBody,
    example: { folder: "shop" },
    response: { status: 200, json: gitPushResponse },
    errors: LIVE,
  },
  "POST /api/studio/sessions/{id}/git/pull-request": {
    id: "openPullRequest",
    tag: "Git",
    summary: "Open a pull request",
    description: "For a branch that was pushed, on GitHub.",
    access: write,
    params: session,
    body: pullRequestBody,
    example: { folder: "shop", title: "Fix the login page", draft: true },
    response: { status: 201, json: pullRequestResponse },
    errors: LIVE,
  },
  "GET /api/studio/sessions/{id}/archive": {
    id: "downloadArchive",
    tag: "Workspace",
    summary: "Download the workspace",
    description:
      "Without `node_modules` and the file with the sandbox's keys. Not for viewers: secrets in it can't be masked.",
    access: read,
    params: session,
    response: { status: 200, media: "application/gzip", text: "A tar archive, compressed with gzip." },
    errors: [...LIVE, "too_large"],
  },
} as const satisfies RouteTable;

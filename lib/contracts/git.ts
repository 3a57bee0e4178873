import { z } from "zod";
import { FINDING_KINDS, MAX_FINDINGS } from "#domain/findings.ts";
import { GIT_ACCESS, GIT_KINDS } from "#domain/git.ts";
import { GREEN_ENDS, GREEN_LIMITS, GREEN_PHASES } from "#domain/green.ts";
import { GITHUB_APP_LIMITS, LIMITS } from "#domain/limits.ts";
import { boundedText, boundedWhole } from "./limits.ts";

/** `PUT /api/v1/git/connections/{connection}` */
export const putGitConnectionBody = z.strictObject({
  kind: z.enum(GIT_KINDS).default("git").describe("`git`: any server that speaks git over HTTPS."),
  name: boundedText(LIMITS.keyName, { trim: true }).optional(),
  base_url: z
    .string()
    .trim()
    .max(1_000)
    .optional()
    .describe("The address that the repositories are below; the host's own by default, where it has one."),
  api_url: z
    .string()
    .trim()
    .max(1_000)
    .optional()
    .describe("Where the host's REST API is, if not where it usually is."),
  username: boundedText(LIMITS.gitUsername, { trim: true })
    .optional()
    .describe("For `git` alone: hosts take tokens from a user of their own."),
  token: z
    .string()
    .trim()
    .min(1)
    .max(1_000)
    .regex(/^[\x21-\x7e]+$/, "must be one line without spaces")
    .optional()
    .describe("A token or password. Left out, the one before stays, for the same server and user."),
  app_id: boundedText(GITHUB_APP_LIMITS.appId, { trim: true })
    .optional()
    .describe("Of a GitHub App: its ID."),
  installation_id: boundedText(GITHUB_APP_LIMITS.installationId, { trim: true })
    .optional()
    .describe("Of a GitHub App: the number at the end of the installation's address."),
  private_key: z
    .string()
    .trim()
    .max(5_000)
    .regex(/^-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----/, "must be a private key in PEM")
    .optional()
    .describe("Of a GitHub App: its private key. Left out, the one before stays, for the same app."),
  repositories: z
    .array(boundedText(LIMITS.gitRepository, { trim: true }))
    .min(LIMITS.gitRepositories.min)
    .max(LIMITS.gitRepositories.max)
    .describe("What it is for: `acme/shop`, `acme/*`, or `*`."),
});

const gitConnectionSchema = z.object({
  connection: z.string(),
  kind: z.enum(GIT_KINDS),
  name: z.string(),
  base_url: z.string(),
  api_url: z.string().nullable(),
  username: z.string(),
  app_id: z.string().nullable(),
  installation_id: z.string().nullable(),
  repositories: z.array(z.string()),
  masked_token: z.string(),
  status: z.enum(["active", "inactive", "error"]),
  status_detail: z.string().nullable(),
  verified_at: z.string().nullable(),
  updated_at: z.string(),
  webhook_url: z.string().nullable().describe("Where its host sends webhooks to; null where none are taken."),
});
export type GitConnection = z.infer<typeof gitConnectionSchema>;

export const gitConnectionsResponse = z.object({ connections: z.array(gitConnectionSchema) });
export const gitConnectionResponse = z.object({ connection: gitConnectionSchema });

export const gitWebhookResponse = z.object({ url: z.string(), secret: z.string() });

/** What a session is to start from. */
export const repositoryBody = z.strictObject({
  connection: boundedText(LIMITS.gitConnection).describe("One of the organization's git connections."),
  url: boundedText(LIMITS.gitUrl, { trim: true }).describe(
    "The repository's URL, or its path, such as `acme/shop`.",
  ),
  ref: boundedText(LIMITS.gitRef, { trim: true })
    .optional()
    .describe("A branch, a tag, or a commit's whole id; the main branch by default."),
  full: z.boolean().default(false).describe("Whether to fetch all of its history."),
});

/** One of several that a session is to start from. */
export const repositoryWithAccess = repositoryBody.extend({
  access: z
    .enum(GIT_ACCESS)
    .default("write")
    .describe("`write`: the session pushes its own branches; `read`: it fetches alone."),
});

/** Query of what is done with one of a session's repositories. */
const folder = boundedText(LIMITS.gitRepository).describe("The repository's folder in the workspace.");
export const gitDiffQuery = z.object({
  folder,
  path: boundedText(LIMITS.workspacePath)
    .optional()
    .describe("One file, relative to the repository; by default all."),
  since: z
    .enum(["start", "commit", "base"])
    .default("start")
    .describe(
      "What the workspace is compared with: the session's start, the last commit, or the base branch as it was last fetched.",
    ),
  commit: boundedText(LIMITS.gitObjectId).optional().describe("A commit whose own changes to show instead."),
});
export const gitFolderQuery = z.object({ folder });

const checksSchema = z.object({
  state: z.enum(["none", "pending", "passed", "failed"]),
  total: z.number().int(),
  failed: z.array(z.string().max(200)).max(20).describe("The names of those that failed."),
});

const pullRequestSchema = z.object({
  number: z.number().int(),
  url: z.string(),
  title: z.string(),
  state: z.enum(["draft", "open", "merged", "closed"]),
});

const greenSchema = z.object({
  maxAttempts: z.number().int(),
  maxCostMicroUsd: z.number().int(),
  attempts: z.number().int().describe("Attempts so far."),
  costMicroUsd: z.number().int().describe("What the attempts that are over have cost."),
  phase: z
    .enum(GREEN_PHASES)
    .describe("It looks at the host, the agent works, or what that changed is committed and pushed."),
  reason: z.enum(GREEN_ENDS).nullable().describe("Why it ended; null while it's going."),
  detail: z.string().nullable(),
  startedAt: z.number(),
  endedAt: z.number().nullable(),
});

const findingSchema = z.object({
  key: z.string(),
  kind: z.enum(FINDING_KINDS),
  name: z.string().describe("The check's name, or the reviewer's."),
  path: z.string().nullable(),
  line: z.number().int().nullable(),
  text: z.string().describe("As the git host says it, shortened: text from outside."),
  url: z.string().nullable(),
  handed: z.boolean().describe("Whether the agent was given this comment before."),
});
export type GitFinding = z.infer<typeof findingSchema>;
export const gitFindingsResponse = z.object({
  checks: checksSchema,
  running: z.boolean().describe("Whether any check is still running."),
  findings: z.array(findingSchema).max(MAX_FINDINGS),
});
export type GitFindings = z.infer<typeof gitFindingsResponse>;
export const gitHandOverBody = z.strictObject({
  folder,
  findings: z
    .array(boundedText({ kind: "text", min: 1, max: 220 }))
    .min(1)
    .max(MAX_FINDINGS)
    .describe("Their keys."),
});
export const greenBody = z.strictObject({
  folder,
  maxAttempts: boundedWhole(LIMITS.greenAttempts).default(GREEN_LIMITS.defaultAttempts),
  maxCostMicroUsd: boundedWhole(LIMITS.budgetCap)
    .default(GREEN_LIMITS.defaultCostMicroUsd)
    .describe("What all attempts together may cost."),
});
export const greenResponse = z.object({ green: greenSchema });

/** What the sandbox says of a repository: bounded, and true as far as the sandbox is. */
export const gitWorkSchema = z.object({
  branch: z.string().max(1_000).nullable(),
  head: z.string().max(64).nullable(),
  ahead: z.number().int().nullable().describe("Commits since the session began."),
  commits: z.array(z.object({ commit: z.string().max(64), subject: z.string().max(200) })).max(20),
  files: z
    .array(
      z.object({
        path: z.string().max(4_096),
        from: z.string().max(4_096).optional().describe("Of a renamed file: its path before."),
        staged: z.string().max(1).describe("In the index: a letter of `git status`, or `.`."),
        unstaged: z.string().max(1).describe("In the workspace: the same; `?` where git doesn't know it."),
      }),
    )
    .max(2_000),
  merging: z.boolean().describe("Whether an update waits until its conflicts are decided."),
  truncated: z.boolean(),
});

export const sessionGitSchema = z.object({
  connection: z.string(),
  kind: z.enum(GIT_KINDS).nullable().describe("Null where the connection was removed."),
  connectionProblem: z
    .string()
    .nullable()
    .describe("Why its host refused the connection's credential the last time; null where it didn't."),
  repository: z.string(),
  folder: z.string(),
  base: z.object({ ref: z.string().nullable(), commit: z.string() }),
  full: z.boolean(),
  access: z.enum(GIT_ACCESS).describe("Whether the session may push to it."),
  branch: z.string(),
  pushedAt: z.number().nullable(),
  pullRequest: pullRequestSchema
    .extend({ checks: checksSchema.nullable().describe("Null where the host doesn't say it now.") })
    .nullable(),
  green: greenSchema.nullable().describe("How the pull request is brought to green, or was last."),
  work: gitWorkSchema.nullable().describe("Null where the session isn't live, or with `problem`."),
  problem: z.string().nullable(),
  proposedMessage: z.string(),
});
export type SessionGit = z.infer<typeof sessionGitSchema>;
export const sessionGitResponse = z.object({ repositories: z.array(sessionGitSchema) });
export const gitDiffResponse = z.object({ patch: z.string() });

export const gitCommitBody = z.strictObject({
  folder,
  message: boundedText(LIMITS.gitMessage, { trim: true }),
  paths: z
    .array(boundedText(LIMITS.workspacePath))
    .min(1)
    .max(500)
    .optional()
    .describe("Files relative to the repository; without `patch` by default all that has changed."),
  patch: boundedText(LIMITS.gitPatch)
    .optional()
    .describe("Chosen changes of other files, as `git/diff` returns them since the last commit."),
});
/** `POST /api/studio/sessions/{id}/git/message` */
export const gitMessageBody = gitCommitBody.omit({ message: true });
export const gitMessageResponse = z.object({
  message: z.string(),
  provider: z.string(),
  model: z.string(),
  costMicroUsd: z.number().int().nullable().describe("Null where nobody has set a price for the model."),
});
export const gitCommitResponse = z.object({ commit: z.string() });

export const gitPushBody = z.strictObject({
  folder,
  branch: boundedText(LIMITS.gitRef, { trim: true })
    .optional()
    .describe("A new branch of another name, which is the session's from then on."),
});
export const gitPushResponse = z.object({ commit: z.string(), branch: z.string() });

export const gitDiscardBody = z
  .strictObject({
    folder,
    paths: z
      .array(boundedText(LIMITS.workspacePath))
      .min(1)
      .max(500)
      .optional()
      .describe("Files that go back to the last commit; new ones are deleted."),
    patch: boundedText(LIMITS.gitPatch)
      .optional()
      .describe("Changes to take back in the workspace, as `git/diff` returns them."),
  })
  .refine(({ paths, patch }) => (paths === undefined) !== (patch === undefined), {
    message: "Send either paths or patch.",
  });

export const gitUpdateBody = z.strictObject({ folder });
export const gitUpdateResponse = z.object({
  conflicts: z.array(z.string()).describe("Files in which both sides have changed the same places."),
});
export const pullRequestBody = z.strictObject({
  folder,
  title: boundedText(LIMITS.pullRequestTitle, { trim: true }),
  body: boundedText(LIMITS.pullRequestBody).default(""),
  base: boundedText(LIMITS.gitRef, { trim: true })
    .optional()
    .describe("The branch that it goes to; by default the one that the session began from."),
  draft: z.boolean().default(false),
  reviewers: z
    .array(boundedText({ kind: "text", min: 1, max: 100 }, { trim: true }))
    .max(LIMITS.gitReviewers.max)
    .default([]),
});
export const pullRequestResponse = z.object({
  pullRequest: pullRequestSchema,
  warning: z.string().nullable().describe("What couldn't be done besides, such as asking a reviewer."),
});

export const archiveQuery = z.object({
  path: boundedText(LIMITS.workspacePath)
    .optional()
    .describe("A folder, relative to the workspace; by default all of it."),
});

import { z } from "zod";
import { GIT_KINDS } from "#domain/git.ts";
import { LIMITS } from "#domain/limits.ts";
import { boundedText } from "./limits.ts";

/** `PUT /api/v1/git/connections/{connection}` */
export const putGitConnectionBody = z.strictObject({
  kind: z.enum(GIT_KINDS).default("git").describe("`git`: any server that speaks git over HTTPS."),
  name: boundedText(LIMITS.keyName, { trim: true }).optional(),
  base_url: z
    .string()
    .trim()
    .max(1_000)
    .optional()
    .describe("The address that the repositories are below; GitHub's own by default."),
  api_url: z
    .string()
    .trim()
    .max(1_000)
    .optional()
    .describe("Of a GitHub of one's own: where its REST API is."),
  username: boundedText(LIMITS.gitUsername, { trim: true }).optional().describe("Not for GitHub."),
  token: z
    .string()
    .trim()
    .min(1)
    .max(1_000)
    .regex(/^[\x21-\x7e]+$/, "must be one line without spaces")
    .optional()
    .describe("A token or password. Left out, the one before stays, for the same server and user."),
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
  repositories: z.array(z.string()),
  masked_token: z.string(),
  status: z.enum(["active", "inactive", "error"]),
  status_detail: z.string().nullable(),
  verified_at: z.string().nullable(),
  updated_at: z.string(),
});
export type GitConnection = z.infer<typeof gitConnectionSchema>;

export const gitConnectionsResponse = z.object({ connections: z.array(gitConnectionSchema) });
export const gitConnectionResponse = z.object({ connection: gitConnectionSchema });

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

import { z } from "zod";
import { ENVIRONMENTS } from "#domain/catalog.ts";
import { PROJECT_KINDS } from "#domain/project/kinds.ts";
import { PROJECT_LIMITS } from "#domain/project/limits.ts";
import {
  MAX_COMMENT_CHARS,
  WORKSPACE_CHANGES,
  WORKSPACE_LIMITS,
  workspaceFault,
} from "#domain/project/workspace.ts";

const name = z.object({
  kind: z.enum(PROJECT_KINDS),
  slug: z.string().min(1).max(PROJECT_LIMITS.keyChars).describe("Its slug, a role's name, or a file's path."),
});
const hash = z
  .string()
  .regex(/^[0-9a-f]{64}$/, "Send the hash that it was listed with.")
  .nullable();
const revision = z.number().int().min(0);
const definition = z.string().nullable().describe("JSON text; null where it isn't there.");

/** What a change means beyond its text. */
const effectSchema = z.object({ kind: z.string(), name, message: z.string() });
export type ProjectEffect = z.infer<typeof effectSchema>;

/** One definition that a session's workspace changes. */
const changeSchema = name.extend({
  change: z.enum(WORKSPACE_CHANGES),
  file: z.string(),
  hash: hash.describe("Of the JSON text in the workspace, SHA-256 in hex; null where it is deleted there."),
  before: hash.describe("The same at the base; null where it was not there."),
  moved: z.boolean().describe("Whether the environment has something else than the base had."),
  fields: z
    .array(z.string())
    .describe("Paths of the fields that are different, 20 at most; empty where it is new or deleted."),
  fieldCount: z.number().int(),
});
export type ProjectChange = z.infer<typeof changeSchema>;

/** What a session's workspace changes of its project. */
export const projectChangesResponse = z.object({
  environment: z.enum(ENVIRONMENTS),
  base: revision.describe("The revision that the workspace is compared with."),
  revision: revision.describe("What the environment is at."),
  at: z.number().nullable().describe("When the workspace was looked at; null before the first time."),
  problem: z.string().nullable().describe("Why the last look came to nothing."),
  changes: z.array(changeSchema),
  unlisted: z.number().int().describe("Changes that found no room in the list."),
  faults: z.array(workspaceFault),
  effects: z.array(effectSchema).describe("Of all of the changes together."),
  pushed: revision
    .nullable()
    .describe("The revision of this session's last push, while nothing has changed since."),
});
export type ProjectChanges = z.infer<typeof projectChangesResponse>;

export const projectChangeQuery = name;
export const projectChangeResponse = z.object({
  file: z.string(),
  base: definition,
  workspace: definition,
  current: definition,
});
export type ProjectChangeTexts = z.infer<typeof projectChangeResponse>;

const comment = z.string().min(1).max(MAX_COMMENT_CHARS);
const seen = name.extend({ seen: hash });

export const pushChangesBody = z.strictObject({
  revision: revision.describe("The one that was shown as `base`."),
  definitions: z.array(seen).min(1).max(WORKSPACE_LIMITS.chosen),
  allowDeletions: z.boolean().optional(),
  confirm: z.string().max(50).optional().describe('"production", where that is changed.'),
  dryRun: z.boolean().optional().describe("Says what it would mean, and changes nothing."),
});

export const pushChangesResponse = z.object({
  revision,
  dryRun: z.boolean(),
  created: z.array(name),
  updated: z.array(name),
  deleted: z.array(name),
  effects: z.array(effectSchema),
});

export const discardChangesBody = z.strictObject({
  definitions: z.array(name).min(1).max(WORKSPACE_LIMITS.discarded),
});

export const discardChangesResponse = z.object({ files: z.array(z.string()) });

export const handOverChangesBody = z.strictObject({
  definitions: z.array(name.extend({ comment: comment.optional() })).max(WORKSPACE_LIMITS.discarded),
  faults: z.boolean().optional().describe("Whether the problems of the workspace's files go with it."),
  message: comment.optional(),
});

export const compareChangesBody = z.strictObject({ revision });

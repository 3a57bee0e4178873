import { z } from "zod";
import { LIMITS } from "#domain/limits.ts";
import { boundedText, boundedTexts, boundedWhole } from "./limits.ts";
import { pageQuery } from "./sessions.ts";
import { DEFAULT_ROOT_PATH, rootPath, rootPaths } from "./skill-roots.ts";

const dependencies = z.strictObject({
  env_vars: boundedTexts(LIMITS.skillVariables).describe("Variables that the skill needs in the sandbox."),
});
const fields = {
  name: boundedText(LIMITS.skillName).describe("The folder's name, and what a mention says."),
  description: boundedText(LIMITS.skillDescription, { trim: true }).describe(
    "When to use it: by this the model finds it.",
  ),
  title: boundedText(LIMITS.skillTitle, { trim: true }),
  body_markdown: boundedText(LIMITS.skillBody),
  dependencies,
};

/** `POST /api/v1/sessions/{id}/skills` */
export const createSessionSkillBody = z.strictObject({
  name: fields.name,
  description: fields.description,
  body_markdown: fields.body_markdown,
  title: fields.title.default(""),
  dependencies: dependencies.default({ env_vars: [] }),
  target_root: rootPath.optional().describe("One of the session's skill roots; by default the first."),
});
export const createdSessionSkill = z.object({
  ok: z.literal(true),
  skill_id: z.string(),
  filesystem_source: z.string().describe("The skill root."),
  skill_dir: z.string(),
  skill_md: z.string(),
});

/** `POST /api/v1/skills` */
export const createSkillBody = createSessionSkillBody.omit({ target_root: true }).extend({
  root: rootPath.optional().describe(`The skill root; by default \`${DEFAULT_ROOT_PATH}\`.`),
  enabled: z.boolean().default(true),
});

/** `PATCH /api/v1/skills/{id}`: what is left out stays. */
export const updateSkillBody = z
  .strictObject({
    ...fields,
    enabled: z.boolean(),
    production_revision: boundedWhole(LIMITS.skillRevision)
      .nullable()
      .describe("The text that sessions in production have; null for none. For admins."),
  })
  .partial()
  .extend({
    expected_revision: boundedWhole(LIMITS.skillRevision)
      .optional()
      .describe("Refuse the change where the skill is at another revision by now."),
  })
  .refine(
    (body) => Object.keys(body).some((name) => name !== "expected_revision"),
    "Say what should change.",
  );

export const skillJson = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  title: z.string(),
  root: z.string(),
  path: z.string().describe("Its SKILL.md in a sandbox's workspace."),
  enabled: z.boolean(),
  dependencies: z.object({ env_vars: z.array(z.string()) }),
  revision: z.number().int(),
  production_revision: z
    .number()
    .int()
    .nullable()
    .describe("The text that sessions in production have: the last that an admin has written, or approved."),
  size_bytes: z.number().int(),
  created_by: z.string(),
  created_at: z.string(),
  updated_at: z.string(),
});
export type SkillJson = z.infer<typeof skillJson>;
export const wholeSkillJson = skillJson.extend({
  body_markdown: z.string(),
  skill_md: z.string().describe("The whole file, with its front matter."),
});
export const skillsQuery = pageQuery.extend({
  root: rootPath.optional().describe("Those of one root alone."),
});
export const skillsResponse = z.object({ skills: z.array(skillJson), next_cursor: z.string().nullable() });
export const skillQuery = z.object({
  revision: z.coerce
    .number()
    .int()
    .min(1)
    .max(LIMITS.skillRevision.max)
    .optional()
    .describe("An earlier text of the skill."),
});
export const skillRevisions = z.object({
  revisions: z.array(
    z.object({ revision: z.number().int(), changed_by: z.string(), changed_at: z.string() }),
  ),
});

/** `GET /api/v1/sessions/{id}/skills` */
export const sessionSkillsResponse = z.object({
  roots: z.array(z.string()),
  filesystem_sources: z.array(z.string()).describe("The same as `roots`."),
  disabled_paths: z.array(z.string()),
  skills: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      description: z.string(),
      path: z.string(),
      enabled: z.boolean(),
      mention: z.string().describe("What names it in a message."),
      dependencies: z.object({ env_vars: z.array(z.string()) }),
    }),
  ),
});

/** `PUT /api/v1/sessions/{id}/skills/roots` */
export const rootsBody = z.strictObject({ roots: rootPaths });
/** `PUT /api/v1/sessions/{id}/skills/sources` */
export const sourcesBody = z.strictObject({ filesystem_sources: rootPaths });
export const rootsResponse = z.object({
  ok: z.literal(true),
  roots: z.array(z.string()),
  filesystem_sources: z.array(z.string()).describe("The same as `roots`."),
});

/** Files of a folder that is imported, and characters of each: each SKILL.md is one. */
const MAX_IMPORTED = 100;
const MAX_ARCHIVE_CHARS = 950_000;

const importedRepository = z.strictObject({
  connection: boundedText(LIMITS.gitConnection).describe("A git connection of the organization."),
  url: boundedText(LIMITS.gitUrl).describe("The repository's URL, or its path, such as `acme/skills`."),
  ref: boundedText(LIMITS.gitRef)
    .optional()
    .describe("A branch, a tag, or a commit's whole id; by default the main branch."),
  folder: z.string().min(1).max(300).optional().describe("A folder of it, alone."),
});

/** `POST /api/v1/skills/import` */
export const importSkillsBody = z
  .strictObject({
    archive_base64: z
      .base64()
      .max(MAX_ARCHIVE_CHARS)
      .optional()
      .describe("A .zip, .tar or .tar.gz file: every SKILL.md in it is a skill."),
    files: z
      .array(z.strictObject({ path: z.string().max(1_000), content: z.string().max(LIMITS.skillBody.max) }))
      .max(MAX_IMPORTED)
      .optional()
      .describe("The files of a folder, in place of an archive."),
    repository: importedRepository
      .optional()
      .describe("A repository, in place of both: every SKILL.md in it is a skill."),
    root: rootPath.optional().describe(`The skill root; by default \`${DEFAULT_ROOT_PATH}\`.`),
    replace: z.boolean().default(false).describe("Whether skills of the same name get the imported text."),
  })
  .refine(
    ({ archive_base64, files, repository }) =>
      [archive_base64, files, repository].filter((one) => one !== undefined).length === 1,
    "Send archive_base64, files, or repository.",
  );
const imported = z.object({ id: z.string(), name: z.string() });
export const importedSkills = z.object({
  created: z.array(imported),
  updated: z.array(imported),
  skipped: z.array(z.object({ path: z.string(), reason: z.string() })),
});

/** A change that an agent has made to a skill in its workspace, or a skill that it has made there. */
export const skillOfferJson = z.object({
  id: z.string(),
  skill_id: z.string().nullable().describe("Null for a skill that isn't the organization's yet."),
  session_id: z.string(),
  name: z.string(),
  path: z.string(),
  revision: z
    .number()
    .int()
    .describe("The one that is there now, which the change would follow; 0 where none is."),
  body_before: z.string(),
  body_markdown: z.string(),
  created_at: z.string(),
});
export const skillOffersResponse = z.object({
  offers: z.array(skillOfferJson),
  next_cursor: z.string().nullable(),
});

import { z } from "zod";
import { ENVIRONMENTS } from "#domain/catalog.ts";
import { PROJECT_KINDS, PROJECT_SOURCES } from "#domain/project/kinds.ts";
import { PROJECT_LIMITS } from "#domain/project/limits.ts";

export const projectParams = z.object({ environment: z.enum(ENVIRONMENTS) });
const count = z.number().int();
const revision = count.describe("Counts the changes of the environment, from 0.");
const sentRevision = count.min(0).max(Number.MAX_SAFE_INTEGER);
const slug = z.string().max(PROJECT_LIMITS.keyChars).describe("A slug, a role's name, or a file's path.");
const kind = z.enum(PROJECT_KINDS);
const name = z.object({ kind, slug });

export const projectResponse = z.object({
  revision,
  definitions: z.array(
    name.extend({
      sha256: z.string().describe("Of its JSON text, in hex."),
      bytes: count,
      version: count.describe("Counts the definition's own changes, from 1."),
    }),
  ),
});

export const definitionQuery = name;
export const definitionResponse = z.object({
  definition: z.string().nullable().describe("JSON text; null where it was deleted."),
  revision,
  version: count,
});

const baseRevision = sentRevision.describe(
  "The revision at which you saw it. Where the same definition has changed since, nothing is changed.",
);

/** `PUT /api/v1/project/{environment}/definition` */
export const putDefinitionBody = z.object({
  kind,
  slug: slug
    .nullable()
    .describe("What it is called now; null for a new one. With another name in its text, it is renamed."),
  definition: z
    .string()
    .max(PROJECT_LIMITS.definitionBytes)
    .nullable()
    .describe("JSON text; null to delete it."),
  base_revision: baseRevision,
});

/** `POST /api/v1/project/{environment}/restore` */
export const restoreDefinitionBody = name.extend({
  version: sentRevision,
  base_revision: baseRevision,
});

/** `POST /api/v1/project/{environment}/promote` */
export const promoteBody = z.object({
  from: z.enum(ENVIRONMENTS),
  from_revision: sentRevision,
  base_revision: sentRevision,
  names: z
    .array(name)
    .min(1)
    .max(PROJECT_LIMITS.definitions)
    .describe("One that `from` doesn't have is deleted."),
});

/** What a change did. */
export const appliedResponse = z.object({
  revision,
  created: z.array(name),
  updated: z.array(name),
  deleted: z.array(name),
});

export const changeParams = projectParams.extend({
  revision: z.string().regex(/^\d{1,9}$/, "Name the change by its revision."),
});

export const changesResponse = z.object({
  changes: z.array(
    z.object({
      revision,
      source: z.enum(PROJECT_SOURCES),
      author: z
        .object({ id: z.string(), name: z.string() })
        .nullable()
        .describe("Null for what was there before changes were kept."),
      at: z.string(),
      created: count,
      updated: count,
      deleted: count,
      undoes: count.nullable().describe("The change that it took back; else null."),
      undone_by: count.nullable().describe("The change that took it back; else null."),
    }),
  ),
  next_cursor: z.string().nullable(),
});

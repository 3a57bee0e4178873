import { z } from "zod";

/** Where a sandbox's template says what it was built with: nobody inside can write there. */
export const TEMPLATE_VERSIONS_FILE = "/opt/studio/versions.json";
/** Programs that a template names. */
const MAX_PROGRAMS = 20;
/** The file is a few lines; one that is larger is none. */
export const MAX_TEMPLATE_VERSIONS_BYTES = 4_096;

/** Versions of a template's programs by their names, as `opencode` and `node`. */
export const templateVersionsSchema = z
  .record(z.string().regex(/^[a-z][a-z0-9-]{0,31}$/), z.string().regex(/^[0-9A-Za-z][0-9A-Za-z.+-]{0,39}$/))
  .refine((versions) => Object.keys(versions).length <= MAX_PROGRAMS);
export type TemplateVersions = z.infer<typeof templateVersionsSchema>;

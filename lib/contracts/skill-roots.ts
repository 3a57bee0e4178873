import { z } from "zod";
import { LIMITS } from "#domain/limits.ts";
import { DEFAULT_SKILL_ROOT, MAX_SKILL_ROOTS, WORKSPACE_FOLDER } from "#domain/skills.ts";

export const DEFAULT_ROOT_PATH = `${WORKSPACE_FOLDER}/${DEFAULT_SKILL_ROOT}`;

/** Room for the name under which the operator shows the workspace. */
const MAX_BASE_CHARS = 500;

/** A folder of the workspace, in full; what it may be is checked where it is read. */
export const rootPath = z
  .string()
  .min(1)
  .max(LIMITS.skillRoot.max + MAX_BASE_CHARS);
export const rootPaths = z.array(rootPath).max(MAX_SKILL_ROOTS).nullable();

/** A session's skill roots, as its creation takes them. */
export const skillsRoots = rootPaths
  .optional()
  .describe(
    `Folders of the workspace that hold skills. Without it, or with null: \`${DEFAULT_ROOT_PATH}\`. An empty list: none, and none can be created.`,
  );

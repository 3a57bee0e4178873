/** This folder holds what people do with skills: the organization's, and those of a session. */

import { WORKSPACE_FOLDER } from "#domain/skills.ts";
import { env } from "../env.ts";
import { refuse } from "../http/refuse.ts";

/** A place in the workspace as the API shows it. @param relative to the workspace */
export const shownPath = (relative: string): string => `${env().STUDIO_WORKSPACE_ROOT}/${relative}`;

/**
 * A root of skills that came from outside, relative to the workspace: under the name by which the API shows that, or its
 * own.
 * @throws HttpError invalid_request where it is not below the workspace
 */
export function relativeRoot(path: string): string {
  const given = path.replace(/\/+$/, "");
  for (const base of [env().STUDIO_WORKSPACE_ROOT, WORKSPACE_FOLDER])
    if (given.startsWith(`${base}/`)) return given.slice(base.length + 1);
  throw refuse("skill_root_outside", { root: path, base: env().STUDIO_WORKSPACE_ROOT });
}

import { posix } from "node:path";
import { refuse } from "../http/refuse.ts";

/** The folder of a sandbox that holds the project. */
export const WORKSPACE = "/workspace";

/** True for the workspace and what is below it. @param absolute without `.` and `..` */
export function isInWorkspace(absolute: string): boolean {
  return absolute === WORKSPACE || absolute.startsWith(`${WORKSPACE}/`);
}

/**
 * The place in the sandbox of a path that came from outside, read as relative to the workspace.
 * It says nothing of links: those are followed and checked in the sandbox.
 * @throws HttpError invalid_request where it leads out of the workspace
 */
export function inWorkspace(path: string): string {
  const absolute = posix.resolve(WORKSPACE, path);
  if (path.startsWith("/") || path.includes("\0") || !isInWorkspace(absolute)) throw refuse("path_outside");
  return absolute;
}

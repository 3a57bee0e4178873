const MAX_PATH_CHARS = 300;

/** Why a path of an archive or of a folder is refused, as the rest of a sentence; null where it stays inside. */
export function pathFault(path: string): string | null {
  if (path === "" || path.length > MAX_PATH_CHARS) return `has no or more than ${MAX_PATH_CHARS} characters`;
  // oxlint-disable-next-line no-control-regex -- it is about them
  if (/[\u0000-\u001F\u007F\\]/.test(path)) return "has a sign that no path here may have";
  if (path.startsWith("/") || /^[A-Za-z]:/.test(path)) return "isn't relative";
  if (path.split("/").includes("..")) return "leads out of the archive";
  return null;
}

/** True for the file of a skill; what other systems put beside it is passed over. */
export const isSkillFile = (path: string): boolean =>
  /(?:^|\/)SKILL\.md$/.test(path) && !/(?:^|\/)(?:__MACOSX|\.git|node_modules)\//.test(path);

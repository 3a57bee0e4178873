import type { Sandbox } from "e2b";
import type { FunctionReturnType } from "convex/server";
import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import { MAX_SKILL_BYTES, SKILL_NAME, skillPath, WORKSPACE_FOLDER } from "#domain/skills.ts";
import { serviceData } from "../convex/client.ts";
import { outputOf } from "./files.ts";

type SessionSkills = FunctionReturnType<typeof api.skills.forSandbox>;
type SkillFile = SessionSkills["files"][number];
/** A file that is no skill of the organization's: its root, relative to the workspace, and its folder in that. */
interface MadeSkill {
  root: string;
  name: string;
}

const inSandbox = (path: string) => `${WORKSPACE_FOLDER}/${path}`;
const HASHES_MS = 20_000;
const MAX_HASHES_CHARS = 64_000;
/** Folders of one root that are looked at for what an agent has made. */
const MAX_FOLDERS = 500;
/** A line for each path: its file's SHA-256, `none`, or `other` for what is no file, or larger than a skill can be. */
const HASHES = `while IFS= read -r f; do [ -n "$f" ] || continue; if [ -f "$f" ] && [ "$(stat -Lc %s "$f")" -le ${MAX_SKILL_BYTES} ]; then sha256sum < "$f" | cut -c1-64; elif [ -e "$f" ] || [ -L "$f" ]; then echo other; else echo none; fi; done <<< "$STUDIO_PATHS"`;
/** Below that a line for each SKILL.md that was written in the last seconds: its root's number, and its folder. */
const MADE = `echo --; now=$(date +%s); i=0; while IFS= read -r r; do n=0; for f in "$r"/*/SKILL.md; do n=$((n + 1)); [ $n -le ${MAX_FOLDERS} ] || break; d=\${f%/SKILL.md}; d=\${d##*/}; [[ $d =~ ^[a-z0-9][a-z0-9_-]*[a-z0-9]$ ]] && [ -f "$f" ] && [ $((now - $(stat -Lc %Y "$f"))) -le "$STUDIO_SECONDS" ] && echo "$i $d"; done; i=$((i + 1)); done <<< "$STUDIO_ROOTS"; true`;

/** The folders in which a session has skills, and the skills as files of its workspace. */
export async function skillFilesOf(sessionId: string): Promise<SessionSkills> {
  return await serviceData().query(api.skills.forSandbox, { sessionId: sessionId as Id<"sandboxSessions"> });
}

/** The files of skills for a workspace that has none yet. */
export async function firstSkillFiles(sessionId: string): Promise<{ path: string; data: string }[]> {
  return (await skillFilesOf(sessionId)).files.map(({ path, text }) => ({
    path: inSandbox(path),
    data: text,
  }));
}

/** What a sandbox says that it has: nothing of it is to be believed. */
function madeIn(lines: readonly string[], { roots, files }: SessionSkills): MadeSkill[] {
  return lines.flatMap((line) => {
    const [, index = "", name = ""] = /^(\d{1,3}) (\S+)$/.exec(line) ?? [];
    const root = roots[Number(index)];
    if (index === "" || root === undefined || !SKILL_NAME.test(name)) return [];
    return files.some(({ path }) => path === skillPath(root, name)) ? [] : [{ root, name }];
  });
}

/**
 * Brings the files of a session's skills up to date, as {@link skillFilesOf} has them. A file that is none of a skill's
 * kept texts was changed in the workspace: it stays.
 * @param options `madeWithinMs`: looks for other skills, too, that were written in so long
 * @returns those that were changed there, and those that were made there
 */
export async function syncSkills(
  sandbox: Sandbox,
  skills: SessionSkills,
  { madeWithinMs }: { madeWithinMs?: number } = {},
): Promise<{ changed: SkillFile[]; made: MadeSkill[] }> {
  const { roots, files } = skills;
  const looksForMore = madeWithinMs !== undefined && roots.length > 0;
  if (files.length === 0 && !looksForMore) return { changed: [], made: [] };
  const printed = await outputOf(
    sandbox,
    looksForMore ? `${HASHES}; ${MADE}` : HASHES,
    {
      STUDIO_PATHS: files.map(({ path }) => inSandbox(path)).join("\n"),
      STUDIO_ROOTS: roots.map(inSandbox).join("\n"),
      STUDIO_SECONDS: String(Math.ceil((madeWithinMs ?? 0) / 1_000) + 1),
    },
    MAX_HASHES_CHARS,
    HASHES_MS,
  );
  const found = printed.split("\n");
  const stale = files.filter(({ hashes }, index) => {
    const hash = found[index] ?? "";
    return hash === "none" || (hashes.includes(hash) && hash !== hashes.at(-1));
  });
  if (stale.length > 0)
    await sandbox.files.write(stale.map(({ path, text }) => ({ path: inSandbox(path), data: text })));
  const changed = files.filter(({ hashes }, index) => {
    const hash = found[index] ?? "none";
    return /^[0-9a-f]{64}$/.test(hash) && !hashes.includes(hash);
  });
  return { changed, made: looksForMore ? madeIn(found.slice(files.length + 1), skills) : [] };
}

import type { Sandbox } from "e2b";
import type { FunctionReturnType } from "convex/server";
import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import { MAX_SKILL_BYTES, WORKSPACE_FOLDER } from "#domain/skills.ts";
import { serviceData } from "../convex/client.ts";
import { outputOf } from "./files.ts";

type SkillFile = FunctionReturnType<typeof api.skills.forSandbox>[number];

const inSandbox = (path: string) => `${WORKSPACE_FOLDER}/${path}`;
const HASHES_MS = 20_000;
const MAX_HASHES_CHARS = 64_000;
/** A line for each path: its file's SHA-256, `none`, or `other` for what is no file, or larger than a skill can be. */
const HASHES = `while IFS= read -r f; do if [ -f "$f" ] && [ "$(stat -Lc %s "$f")" -le ${MAX_SKILL_BYTES} ]; then sha256sum < "$f" | cut -c1-64; elif [ -e "$f" ] || [ -L "$f" ]; then echo other; else echo none; fi; done <<< "$STUDIO_PATHS"`;

/** The skills that a session has, as files of its workspace. */
export async function skillFilesOf(sessionId: string): Promise<SkillFile[]> {
  return await serviceData().query(api.skills.forSandbox, { sessionId: sessionId as Id<"sandboxSessions"> });
}

/** The files of skills for a workspace that has none yet. */
export async function firstSkillFiles(sessionId: string): Promise<{ path: string; data: string }[]> {
  return (await skillFilesOf(sessionId)).map(({ path, text }) => ({ path: inSandbox(path), data: text }));
}

/**
 * Brings the files of a session's skills up to date, as {@link skillFilesOf} has them. A file that is none of a skill's kept texts was changed in the
 * workspace: it stays.
 * @returns those that were changed there
 */
export async function syncSkills(sandbox: Sandbox, files: readonly SkillFile[]): Promise<SkillFile[]> {
  if (files.length === 0) return [];
  const paths = files.map(({ path }) => inSandbox(path)).join("\n");
  const printed = await outputOf(sandbox, HASHES, { STUDIO_PATHS: paths }, MAX_HASHES_CHARS, HASHES_MS);
  const found = printed.split("\n");
  const stale = files.filter(({ hashes }, index) => {
    const hash = found[index] ?? "";
    return hash === "none" || (hashes.includes(hash) && hash !== hashes.at(-1));
  });
  if (stale.length > 0)
    await sandbox.files.write(stale.map(({ path, text }) => ({ path: inSandbox(path), data: text })));
  return files.filter(({ hashes }, index) => {
    const hash = found[index] ?? "none";
    return /^[0-9a-f]{64}$/.test(hash) && !hashes.includes(hash);
  });
}

import type { z } from "zod";
import { api } from "#convex/_generated/api.js";
import type { importedSkills, importSkillsBody } from "#contracts/skills.ts";
import type { Principal } from "#domain/principal.ts";
import { DEFAULT_SKILL_ROOT, MAX_SKILL_BYTES, MAX_SKILLS, type SkillFields } from "#domain/skills.ts";
import { dataFor } from "../convex/client.ts";
import { refusalOf } from "../convex/refusal.ts";
import { repositoryFiles } from "../git/fetch-files.ts";
import { refuse } from "../http/refuse.ts";
import { filesInArchive, MAX_ARCHIVE_BYTES } from "./archive.ts";
import { isSkillFile, pathFault } from "./import-paths.ts";
import { relativeRoot } from "./roots.ts";
import { BadSkillFile, readSkillFile } from "./skill-file.ts";

type Body = z.output<typeof importSkillsBody>;
type Caller = Exclude<Principal, { kind: "service" }>;
type Result = z.infer<typeof importedSkills>;

interface Found {
  path: string;
  /** Null where it is no text, a link, or too large. */
  text: string | null;
}

/** Looks at a path that somebody else has chosen. @throws HttpError invalid_request */
function checked(path: string): void {
  const fault = pathFault(path);
  if (fault !== null) throw refuse("archive_path", { path, fault });
}

async function skillFilesOf(
  caller: Caller,
  { folder, ...place }: NonNullable<Body["repository"]>,
): Promise<Found[]> {
  if (folder !== undefined) checked(folder);
  const files = await repositoryFiles(caller, place, {
    ...(folder !== undefined && { folder: folder.replace(/\/+$/, "") }),
    isWanted: isSkillFile,
    maxFiles: MAX_SKILLS,
    maxBytes: MAX_SKILL_BYTES,
  });
  for (const { path } of files) checked(path);
  return files.map(({ path, bytes }) => ({ path, text: bytes && decoded(bytes) }));
}

/** The SKILL.md files of what was sent, or named. @throws HttpError invalid_request, and what a git server refuses with */
async function skillFilesIn(caller: Caller, body: Body): Promise<Found[]> {
  const { archive_base64: archive, files, repository } = body;
  if (repository) return await skillFilesOf(caller, repository);
  if (archive === undefined)
    return (files ?? []).flatMap(({ path, content }) => {
      checked(path);
      return isSkillFile(path) ? [{ path, text: content }] : [];
    });
  const bytes = Buffer.from(archive, "base64");
  if (bytes.length > MAX_ARCHIVE_BYTES) throw refuse("archive_too_large", { maxBytes: MAX_ARCHIVE_BYTES });
  return filesInArchive(bytes, isSkillFile).map((file) => ({ path: file.path, text: decoded(file.bytes) }));
}

function decoded(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** What a file says, or why it is left out. */
function fieldsIn(text: string | null): SkillFields | string {
  if (text === null) return `It's a link, no text in UTF-8, or has more than ${MAX_SKILL_BYTES} bytes.`;
  try {
    return readSkillFile(text);
  } catch (error) {
    if (error instanceof BadSkillFile) return error.message;
    throw error;
  }
}

/**
 * Takes the skills of an archive, a folder or a repository. One that can't be taken is left out with its reason, and the others are
 * still taken; what is hostile in an archive refuses all of it, before anything is taken.
 * @throws HttpError invalid_request | forbidden, and what a git server refuses with
 */
export async function importSkills(caller: Caller, body: Body): Promise<Result> {
  const files = await skillFilesIn(caller, body);
  if (files.length === 0) throw refuse("archive_without_skills");
  if (files.length > MAX_SKILLS) throw refuse("archive_entries", { limit: MAX_SKILLS });
  const root = body.root === undefined ? DEFAULT_SKILL_ROOT : relativeRoot(body.root);
  const data = dataFor(caller);
  const { page: known } = await data.query(api.skills.list, {
    root,
    paginationOpts: { numItems: MAX_SKILLS, cursor: null },
  });
  const result: Result = { created: [], updated: [], skipped: [] };
  const seen = new Set<string>();
  for (const { path, text } of files) {
    const skip = (reason: string) => void result.skipped.push({ path, reason });
    const fields = fieldsIn(text);
    if (typeof fields === "string") {
      skip(fields);
      continue;
    }
    const { name } = fields;
    if (seen.has(name)) {
      skip(`Another file of this import is named “${name}”, too.`);
      continue;
    }
    seen.add(name);
    const before = known.find((skill) => skill.name === name);
    if (before && !body.replace) {
      skip(`There's already a skill “${name}”. Import it again and replace it, or rename it.`);
      continue;
    }
    try {
      if (before) {
        await data.mutation(api.skills.update, { skillId: before.id, ...fields });
        result.updated.push({ id: before.id, name });
      } else {
        const { id } = await data.mutation(api.skills.create, { root, enabled: true, ...fields });
        result.created.push({ id, name });
      }
    } catch (error) {
      const refusal = refusalOf(error);
      if (!refusal || refusal.kind === "role_too_low" || refusal.kind === "scope_missing") throw error;
      skip(refusal.message ?? "It was refused.");
    }
  }
  return result;
}

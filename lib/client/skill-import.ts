import type { JsonOf, SentBody } from "#contracts/routes.ts";
import { MAX_SKILL_BYTES } from "#domain/skills.ts";
import { ApiError, call } from "./api.ts";

export type ImportedSkills = JsonOf<"POST /api/v1/skills/import">;

const CHUNK = 0x8000;

async function base64Of(file: File): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = "";
  for (let at = 0; at < bytes.length; at += CHUNK)
    text += String.fromCharCode(...bytes.subarray(at, at + CHUNK));
  return btoa(text);
}

/** Bytes of an archive that the API takes, and of the file of a skill. */
const MAX_ARCHIVE_BYTES = 700_000;
/** An import from a git server waits for that. */
const REPOSITORY_MS = 120_000;

/** Too much is said before it is read and sent. */
function checkArchive(file: File | undefined): File {
  if (!file) throw new ApiError("Choose a file.", { code: "invalid_request", status: 400 });
  if (file.size <= MAX_ARCHIVE_BYTES) return file;
  throw new ApiError(
    `${file.name} is larger than the ${MAX_ARCHIVE_BYTES / 1_000} kB that an archive may have. Leave out what is no SKILL.md.`,
    { code: "too_large", status: 413 },
  );
}

/** Imports what a person has chosen: one archive, or the files of a folder, of which only each SKILL.md is read. */
export async function importFiles(files: readonly File[], replace: boolean): Promise<ImportedSkills> {
  const [first] = files;
  const isFolder = files.length > 1 || first?.webkitRelativePath !== "";
  if (!isFolder) {
    const body = { replace, archive_base64: await base64Of(checkArchive(first)) };
    return await call("POST /api/v1/skills/import", { body });
  }
  const found = files.filter(({ name }) => name === "SKILL.md");
  const pathOf = (file: File) => file.webkitRelativePath || file.name;
  const large = found.filter(({ size }) => size > MAX_SKILL_BYTES);
  const body = {
    replace,
    files: await Promise.all(
      found
        .filter((file) => !large.includes(file))
        .map(async (file) => ({ path: pathOf(file), content: await file.text() })),
    ),
  };
  const reason = `It has more than ${MAX_SKILL_BYTES} bytes.`;
  const left = large.map((file) => ({ path: pathOf(file), reason }));
  if (body.files.length === 0 && left.length > 0) return { created: [], updated: [], skipped: left };
  const result = await call("POST /api/v1/skills/import", { body });
  return { ...result, skipped: [...left, ...result.skipped] };
}

/** Imports every SKILL.md of a repository that one of the organization's git connections is for. */
export const importRepository = async (
  repository: NonNullable<SentBody<"POST /api/v1/skills/import">["repository"]>,
  replace: boolean,
): Promise<ImportedSkills> =>
  await call("POST /api/v1/skills/import", { body: { replace, repository }, timeoutMs: REPOSITORY_MS });

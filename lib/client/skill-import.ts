import type { JsonOf, SentBody } from "#contracts/routes.ts";
import { call } from "./api.ts";

export type ImportedSkills = JsonOf<"POST /api/v1/skills/import">;

const CHUNK = 0x8000;

async function base64Of(file: File): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = "";
  for (let at = 0; at < bytes.length; at += CHUNK)
    text += String.fromCharCode(...bytes.subarray(at, at + CHUNK));
  return btoa(text);
}

/** Imports what a person has chosen: one archive, or the files of a folder, of which only each SKILL.md is read. */
export async function importFiles(files: readonly File[], replace: boolean): Promise<ImportedSkills> {
  const [first] = files;
  const isFolder = files.length > 1 || first?.webkitRelativePath !== "";
  const body: SentBody<"POST /api/v1/skills/import"> = isFolder
    ? {
        replace,
        files: await Promise.all(
          files
            .filter(({ name }) => name === "SKILL.md")
            .map(async (file) => ({
              path: file.webkitRelativePath || file.name,
              content: await file.text(),
            })),
        ),
      }
    : { replace, archive_base64: first ? await base64Of(first) : "" };
  return await call("POST /api/v1/skills/import", { body });
}

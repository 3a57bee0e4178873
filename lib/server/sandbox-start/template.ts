import type { Sandbox } from "e2b";
import {
  MAX_TEMPLATE_VERSIONS_BYTES,
  TEMPLATE_VERSIONS_FILE,
  type TemplateVersions,
  templateVersionsSchema,
} from "#domain/template.ts";
import { readText } from "#net/body.ts";
import { log, messageOf } from "../log.ts";

const READ_MS = 10_000;

/** What a template's file says, or nothing: it may be older than the file, or not Studio's at all. Pure. */
export function versionsIn(text: string): TemplateVersions | null {
  if (text.length > MAX_TEMPLATE_VERSIONS_BYTES) return null;
  try {
    return templateVersionsSchema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

/** What the template of a sandbox says that it was built with; null where it says nothing. A start never fails for it. */
export async function templateVersionsOf(sandbox: Sandbox): Promise<TemplateVersions | null> {
  try {
    const body = await sandbox.files.read(TEMPLATE_VERSIONS_FILE, {
      format: "stream",
      requestTimeoutMs: READ_MS,
    });
    return versionsIn(await readText({ headers: new Headers(), body }, MAX_TEMPLATE_VERSIONS_BYTES));
  } catch (error) {
    log("info", "a template doesn't say what it was built with", { error: messageOf(error) });
    return null;
  }
}

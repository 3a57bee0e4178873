import { posix } from "node:path";
import type { Sandbox } from "e2b";
import type { z } from "zod";
import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import {
  type FilesAnswer,
  MAX_READ_BYTES,
  type WorkspaceFile,
  type writeFileBody,
} from "#contracts/files.ts";
import { DEADLINES, isLive } from "#domain/lifecycle.ts";
import { MAX_SAVED_DIFF_CHARS } from "#domain/limits.ts";
import type { Masker } from "#domain/mask.ts";
import { isProjectPath } from "#domain/project/workspace.ts";
import { roleAtLeast } from "#domain/roles.ts";
import type { Principal } from "#domain/principal.ts";
import { projectWatch } from "../changes/watch.ts";
import { actorOf, dataFor, serviceData } from "../convex/client.ts";
import { refuse } from "../http/refuse.ts";
import { asRefusal, openFile, readPath, writePath } from "../sandbox/files.ts";
import { openSandbox } from "../sandbox/sandbox.ts";
import { maskerOf } from "../keys/variables.ts";
import { openSavedFile, readSaved } from "./saved-files.ts";
import { maskedText, NotText } from "./masked-text.ts";

async function opened(sandboxId: string | null, idleTimeoutMs: number): Promise<Sandbox> {
  if (sandboxId === null) throw refuse("session_not_ready");
  try {
    return await openSandbox(sandboxId, idleTimeoutMs + DEADLINES.sandboxGraceMs);
  } catch (error) {
    throw asRefusal(error);
  }
}

/** The sandbox of a session that the caller may see. @throws HttpError session_stopped | not_ready */
export async function sandboxToSee(caller: Principal, sessionId: string): Promise<Sandbox> {
  const session = await dataFor(caller).query(api.sandboxSessions.get, { sessionId });
  if (!isLive(session.status)) throw refuse("session_sandbox_deleted");
  return await opened(session.sandboxId, session.idleTimeoutMs);
}

/** The sandbox of a session that the caller may drive; its idle clock restarts. */
export async function sandboxToDrive(caller: Principal, sessionId: string): Promise<Sandbox> {
  const kept = await dataFor(caller).mutation(api.sandboxSessions.keepalive, { sessionId });
  return await opened(kept.sandboxId, kept.idleTimeoutMs);
}

const mayUseKeys = (caller: Principal) => caller.kind !== "service" && roleAtLeast(caller.role, "member");

/** A folder or a file of a session's workspace; of one that has ended, as it was saved. */
export async function readWorkspace(
  caller: Principal,
  sessionId: string,
  path: string,
): Promise<FilesAnswer> {
  const session = await dataFor(caller).query(api.sandboxSessions.get, { sessionId });
  if (!isLive(session.status)) return await readSaved(session, path, mayUseKeys(caller));
  let found: FilesAnswer;
  try {
    found = await readPath(await sandboxToSee(caller, sessionId), path);
  } catch (error) {
    // It may have ended meanwhile, and its sandbox with it.
    const now = await dataFor(caller).query(api.sandboxSessions.get, { sessionId });
    if (isLive(now.status)) throw error;
    return await readSaved(now, path, mayUseKeys(caller));
  }
  // A copy of the workspace's `.env`, under whatever name, shows its keys to those who may not use them.
  if (found.kind !== "file" || found.content === null || mayUseKeys(caller)) return found;
  return { ...found, content: (await maskerOf(sessionId)).mask(found.content) };
}

/**
 * A file as those see it who may not use keys. What is not text may have keys in it that no mask finds.
 * @throws HttpError forbidden; what turns out later not to be text breaks off
 */
async function masked(body: ReadableStream<Uint8Array>, masker: Masker): Promise<ReadableStream<Uint8Array>> {
  const texts = maskedText(body, MAX_READ_BYTES, masker);
  const first = await texts.next().catch((error: unknown) => {
    throw error instanceof NotText ? refuse("file_masked") : error;
  });
  return new ReadableStream<Uint8Array>({
    start: (controller) => {
      if (!first.done) controller.enqueue(first.value);
    },
    pull: async (controller) => {
      const next = await texts.next();
      if (next.done) controller.close();
      else controller.enqueue(next.value);
    },
    cancel: async () => {
      await texts.return();
    },
  });
}

/** A file of a session's workspace as a download. */
export async function downloadFile(caller: Principal, sessionId: string, path: string): Promise<Response> {
  const session = await dataFor(caller).query(api.sandboxSessions.get, { sessionId });
  const isSaved = !isLive(session.status);
  if (isSaved && !mayUseKeys(caller)) throw refuse("file_masked");
  const body = isSaved
    ? await openSavedFile(session, path)
    : await openFile(await sandboxToSee(caller, sessionId), path);
  const name = encodeURIComponent(posix.basename(path)).replaceAll(
    /['()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return new Response(mayUseKeys(caller) ? body : await masked(body, await maskerOf(sessionId)), {
    headers: {
      "cache-control": "no-store",
      "content-type": "application/octet-stream",
      "content-disposition": `attachment; filename*=UTF-8''${name}`,
    },
  });
}

/** Saves a file for a person, and says so in the session's log. */
export async function writeWorkspace(
  caller: Exclude<Principal, { kind: "service" }>,
  sessionId: string,
  body: z.output<typeof writeFileBody>,
): Promise<WorkspaceFile> {
  const { file, before } = await writePath(await sandboxToDrive(caller, sessionId), body);
  if (before === body.content) return file;
  const small = (before?.length ?? 0) + body.content.length <= MAX_SAVED_DIFF_CHARS;
  const diff = { path: file.path, old_text: before, new_text: body.content };
  await serviceData().mutation(api.workspaceFiles.changed, {
    actor: actorOf(caller),
    sessionId,
    path: file.path,
    ...(small && { diff: (await maskerOf(sessionId)).maskValue(diff) }),
  });
  if (isProjectPath(file.path)) projectWatch().start(sessionId as Id<"sandboxSessions">);
  return file;
}

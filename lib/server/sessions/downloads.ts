import { randomUUID } from "node:crypto";
import { posix } from "node:path";
import type { Sandbox } from "e2b";
import { z } from "zod";
import type { archiveQuery } from "#contracts/git.ts";
import type { Principal } from "#domain/principal.ts";
import { roleAtLeast } from "#domain/roles.ts";
import { api } from "#convex/_generated/api.js";
import { isLive } from "#domain/lifecycle.ts";
import { dataFor } from "../convex/client.ts";
import { refuse } from "../http/refuse.ts";
import { log, messageOf } from "../log.ts";
import { asRefusal, outputOf, realFolder, SECRET_FILE } from "../sandbox/files.ts";
import { WORKSPACE } from "../sandbox/paths.ts";
import { printedBy } from "../sandbox/programs.ts";
import { sandboxToSee } from "./files.ts";
import { changesOf } from "./git.ts";
import { openSavedArchive } from "./saved-files.ts";

type Caller = Exclude<Principal, { kind: "service" }>;

/** Packing a large workspace takes its time. */
const PACK_MS = 180_000;
const MAX_OUTPUT = 64_000;
const MAX_ARCHIVE_BYTES = 2_000_000_000;

/** Secrets in what is packed or binary cannot be masked. */
function mayTake(caller: Caller): void {
  if (!roleAtLeast(caller.role, "member")) throw refuse("file_masked");
}

const asDownload = (body: BodyInit, media: string, name: string) =>
  new Response(body, {
    headers: {
      "cache-control": "no-store, no-transform",
      "content-type": media,
      "content-disposition": `attachment; filename="${name}"`,
    },
  });

/** All changes of a repository as `git apply` takes them. */
export async function sessionPatch(caller: Caller, sessionId: string, folder: string): Promise<Response> {
  mayTake(caller);
  const patch = await changesOf(caller, sessionId, "patch", { folder });
  return asDownload(new Uint8Array(patch), "text/x-diff", "changes.patch");
}

/** A stream whose file in the sandbox goes with its end. */
function untilRead(
  sandbox: Sandbox,
  file: string,
  body: ReadableStream<Uint8Array>,
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  const remove = async () =>
    await sandbox.files
      .remove(file)
      .catch((error: unknown) =>
        log("info", "an archive was left in its sandbox", { error: messageOf(error) }),
      );
  return new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      const { value, done } = await reader.read();
      if (!done) return controller.enqueue(value);
      await remove();
      controller.close();
    },
    cancel: async (reason) => {
      await reader.cancel(reason).catch(() => undefined);
      await remove();
    },
  });
}

const packed = z.union([
  z.object({ words: z.string().min(1).max(500) }),
  z.object({ files: z.number().int().nonnegative() }),
]);

/** Packs a folder into a file of the sandbox. */
const PACKERS = {
  "tar.gz": async (sandbox: Sandbox, folder: string, file: string) => {
    // A file that changes while it is packed is no failure: tar ends with 1 then.
    const pack = `tar -czf "$STUDIO_FILE" "$STUDIO_LEAVE_OUT" --exclude=node_modules --warning=no-file-changed -C "$STUDIO_FOLDER" . || [ $? -eq 1 ]`;
    const leaveOut = folder === WORKSPACE ? "--exclude=./.env" : "--exclude=./no-such-file-of-studio";
    const envs = { STUDIO_FILE: file, STUDIO_FOLDER: folder, STUDIO_LEAVE_OUT: leaveOut };
    await outputOf(sandbox, pack, envs, MAX_OUTPUT, PACK_MS);
  },
  zip: async (sandbox: Sandbox, folder: string, file: string) => {
    const wanted = { folder, file, leaveOut: SECRET_FILE };
    const env = { STUDIO_ARCHIVE: JSON.stringify(wanted) };
    const made = await printedBy(sandbox, { name: "archive", env, schema: packed, timeoutMs: PACK_MS });
    if ("words" in made) throw refuse("archive_failed", { words: made.words });
  },
};
const nameOf = (folder: string, format: string): string =>
  `${folder === WORKSPACE ? "workspace" : posix.basename(folder).replaceAll(/[^\w.-]/g, "_")}.${format}`;
const MEDIA = { "tar.gz": "application/gzip", zip: "application/zip" };

/**
 * A session's workspace, or a folder of it, as an archive: without what can be installed again and without the sandbox's
 * own keys; of one that has ended, as it was saved.
 */
export async function sessionArchive(
  caller: Caller,
  sessionId: string,
  format: keyof typeof PACKERS,
  { path = "" }: z.output<typeof archiveQuery>,
): Promise<Response> {
  mayTake(caller);
  const session = await dataFor(caller).query(api.sandboxSessions.get, { sessionId });
  if (!isLive(session.status)) {
    const { body, folder } = await openSavedArchive(session, path, format);
    return asDownload(body, MEDIA[format], nameOf(folder, format));
  }
  const sandbox = await sandboxToSee(caller, sessionId);
  const folder = await realFolder(sandbox, path);
  const file = `/tmp/studio-archive-${randomUUID()}.${format}`;
  try {
    await PACKERS[format](sandbox, folder, file);
    const { size } = await sandbox.files.getInfo(file);
    if (size > MAX_ARCHIVE_BYTES) {
      await sandbox.files.remove(file);
      throw refuse("file_too_large", { maxBytes: MAX_ARCHIVE_BYTES });
    }
    const body = await sandbox.files.read(file, { format: "stream" });
    return asDownload(untilRead(sandbox, file, body), MEDIA[format], nameOf(folder, format));
  } catch (error) {
    throw asRefusal(error);
  }
}

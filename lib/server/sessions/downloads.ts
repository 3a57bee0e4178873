import { randomUUID } from "node:crypto";
import type { Sandbox } from "e2b";
import type { Principal } from "#domain/principal.ts";
import { roleAtLeast } from "#domain/roles.ts";
import { refuse } from "../http/refuse.ts";
import { log, messageOf } from "../log.ts";
import { asRefusal, outputOf } from "../sandbox/files.ts";
import { WORKSPACE } from "../sandbox/paths.ts";
import { sandboxToSee } from "./files.ts";
import { changesOf } from "./git.ts";

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

/** A live session's workspace as an archive, without what can be installed again and without the sandbox's own keys. */
export async function sessionArchive(caller: Caller, sessionId: string): Promise<Response> {
  mayTake(caller);
  const sandbox = await sandboxToSee(caller, sessionId);
  const file = `/tmp/studio-archive-${randomUUID()}.tar.gz`;
  try {
    // A file that changes while it is packed is no failure: tar ends with 1 then.
    const pack = `tar -czf ${file} --exclude=./.env --exclude=node_modules --warning=no-file-changed -C ${WORKSPACE} . || [ $? -eq 1 ]`;
    await outputOf(sandbox, pack, {}, MAX_OUTPUT, PACK_MS);
    const { size } = await sandbox.files.getInfo(file);
    if (size > MAX_ARCHIVE_BYTES) {
      await sandbox.files.remove(file);
      throw refuse("file_too_large", { maxBytes: MAX_ARCHIVE_BYTES });
    }
    const body = await sandbox.files.read(file, { format: "stream" });
    return asDownload(untilRead(sandbox, file, body), "application/gzip", "workspace.tar.gz");
  } catch (error) {
    throw asRefusal(error);
  }
}

import { createHash } from "node:crypto";
import { posix } from "node:path";
import type { Id } from "#convex/_generated/dataModel.js";
import { type FileEntry, type FilesAnswer, MAX_ENTRIES, MAX_READ_BYTES } from "#contracts/files.ts";
import type { Session } from "#domain/session.ts";
import { type SavedEntry, type SavedWorkspace, savedWorkspace } from "../checkpoints/saved-workspace.ts";
import { refuse } from "../http/refuse.ts";
import { textOf } from "../sandbox/files.ts";
import { inWorkspace, WORKSPACE } from "../sandbox/paths.ts";

const open = async ({ id, checkpointId }: Session): Promise<SavedWorkspace> =>
  await savedWorkspace(id as Id<"sandboxSessions">, checkpointId);

function shown({ name, kind, size }: SavedEntry): FileEntry {
  const text = name.toString("utf8");
  return {
    name: text,
    ...(!Buffer.from(text).equals(name) && { nameBytes: name.toString("base64") }),
    kind,
    size,
    modifiedAt: null,
    link: kind === "link",
    readable: true,
  };
}

/** Folders first, then by name. */
const inOrder = (entries: SavedEntry[]): SavedEntry[] =>
  entries.toSorted(
    (a, b) => Number(b.kind === "folder") - Number(a.kind === "folder") || Buffer.compare(a.name, b.name),
  );

async function found(session: Session, path: string) {
  const place = posix.relative(WORKSPACE, inWorkspace(path));
  // It holds the keys that the sandbox's tools use.
  if (place === ".env") throw refuse("env_file_hidden");
  const workspace = await open(session);
  const entry = await workspace.at(place);
  if (!entry) throw refuse("file_not_found");
  return { workspace, entry, place };
}

/**
 * A folder or a file of an ended session, as it was saved.
 * @param mayRead whether the caller may see what is in files: their secrets are no longer known, and so not hidden
 * @throws HttpError session_stopped | not_found | forbidden | too_large
 */
export async function readSaved(session: Session, path: string, mayRead: boolean): Promise<FilesAnswer> {
  const { workspace, entry, place } = await found(session, path);
  if (entry.kind === "folder") {
    const entries = inOrder(await workspace.entries(entry));
    return {
      kind: "folder",
      path: place,
      entries: entries.slice(0, MAX_ENTRIES).map(shown),
      truncated: entries.length > MAX_ENTRIES,
    };
  }
  if (!mayRead) throw refuse("file_masked");
  if (entry.kind === "link") throw refuse("path_unusable");
  if (entry.size > MAX_READ_BYTES) throw refuse("file_too_large", { maxBytes: MAX_READ_BYTES });
  const bytes = await workspace.read(entry, MAX_READ_BYTES);
  const content = textOf(bytes);
  return {
    kind: "file",
    path: place,
    size: bytes.length,
    modifiedAt: null,
    hash: createHash("sha256").update(bytes).digest("hex"),
    encoding: content === null ? "unknown" : "utf-8",
    content,
  };
}

/** A file's bytes as it was saved. @throws HttpError as for reading */
export async function openSavedFile(session: Session, path: string): Promise<ReadableStream<Uint8Array>> {
  const { workspace, entry } = await found(session, path);
  if (entry.kind === "folder") throw refuse("path_of_folder");
  if (entry.kind === "link") throw refuse("path_unusable");
  return workspace.open(entry);
}

/** A folder as it was saved, as an archive without the sandbox's own keys. @throws HttpError as for reading */
export async function openSavedArchive(
  session: Session,
  path: string,
  format: "tar.gz" | "zip",
): Promise<{ body: ReadableStream<Uint8Array>; folder: string }> {
  const { workspace, entry, place } = await found(session, path);
  if (entry.kind !== "folder") throw refuse("path_of_no_folder");
  return { body: workspace.archive(entry, format), folder: posix.join(WORKSPACE, place) };
}

import { createHash } from "node:crypto";
import { posix } from "node:path";
import { FileNotFoundError, InvalidArgumentError, type Sandbox, SandboxError } from "e2b";
import { z } from "zod";
import {
  type FilesAnswer,
  folderSchema,
  MAX_ENTRIES,
  MAX_READ_BYTES,
  type WorkspaceFile,
  type writeFileBody,
} from "#contracts/files.ts";
import { readBytes, TooLarge } from "#net/body.ts";
import { HttpError } from "../http/error.ts";
import { refuse } from "../http/refuse.ts";
import { inWorkspace, isInWorkspace, WORKSPACE } from "./paths.ts";
import { isGone } from "./sandbox.ts";

const COMMAND_MS = 10_000;
const MAX_OUTPUT_CHARACTERS = 64_000;
/** A thousand names of 255 bytes, each with its bytes, and what is said of them. */
const MAX_LISTING_CHARACTERS = 3_000_000;
const OUTPUT_LOOK_MS = 20;

/** It holds the keys that the sandbox's tools use, which are nobody's to read here. */
export const SECRET_FILE = `${WORKSPACE}/.env`;

/** What a failure of the sandbox means for whoever asked. */
export function asRefusal(error: unknown): unknown {
  if (error instanceof HttpError) return error;
  if (error instanceof FileNotFoundError) return refuse("file_not_found");
  if (isGone(error)) return refuse("sandbox_gone");
  if (error instanceof InvalidArgumentError) return refuse("path_unusable");
  if (error instanceof SandboxError) return refuse("sandbox_silent");
  return error;
}

/**
 * What a short command prints, as far as it is short: the SDK would keep all of it, and what is on a sandbox's path may be
 * its tenant's own.
 * @throws HttpError upstream_failed where it prints more
 */
export async function outputOf(
  sandbox: Sandbox,
  command: string,
  envs: Record<string, string> = {},
  maxCharacters = MAX_OUTPUT_CHARACTERS,
  timeoutMs = COMMAND_MS,
): Promise<string> {
  let size = 0;
  const handle = await sandbox.commands.run(command, { background: true, envs, timeoutMs });
  const printed = new Promise<never>((_, reject) => {
    const timer = setInterval(() => {
      size = handle.stdout.length + handle.stderr.length;
      if (size <= maxCharacters) return;
      reject(refuse("sandbox_endless"));
    }, OUTPUT_LOOK_MS);
    const stop = () => clearInterval(timer);
    handle.wait().then(stop, stop);
  });
  try {
    return (await Promise.race([handle.wait(), printed])).stdout;
  } finally {
    if (size > maxCharacters) await handle.disconnect();
  }
}

const shown = z.object({
  /** Missing where links lead in a circle, or what is there may not be looked at. */
  real: z.string().optional(),
  kind: z.enum(["file", "folder", "link", "socket", "pipe", "device", "unknown", "none"]),
  size: z.number().int().optional(),
  modifiedAt: z.number().nullable().optional(),
  entries: folderSchema.shape.entries.optional(),
  truncated: z.boolean().optional(),
});
type Shown = z.infer<typeof shown> & { real: string };

/** What is refused of a path; all else that is no file is neither a file nor a folder. */
const REFUSALS: Partial<Record<Shown["kind"], "file_not_found" | "path_of_folder" | "path_unusable">> = {
  none: "file_not_found",
  folder: "path_of_folder",
  unknown: "path_unusable",
};

/**
 * What is at a path, and where it really leads: with one call, of a program of the template
 * (sandbox-template/agent/files.ts), since the SDK's listing leaves out what is no file or folder.
 * @throws HttpError invalid_request where that is outside of the workspace
 */
async function show(sandbox: Sandbox, absolute: string): Promise<Shown> {
  const command = `exec /opt/studio/bin/node /opt/studio/agent/files.mjs show ${MAX_ENTRIES}`;
  const envs = { STUDIO_PATH: absolute, STUDIO_ROOT: WORKSPACE };
  const parsed = shown.safeParse(parseJson(await outputOf(sandbox, command, envs, MAX_LISTING_CHARACTERS)));
  if (!parsed.success) throw refuse("sandbox_silent");
  const { real } = parsed.data;
  if (real === undefined) throw refuse("path_unusable");
  if (!isInWorkspace(real)) throw refuse("path_leads_out");
  if (real === SECRET_FILE) throw refuse("env_file_hidden");
  return { ...parsed.data, real };
}

function folderOf({ entries, truncated = false }: Shown, path: string): FilesAnswer {
  if (!entries) throw refuse("folder_unreadable");
  return { kind: "folder", path, entries, truncated };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const hashOf = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

/** Bytes as text; null where they are none. */
export function textOf(bytes: Uint8Array): string | null {
  if (bytes.includes(0)) return null;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

async function readFile(sandbox: Sandbox, found: Shown, path: string): Promise<WorkspaceFile> {
  const tooLarge = () => refuse("file_too_large", { maxBytes: MAX_READ_BYTES });
  if ((found.size ?? 0) > MAX_READ_BYTES) throw tooLarge();
  // It may have grown since, or never end.
  const body = await sandbox.files.read(found.real, { format: "stream" });
  const bytes = await readBytes({ headers: new Headers(), body }, MAX_READ_BYTES).catch((error: unknown) => {
    throw error instanceof TooLarge ? tooLarge() : error;
  });
  const { length } = bytes;
  const content = textOf(bytes);
  return {
    kind: "file",
    path,
    size: length,
    modifiedAt: found.modifiedAt ?? null,
    hash: hashOf(bytes),
    encoding: content === null ? "unknown" : "utf-8",
    content,
  };
}

/**
 * The bytes of a file as they come, of any number.
 * @throws HttpError not_found | invalid_request | forbidden | upstream_failed
 */
export async function openFile(sandbox: Sandbox, path: string): Promise<ReadableStream<Uint8Array>> {
  try {
    const { real, kind } = await show(sandbox, inWorkspace(path));
    if (kind !== "file") throw refuse(REFUSALS[kind] ?? "path_of_neither");
    return await sandbox.files.read(real, { format: "stream" });
  } catch (error) {
    throw asRefusal(error);
  }
}

/**
 * Where a folder of the workspace really is.
 * @throws HttpError not_found | invalid_request | forbidden | upstream_failed
 */
export async function realFolder(sandbox: Sandbox, path: string): Promise<string> {
  try {
    const { real, kind } = await show(sandbox, inWorkspace(path));
    if (kind !== "folder") throw refuse(REFUSALS[kind] ?? "path_of_no_folder");
    return real;
  } catch (error) {
    throw asRefusal(error);
  }
}

const relative = (absolute: string) => posix.relative(WORKSPACE, absolute);

async function readShown(sandbox: Sandbox, found: Shown, path: string): Promise<FilesAnswer> {
  if (found.kind === "folder") return folderOf(found, path);
  if (found.kind === "file") return await readFile(sandbox, found, path);
  throw refuse(REFUSALS[found.kind] ?? "path_of_neither");
}

/**
 * A folder's entries, or a file with its text.
 * @param path relative to the workspace; links are followed, and may not lead out of it
 * @throws HttpError not_found | invalid_request | forbidden | too_large | upstream_failed
 */
export async function readPath(sandbox: Sandbox, path: string): Promise<FilesAnswer> {
  const asked = inWorkspace(path);
  try {
    return await readShown(sandbox, await show(sandbox, asked), relative(asked));
  } catch (error) {
    throw asRefusal(error);
  }
}

/**
 * Saves a file if it still is as it was read.
 * @returns the file as it is now, and its text before; null where it is new
 * @throws HttpError file_changed where it is not, and what reading throws
 */
export async function writePath(
  sandbox: Sandbox,
  body: z.output<typeof writeFileBody>,
): Promise<{ file: WorkspaceFile; before: string | null }> {
  const asked = inWorkspace(body.path);
  const path = relative(asked);
  try {
    const found = await show(sandbox, asked);
    const { real } = found;
    const before = found.kind === "none" ? null : await readShown(sandbox, found, path);
    if (before?.kind === "folder") throw refuse("path_of_folder");
    if ((before?.hash ?? null) !== body.expectedHash) throw refuse(before ? "file_changed" : "file_gone");
    // Saving text over it would lose bytes that nobody has seen.
    if (before?.encoding === "unknown") throw refuse("file_not_text");
    await sandbox.files.write(real, body.content);
    const info = await sandbox.files.getInfo(real);
    const bytes = new TextEncoder().encode(body.content);
    return {
      file: {
        kind: "file",
        path,
        size: bytes.length,
        modifiedAt: info.modifiedTime?.getTime() ?? null,
        hash: hashOf(bytes),
        encoding: "utf-8",
        content: body.content,
      },
      before: before?.content ?? null,
    };
  } catch (error) {
    throw asRefusal(error);
  }
}

/**
 * Makes a file what is said, whatever it is now.
 * @param content null removes it
 * @throws HttpError file_changed where somebody writes it meanwhile, and what reading throws
 */
export async function setFile(sandbox: Sandbox, path: string, content: string | null): Promise<void> {
  const asked = inWorkspace(path);
  try {
    const { kind } = await show(sandbox, asked);
    if (kind !== "none" && kind !== "file") throw refuse(REFUSALS[kind] ?? "path_of_neither");
    if (content === null) {
      // The link itself, where it is one: what it leads to may be another's file.
      if (kind === "file") await sandbox.files.remove(asked);
      return;
    }
    const before = kind === "file" ? await readPath(sandbox, path) : null;
    await writePath(sandbox, { path, content, expectedHash: before?.kind === "file" ? before.hash : null });
  } catch (error) {
    throw asRefusal(error);
  }
}

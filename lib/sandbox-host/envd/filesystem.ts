import { execFile } from "node:child_process";
import type { Stats } from "node:fs";
import fs from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { count, type Message, RpcError, text } from "./rpc.ts";
import { readMetadata } from "./metadata.ts";
import { resolvePath, type User } from "./users.ts";

const PERMISSION_BITS = ["r", "w", "x"] as const;

/** `rwxr-xr--` for the nine permission bits. */
function permissionText(mode: number): string {
  return [6, 3, 0]
    .flatMap((shift) => PERMISSION_BITS.map((bit, i) => ((mode >> shift) & (4 >> i) ? bit : "-")))
    .join("");
}

function fileType(stats: Stats): string {
  if (stats.isDirectory()) return "FILE_TYPE_DIRECTORY";
  if (stats.isFile()) return "FILE_TYPE_FILE";
  return stats.isSymbolicLink() ? "FILE_TYPE_SYMLINK" : "FILE_TYPE_UNSPECIFIED";
}

const NAME_OF_ID: Record<number, string> = { 0: "root", 1000: "user", 65534: "nobody" };

/** E2B's `EntryInfo` of a path. A link has its target's type, and its own size and mode. */
export async function entryInfo(file: string): Promise<Message> {
  const own = await fs.lstat(file);
  const isLink = own.isSymbolicLink();
  // A dangling link has neither a target nor a type of its own to follow.
  const target = isLink ? await fs.realpath(file).catch(() => file) : undefined;
  const followed = isLink ? await fs.stat(file).catch(() => own) : own;
  const metadata = own.isFile() || own.isDirectory() ? readMetadata(file) : undefined;
  const kind = isLink ? "L" : own.isDirectory() ? "d" : "-";
  return {
    name: path.basename(file),
    type: fileType(followed),
    path: file,
    size: String(own.size),
    mode: own.mode & 0o777,
    permissions: kind + permissionText(own.mode),
    owner: NAME_OF_ID[own.uid] ?? String(own.uid),
    group: NAME_OF_ID[own.gid] ?? String(own.gid),
    modifiedTime: own.mtime.toISOString(),
    ...(target !== undefined && { symlinkTarget: target }),
    ...(metadata && { metadata }),
  };
}

async function makeDir(message: Message, user: User): Promise<Message> {
  const target = resolvePath(text(message, "path") ?? "", user);
  const existing = await fs.stat(target).catch(() => undefined);
  if (existing?.isDirectory()) throw new RpcError("already_exists", `directory already exists: ${target}`);
  if (existing) throw new RpcError("invalid_argument", `path exists and is not a directory: ${target}`);
  await fs.mkdir(target, { recursive: true });
  return { entry: await entryInfo(target) };
}

async function move(message: Message, user: User): Promise<Message> {
  const source = resolvePath(text(message, "source") ?? "", user);
  const destination = resolvePath(text(message, "destination") ?? "", user);
  await fs.mkdir(path.dirname(destination), { recursive: true });
  try {
    await fs.rename(source, destination);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EXDEV") throw error;
    // Home, workspace and /tmp are separate mounts, between which rename(2) does not work.
    await promisify(execFile)("mv", ["-T", "--", source, destination]);
  }
  return { entry: await entryInfo(destination) };
}

async function remove(message: Message, user: User): Promise<Message> {
  await fs.rm(resolvePath(text(message, "path") ?? "", user), { recursive: true, force: true });
  return {};
}

async function listDir(message: Message, user: User): Promise<Message> {
  const asked = resolvePath(text(message, "path") ?? "", user);
  const maxDepth = count(message, "depth") || 1;
  const root = await fs.realpath(asked);
  if (!(await fs.stat(root)).isDirectory()) {
    throw new RpcError("invalid_argument", `path is not a directory: ${asked}`);
  }
  const entries: Message[] = [];
  const walk = async (dir: string, depth: number): Promise<void> => {
    const names = (await fs.readdir(dir)).toSorted();
    for (const name of names) {
      const full = path.join(dir, name);
      // An entry can vanish between being listed and being looked at.
      const info = await entryInfo(full).catch(() => undefined);
      if (!info) continue;
      entries.push({ ...info, path: path.join(asked, path.relative(root, full)) });
      const isLink = info["symlinkTarget"] !== undefined;
      if (depth < maxDepth && !isLink && info["type"] === "FILE_TYPE_DIRECTORY") await walk(full, depth + 1);
    }
  };
  await walk(root, 1);
  return { entries };
}

async function stat(message: Message, user: User): Promise<Message> {
  return { entry: await entryInfo(resolvePath(text(message, "path") ?? "", user)) };
}

/** The unary methods of `filesystem.Filesystem`. */
export const filesystemMethods: Record<string, (message: Message, user: User) => Promise<Message>> = {
  Stat: stat,
  MakeDir: makeDir,
  Move: move,
  Remove: remove,
  ListDir: listDir,
};

import { type Stats, watch } from "node:fs";
import fs from "node:fs/promises";
import path from "node:path";
import { entryInfo } from "./filesystem.ts";
import { flag, type Message, RpcError, type ServerStream, text, toRpcError } from "./rpc.ts";
import { resolvePath, type User } from "./users.ts";

interface Seen {
  mode: number;
  content: string;
}

const seenOf = (stats: Stats): Seen => ({ mode: stats.mode, content: `${stats.mtimeMs}:${stats.size}` });

/** Files below `root` by relative name, to tell a creation from a change. */
async function snapshot(root: string, recursive: boolean): Promise<Map<string, Seen>> {
  const seen = new Map<string, Seen>();
  for (const name of await fs.readdir(root, { recursive })) {
    const stats = await fs.lstat(path.join(root, name)).catch(() => undefined);
    if (stats) seen.set(name, seenOf(stats));
  }
  return seen;
}

/** The event types that a file's new state means, given what was known of it. */
function eventsOf(before: Seen | undefined, now: Seen | undefined, isFilledFile: boolean): string[] {
  if (!now) return before ? ["REMOVE"] : [];
  if (!before) return isFilledFile ? ["CREATE", "WRITE"] : ["CREATE"];
  const events = [];
  if (before.content !== now.content) events.push("WRITE");
  if (before.mode !== now.mode) events.push("CHMOD");
  return events;
}

/** Streams `filesystem.Filesystem/WatchDir`: a start event, then one event a change until the reader leaves. */
export async function watchDir(message: Message, user: User, stream: ServerStream): Promise<void> {
  const root = resolvePath(text(message, "path") ?? "", user);
  const recursive = flag(message, "recursive") ?? false;
  const includeEntry = flag(message, "includeEntry") ?? false;
  if (!(await fs.stat(root)).isDirectory()) {
    throw new RpcError("invalid_argument", `path is not a directory: ${root}`);
  }
  let queue = Promise.resolve();
  const seen = await snapshot(root, recursive);
  const report = async (name: string): Promise<void> => {
    const file = path.join(root, name);
    const stats = await fs.lstat(file).catch(() => undefined);
    const now = stats && seenOf(stats);
    const types = eventsOf(seen.get(name), now, stats?.isFile() === true && stats.size > 0);
    if (now) seen.set(name, now);
    else seen.delete(name);
    for (const type of types) {
      const entry = includeEntry && now ? await entryInfo(file).catch(() => undefined) : undefined;
      stream.send({ filesystem: { name, type: `EVENT_TYPE_${type}`, ...(entry && { entry }) } });
    }
  };
  const watcher = watch(root, { recursive }, (_kind, name) => {
    if (name === null) return;
    // One at a time, so that events keep the order of the changes.
    queue = queue.then(() => report(name)).catch((error: unknown) => stream.end(toRpcError(error)));
  });
  watcher.on("error", (error) => stream.end(toRpcError(error)));
  stream.onClose(() => watcher.close());
  stream.send({ start: {} });
}

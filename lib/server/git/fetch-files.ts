import { api } from "#convex/_generated/api.js";
import { isObjectId, isRefName } from "#domain/git.ts";
import type { Principal } from "#domain/principal.ts";
import { TooLarge } from "#net/body.ts";
import { DELIM, FLUSH, NotPktLine, pktLine, PktReader } from "#net/pkt-line.ts";
import { SavedWorkspace } from "../checkpoints/saved-workspace.ts";
import { actorOf, serviceData } from "../convex/client.ts";
import { HttpError } from "../http/error.ts";
import { refuse } from "../http/refuse.ts";
import { log, messageOf } from "../log.ts";
import { serverOf } from "./connections.ts";
import { askGit, findRef, type GitServer, gitHostOf, refusedBy } from "./remote.ts";

const SERVICE = "git-upload-pack";
const V2 = { "git-protocol": "version=2" };
/** Somebody waits for it. */
const FETCH_MS = 60_000;
const FIND_MS = 15_000;
const MAX_PACK_BYTES = 32_000_000;
const MAX_LISTING_BYTES = 8_000_000;
const MAX_ADVERTISED_BYTES = 100_000;

/** A file of a repository; null in place of its bytes where it is a link, or has more than were asked for. */
export interface RepositoryFile {
  path: string;
  bytes: Buffer | null;
}

interface From {
  server: GitServer;
  names: { repository: string; remotePath: string };
  signal: AbortSignal;
}

/** A request to a repository that its server takes. @throws HttpError git_failed */
async function askUploadPack(
  { server, names, signal }: From,
  tail: string,
  kind: "advertisement" | "result",
  init: { method?: string; body?: Buffer } = {},
): Promise<ReadableStream<Uint8Array>> {
  const headers = { ...V2, ...(init.body && { "content-type": `application/x-${SERVICE}-request` }) };
  const answer = await askGit(server, names.remotePath, tail, { ...init, headers, signal });
  const wrong = refusedBy(server, names.repository, answer, `application/x-${SERVICE}-${kind}`, SERVICE);
  if (!wrong && answer.body) return answer.body;
  await answer.body?.cancel();
  throw wrong ?? refuse("git_not_git", { host: gitHostOf(server), status: answer.status });
}

/** Whether a server can leave out what is not asked for. @throws HttpError git_failed where it speaks too old a git */
async function canFilter(from: From): Promise<boolean> {
  const body = await askUploadPack(from, `info/refs?service=${SERVICE}`, "advertisement");
  const reader = new PktReader(body, MAX_ADVERTISED_BYTES);
  try {
    let isV2 = false;
    for (let line = await reader.next(); line !== null; line = await reader.next()) {
      if (typeof line === "string") {
        if (line === "flush" && isV2) return false;
        continue;
      }
      const text = line.toString("latin1").trimEnd();
      if (text === "version 2") isV2 = true;
      else if (!isV2 && !text.startsWith("# service=")) break;
      if (text.startsWith("fetch=")) return text.slice("fetch=".length).split(" ").includes("filter");
    }
  } finally {
    await reader.end();
  }
  throw refuse("git_too_old", { host: gitHostOf(from.server) });
}

/** The pack in the answer to a fetch: https://git-scm.com/docs/gitprotocol-v2#_fetch. @throws NotPktLine | TooLarge */
function packIn(body: ReadableStream<Uint8Array>, maxBytes: number): ReadableStream<Uint8Array> {
  const reader = new PktReader(body, maxBytes);
  let begun = false;
  return new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      for (;;) {
        const line = await reader.next();
        if (line === null || (begun && line === "flush")) {
          if (!begun) throw new NotPktLine();
          await reader.end();
          return controller.close();
        }
        if (typeof line === "string") continue;
        if (!begun) {
          if (line.toString("latin1", 0, 4) === "ERR ") throw new NotPktLine();
          begun = line.toString("latin1").trimEnd() === "packfile";
        } else if (line[0] === 1) return controller.enqueue(line.subarray(1));
        // Band 2 is progress, and 3 an end before the end.
        else if (line[0] !== 2) throw new NotPktLine();
      }
    },
    cancel: async () => await reader.end(),
  });
}

/** Fetches objects without anything that they come from. */
const packOf = async (from: From, wants: readonly string[], more: readonly string[], maxBytes: number) =>
  packIn(
    await askUploadPack(from, SERVICE, "result", {
      method: "POST",
      body: Buffer.concat([
        pktLine("command=fetch\n"),
        DELIM,
        ...["no-progress", "ofs-delta", ...wants.map((oid) => `want ${oid}`), ...more, "done"].map((arg) =>
          pktLine(`${arg}\n`),
        ),
        FLUSH,
      ]),
    }),
    maxBytes,
  );

interface Listed {
  isFile: boolean;
  oid: string;
  path: string;
}

/** The entries of `git ls-tree -r -z`. */
function entriesIn(listed: Buffer): Listed[] {
  return listed
    .toString("utf8")
    .split("\0")
    .flatMap((entry) => {
      const [, mode = "", oid = "", place = ""] = /^(\d{6}) \w+ ([0-9a-f]+)\t([\s\S]+)$/.exec(entry) ?? [];
      return place === "" ? [] : [{ isFile: mode.startsWith("100"), oid, path: place }];
    });
}

export interface FilesWanted {
  /** A folder in it, alone. */
  folder?: string | undefined;
  isWanted: (path: string) => boolean;
  maxFiles: number;
  maxBytes: number;
  /** Of all that its server sends for them. */
  maxPackBytes?: number;
}

async function filesFrom(from: From, commit: string, wanted: FilesWanted): Promise<RepositoryFile[]> {
  const { folder, isWanted, maxFiles, maxBytes, maxPackBytes = MAX_PACK_BYTES } = wanted;
  const filters = await canFilter(from);
  // Git's objects in a folder of this machine, as saved workspaces have them: with its bounds, and without a working tree.
  const objects = await SavedWorkspace.temporary(commit);
  try {
    const without = filters ? ["filter blob:none"] : [];
    await objects.load([async () => await packOf(from, [commit], ["deepen 1", ...without], maxPackBytes)]);
    const only = folder === undefined ? [] : ["--", `${folder}/`];
    const { out, whole } = await objects.print(["ls-tree", "-r", "-z", commit, ...only], MAX_LISTING_BYTES);
    const found = entriesIn(out).filter((entry) => isWanted(entry.path));
    if (!whole || found.length > maxFiles) throw refuse("archive_entries", { limit: maxFiles });
    const oids = [...new Set(found.filter(({ isFile }) => isFile).map(({ oid }) => oid))];
    if (filters && oids.length > 0)
      await objects.load([async () => await packOf(from, oids, [], maxPackBytes)]);
    const files: RepositoryFile[] = [];
    for (const { isFile, oid, path: place } of found) {
      const read = isFile ? await objects.print(["cat-file", "blob", oid], maxBytes) : null;
      files.push({ path: place, bytes: read?.whole ? read.out : null });
    }
    return files;
  } finally {
    await objects.remove();
  }
}

/**
 * Some files of a repository as they are at a branch, tag or commit.
 * @throws HttpError invalid_request | git_failed
 */
export async function filesOnServer(
  server: GitServer,
  names: From["names"],
  wanted: FilesWanted & { ref?: string | undefined },
): Promise<RepositoryFile[]> {
  const { commit } = await findRef(server, names, wanted.ref, FIND_MS);
  const host = gitHostOf(server);
  const signal = AbortSignal.timeout(FETCH_MS);
  try {
    return await filesFrom({ server, names, signal }, commit, wanted);
  } catch (error) {
    if (signal.aborted) throw refuse("git_silent", { host, seconds: FETCH_MS / 1_000 });
    if (error instanceof HttpError) throw error;
    const { repository } = names;
    if (error instanceof TooLarge)
      throw refuse("git_import_too_large", { repository, maxBytes: wanted.maxPackBytes ?? MAX_PACK_BYTES });
    log("info", "a repository could not be read", { host, error: messageOf(error) });
    throw refuse("git_pack_unreadable", { host, repository });
  }
}

/**
 * The same of a repository that one of the organization's connections is for.
 * @param place `ref`: a branch, a tag, or a commit's whole id; by default the main branch
 * @throws HttpError not_found | forbidden | invalid_request | git_failed | key_unreadable
 */
export async function repositoryFiles(
  caller: Exclude<Principal, { kind: "service" }>,
  place: { connection: string; url: string; ref?: string | undefined },
  wanted: FilesWanted,
): Promise<RepositoryFile[]> {
  const { connection, url, ref } = place;
  if (ref !== undefined && !isObjectId(ref) && !isRefName(ref)) throw refuse("git_ref_malformed", { ref });
  const names = await serviceData().query(api.sessionRepositories.resolve, {
    actor: actorOf(caller),
    connection,
    url,
  });
  const server = await serverOf(caller.organizationId, connection);
  if (!server) throw refuse("git_connection_not_found", { connection });
  return await filesOnServer(server, names, { ...wanted, ref });
}

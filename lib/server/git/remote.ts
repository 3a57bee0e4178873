/** This folder is Studio's way to git servers: connections, their credentials, and the endpoint for sandboxes. */

import type { GitKind } from "#domain/git.ts";
import { isObjectId } from "#domain/git.ts";
import { causesOf, transportKindOf } from "#net/transport.ts";
import { NotPktLine, DELIM, FLUSH, pktLine, PktReader } from "#net/pkt-line.ts";
import { TooLarge } from "#net/body.ts";
import { HttpError } from "../http/error.ts";
import { refuse } from "../http/refuse.ts";
import { guardPolicy } from "../keys/provider-keys.ts";
import { log } from "../log.ts";
import { ForbiddenAddress, guardedFetch, type GuardedInit } from "../net/guarded-fetch.ts";
import { env } from "../env.ts";
import { Silent } from "../http/watched.ts";

/** How a git server is reached and signed in to. */
export interface GitServer {
  slug: string;
  kind: GitKind;
  baseUrl: string;
  username: string;
  token: string;
}

export type GitService = "git-upload-pack" | "git-receive-pack";

export const gitHostOf = ({ baseUrl }: Pick<GitServer, "baseUrl">): string =>
  URL.canParse(baseUrl) ? new URL(baseUrl).host : "The git server";

/** How long a git server may send nothing before it has begun, and in between. */
export const silenceMs = (): number => env().STUDIO_GIT_SILENCE_SECONDS * 1_000;

const basic = ({ username, token }: GitServer) =>
  `Basic ${Buffer.from(`${username}:${token}`).toString("base64")}`;

/** What is still being sent is no silence. */
const touching = (timer: NodeJS.Timeout) =>
  new TransformStream<Uint8Array, Uint8Array>({
    transform: (piece, controller) => {
      timer.refresh();
      controller.enqueue(piece);
    },
  });

/**
 * A request to a repository on its server, signed in. The answer has begun when this returns, whatever it is.
 * @param remotePath of the repository, as its server is asked for it
 * @throws HttpError git_failed with a sentence: it was not reached, may not be, or did not answer
 */
export async function askGit(
  server: GitServer,
  remotePath: string,
  tail: string,
  init: GuardedInit & { waitMs?: number } = {},
): Promise<Response> {
  const host = gitHostOf(server);
  const url = `${server.baseUrl.replace(/\/+$/, "")}/${remotePath}/${tail}`;
  const { waitMs = silenceMs(), signal, ...rest } = init;
  const silent = new AbortController();
  const timer = setTimeout(() => silent.abort(new Silent()), waitMs);
  const sent = rest.body instanceof ReadableStream ? { body: rest.body.pipeThrough(touching(timer)) } : {};
  try {
    return await guardedFetch(
      url,
      {
        ...rest,
        ...sent,
        headers: {
          "user-agent": "git/2.0 (Studio)",
          "accept-encoding": "identity",
          ...Object.fromEntries(new Headers(init.headers)),
          authorization: basic(server),
        },
        signal: signal ? AbortSignal.any([signal, silent.signal]) : silent.signal,
      },
      guardPolicy(),
    );
  } catch (error) {
    if (silent.signal.aborted) throw refuse("git_silent", { host, seconds: Math.round(waitMs / 1_000) });
    if (error instanceof ForbiddenAddress) throw refuse("git_address_forbidden", { fault: error.message });
    log("info", "a git server could not be reached", { host, error: causesOf(error) });
    throw transportKindOf(error) === "timeout"
      ? refuse("git_silent", { host, seconds: Math.round(waitMs / 1_000) })
      : refuse("git_unreachable", { host });
  } finally {
    clearTimeout(timer);
  }
}

/** What a git server means that does not answer a request as git does; null where it does. */
export function refusedBy(
  server: GitServer,
  repository: string,
  answer: { status: number; headers: Headers },
  media: string,
  service: GitService,
): HttpError | null {
  const host = gitHostOf(server);
  const { status } = answer;
  if (status === 401) return refuse("git_refused", { host, connection: server.slug });
  if (status === 403 && service === "git-receive-pack") return refuse("git_no_write", { host, repository });
  if (status === 403 || status === 404) return refuse("git_no_access", { host, repository });
  const type = answer.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
  return status === 200 && type === media ? null : refuse("git_not_git", { host, status });
}

/** What a session may begin from: a branch or tag by its whole name, or a commit alone. */
export interface FoundRef {
  ref: string | null;
  commit: string;
}

const MAX_REFS_BYTES = 20_000_000;
const LINE = /^([0-9a-f]{40}|[0-9a-f]{64}) ([^\s\0]+)(?:[\0 ]([^\n]*))?\n?$/;

interface Listed {
  commit: string;
  ref: string;
  /** The branch that HEAD stands for. */
  target?: string | undefined;
  peeled?: string | undefined;
}

async function readRefs(reader: PktReader): Promise<Listed[]> {
  const found: Listed[] = [];
  for (let line = await reader.next(); line !== null && line !== "flush"; line = await reader.next()) {
    if (typeof line === "string") continue;
    const [, commit, ref, more = ""] = LINE.exec(line.toString("utf8")) ?? [];
    if (commit === undefined || ref === undefined) continue;
    const peeledOf = ref.endsWith("^{}") ? ref.slice(0, -3) : undefined;
    const tag = peeledOf === undefined ? undefined : found.find((one) => one.ref === peeledOf);
    if (tag) tag.peeled = commit;
    else
      found.push({
        commit,
        ref,
        target: /\bsymref(?:-target:|=HEAD:)(\S+)/.exec(more)?.[1],
        peeled: /\bpeeled:([0-9a-f]+)/.exec(more)?.[1],
      });
  }
  return found;
}

/** Asks a server for some of a repository's refs, by version 2 of the protocol, or for all where it speaks that not. */
async function listRefs(
  server: GitServer,
  names: { repository: string; remotePath: string },
  wanted: readonly string[],
  signal: AbortSignal,
): Promise<Listed[]> {
  const service = "git-upload-pack";
  const headers = { "git-protocol": "version=2" };
  const first = await askGit(server, names.remotePath, `info/refs?service=${service}`, { headers, signal });
  const wrong = refusedBy(server, names.repository, first, `application/x-${service}-advertisement`, service);
  if (wrong || !first.body) {
    await first.body?.cancel();
    throw wrong ?? refuse("git_not_git", { host: gitHostOf(server), status: first.status });
  }
  const reader = new PktReader(first.body, MAX_REFS_BYTES);
  let line = await reader.next();
  // Version 2 may leave the first line out: gitprotocol-http(5).
  if (typeof line === "object" && line?.toString().startsWith("# service=")) {
    await reader.next();
    line = await reader.next();
  }
  if (typeof line === "object" && line?.toString().trim() === "version 2") {
    await reader.end();
    const body = Buffer.concat([
      pktLine("command=ls-refs\n"),
      DELIM,
      ...["peel", "symrefs", ...wanted.map((name) => `ref-prefix ${name}`)].map((arg) => pktLine(`${arg}\n`)),
      FLUSH,
    ]);
    const second = await askGit(server, names.remotePath, service, {
      method: "POST",
      headers: { ...headers, "content-type": `application/x-${service}-request` },
      body,
      signal,
    });
    const refused = refusedBy(server, names.repository, second, `application/x-${service}-result`, service);
    if (refused || !second.body) {
      await second.body?.cancel();
      throw refused ?? refuse("git_not_git", { host: gitHostOf(server), status: second.status });
    }
    const listing = new PktReader(second.body, MAX_REFS_BYTES);
    return await readRefs(listing).finally(async () => await listing.end());
  }
  // The line that was read is the first ref.
  const parsed = typeof line === "object" && line ? LINE.exec(line.toString("utf8")) : null;
  const head = parsed
    ? [
        {
          commit: parsed[1] ?? "",
          ref: parsed[2] ?? "",
          target: /symref=HEAD:(\S+)/.exec(parsed[3] ?? "")?.[1],
        },
      ]
    : [];
  return [...head, ...(await readRefs(reader).finally(async () => await reader.end()))];
}

/**
 * Finds what a person names of a repository: a branch, a tag, a commit's whole id, or by default its main branch.
 * @throws HttpError invalid_request where there is no such, or no commit at all; git_failed
 */
export async function findRef(
  server: GitServer,
  names: { repository: string; remotePath: string },
  wanted: string | undefined,
  waitMs = silenceMs(),
): Promise<FoundRef> {
  if (wanted !== undefined && isObjectId(wanted)) {
    await listGuarded(server, names, ["HEAD"], waitMs);
    return { ref: null, commit: wanted };
  }
  const bare = wanted?.replace(/^refs\/(?:heads|tags)\//, "");
  const full = bare === undefined ? ["HEAD"] : [`refs/heads/${bare}`, `refs/tags/${bare}`];
  const refs = await listGuarded(server, names, ["HEAD", ...full], waitMs);
  const found = full.map((name) => refs.find(({ ref }) => ref === name)).find((one) => one !== undefined);
  if (found) {
    const ref = found.ref === "HEAD" ? (found.target ?? null) : found.ref;
    return { ref, commit: found.peeled ?? found.commit };
  }
  if (wanted === undefined || refs.length === 0) throw refuse("git_empty", { repository: names.repository });
  throw refuse("git_ref_missing", { ref: wanted, repository: names.repository });
}

/** The same within a time; what is not of git's form, or too much, is the server's fault. */
async function listGuarded(
  server: GitServer,
  names: { repository: string; remotePath: string },
  wanted: readonly string[],
  waitMs: number,
): Promise<Listed[]> {
  const host = gitHostOf(server);
  const signal = AbortSignal.timeout(waitMs);
  try {
    return await listRefs(server, names, wanted, signal);
  } catch (error) {
    if (signal.aborted) throw refuse("git_silent", { host, seconds: Math.round(waitMs / 1_000) });
    if (error instanceof NotPktLine || error instanceof TooLarge)
      throw refuse("git_not_git", { host, status: 200 });
    throw error instanceof HttpError ? error : refuse("git_unreachable", { host });
  }
}

/** Whether a server would take a push with the credential. @throws HttpError git_failed where it cannot be asked */
export async function mayPush(
  server: GitServer,
  names: { repository: string; remotePath: string },
  waitMs: number,
): Promise<boolean> {
  const service = "git-receive-pack";
  const answer = await askGit(server, names.remotePath, `info/refs?service=${service}`, { waitMs });
  await answer.body?.cancel();
  return (
    refusedBy(server, names.repository, answer, `application/x-${service}-advertisement`, service) === null
  );
}

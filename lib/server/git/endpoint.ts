import type { FunctionReturnType } from "convex/server";
import { api } from "#convex/_generated/api.js";
import { allowsRepository, isRepositoryPath, pushFault, type RefUpdate } from "#domain/git.ts";
import { type ProblemKind, problemFor, type Given } from "#domain/problems.ts";
import { boundedStream, TooLarge } from "#net/body.ts";
import { FLUSH, NotPktLine, pktLine, PktReader } from "#net/pkt-line.ts";
import { hashSecret } from "../auth/opaque.ts";
import { serviceData } from "../convex/client.ts";
import { HttpError } from "../http/error.ts";
import { refuse } from "../http/refuse.ts";
import { takeGit } from "../http/seats.ts";
import { tokenIn } from "../http/sandbox-token.ts";
import { watched } from "../http/watched.ts";
import { log, messageOf } from "../log.ts";
import { noteRejected, type OpenedServer, serverOf } from "./connections.ts";
import {
  MAX_COMMANDS_BYTES,
  type PushCommands,
  PushReport,
  readCommands,
  refusedPush,
} from "./push-commands.ts";
import { askGit, gitHostOf, type GitService, refusedBy, silenceMs } from "./remote.ts";
import { SentBody } from "./sent-body.ts";

/** The longest that one request may take. */
const REQUEST_MS = 30 * 60_000;
/** What git compresses: its list of what it has. */
const MAX_UNZIPPED = 100_000_000;
/** How much of a refused push is read on, and how long, so that git reads why before it is cut off. */
const DRAIN_BYTES = 100_000_000;
const DRAIN_MS = 60_000;

type Found = NonNullable<FunctionReturnType<typeof api.sessionRepositories.ofToken>>;

/** A request as its address says it. */
interface Asked {
  connection: string;
  repository: string;
  service: GitService;
  /** The first of the two requests that a fetch or a push consists of. */
  advertises: boolean;
}

const ADDRESS =
  /^\/api\/git\/([a-z0-9-]{1,40})\/(.{1,220})\.git\/(info\/refs|git-upload-pack|git-receive-pack)$/;
const isService = (text: string | null): text is GitService =>
  text === "git-upload-pack" || text === "git-receive-pack";

function askedBy(request: Request): Asked | null {
  const url = new URL(request.url);
  const [, connection, repository, tail = ""] = ADDRESS.exec(url.pathname) ?? [];
  if (connection === undefined || repository === undefined || !isRepositoryPath(repository, "git"))
    return null;
  const advertises = tail === "info/refs";
  const service = advertises ? url.searchParams.get("service") : tail;
  if (!isService(service) || (request.method === "GET") !== advertises) return null;
  return { connection, repository, service, advertises };
}

const HEADERS = { "cache-control": "no-cache, no-transform" };

/** A refusal as git shows it to its caller: the lines after `remote:`. */
const said = (status: number, sentence: string) =>
  new Response(`${sentence}\n`, {
    status,
    headers: { ...HEADERS, "content-type": "text/plain; charset=utf-8" },
  });
const refusal = <K extends ProblemKind>(status: number, kind: K, ...given: Given<K>) =>
  said(status, problemFor(kind, ...given).message);

/** A refusal of the second request: git shows the line, and nothing of a status. */
const errorLine = (service: GitService, sentence: string) =>
  new Response(new Uint8Array(pktLine(`ERR ${sentence}\n`)), {
    status: 200,
    headers: { ...HEADERS, "content-type": `application/x-${service}-result` },
  });

/** A refusal of a push whose changes are known: git shows the reason beside each branch, and reads no other form of it. */
const pushRefusal = (commands: PushCommands, reasonOf: (update: RefUpdate) => string) =>
  new Response(new Uint8Array(refusedPush(commands, reasonOf)), {
    status: 200,
    headers: { ...HEADERS, "content-type": "application/x-git-receive-pack-result" },
  });

/** The session and the connection behind a request. */
async function behind(
  request: Request,
  asked: Asked,
): Promise<{ found: Found; server: OpenedServer } | Response> {
  const token = tokenIn(request);
  const { connection, repository } = asked;
  const found =
    token === undefined
      ? null
      : await serviceData().query(api.sessionRepositories.ofToken, {
          hash: hashSecret(token),
          connection,
          repository,
        });
  if (!found) return refusal(403, "git_token");
  if (!found.row) return refusal(403, "git_not_of_session", { repository });
  // Before the server is asked for anything; a build's own refusal says more, beside each branch.
  if (asked.service === "git-receive-pack" && found.sessionId !== null && found.row.access === "read")
    return refusal(403, "git_read_only", { repository });
  const server = await serverOf(found.organizationId, connection);
  if (!server) return refusal(403, "git_connection_not_found", { connection });
  if (!allowsRepository(server.repositories, repository, server.kind))
    return refusal(403, "git_repository_not_allowed", { repository, connection });
  return { found, server };
}

/**
 * Passes git's requests from a session's sandbox on to the server of its repository, with the credential that the
 * sandbox does not have. It fetches the session's repositories, and pushes the session's branches. Git's own HTTP
 * protocol: https://git-scm.com/docs/gitprotocol-http
 */
export async function gitEndpoint(request: Request): Promise<Response> {
  const asked = askedBy(request);
  if (!asked) return refusal(404, "git_address");
  let known: Awaited<ReturnType<typeof behind>>;
  try {
    known = await behind(request, asked);
  } catch (error) {
    if (error instanceof HttpError) return said(403, error.message);
    log("warn", "a git token could not be checked", { error: messageOf(error) });
    return refusal(503, "gateway_database");
  }
  if (known instanceof Response) return known;
  const leave = takeGit(known.found);
  if (!leave) return refusal(429, "git_busy");
  let handed = false;
  const sent = new SentBody(request.body);
  let push: PushCommands | undefined;
  try {
    const answer = await pass(request, sent, asked, known, {
      leave: () => leave(),
      onPush: (commands) => {
        push = commands;
      },
    });
    handed = answer.handed;
    // Git reads why only once all of it is sent.
    if (!handed) await sent.drain(DRAIN_BYTES, DRAIN_MS);
    return answer.response;
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    if (error.besides.kind === "git_refused") await noteRejected(known.found.organizationId, known.server);
    await sent.drain(DRAIN_BYTES, DRAIN_MS);
    if (asked.advertises) return said(statusOf(error), error.message);
    return push ? pushRefusal(push, () => error.message) : errorLine(asked.service, error.message);
  } finally {
    if (!handed) leave();
  }
}

const STATUSES: Record<string, number> = {
  git_refused: 403,
  git_no_access: 404,
  git_no_write: 403,
  git_silent: 504,
};
const statusOf = ({ besides }: HttpError) => STATUSES[besides.kind ?? ""] ?? 502;

interface Answered {
  response: Response;
  /** Whether the place is given back at the answer's end. */
  handed: boolean;
}

async function pass(
  request: Request,
  sent: SentBody,
  asked: Asked,
  { found, server }: { found: Found; server: OpenedServer },
  { leave, onPush }: { leave: () => void; onPush: (commands: PushCommands) => void },
): Promise<Answered> {
  const { service, repository, advertises } = asked;
  const signal = AbortSignal.any([request.signal, AbortSignal.timeout(REQUEST_MS)]);
  const version = request.headers.get("git-protocol");
  const headers = {
    // A push speaks the first version whatever is asked for.
    ...(service === "git-upload-pack" && version === "version=2" && { "git-protocol": version }),
  };
  const remotePath = found.row?.remotePath ?? "";
  if (advertises) {
    const tail = `info/refs?service=${service}`;
    const answer = await askGit(server, remotePath, tail, { headers, signal });
    return await passed(server, repository, answer, { service, media: "advertisement", leave });
  }
  let body = sent.stream();
  let report: { follow: PushReport; updates: RefUpdate[] } | undefined;
  const zipped = request.headers.get("content-encoding")?.toLowerCase();
  if (zipped === "gzip" || zipped === "x-gzip")
    body = boundedStream(
      body.pipeThrough(new DecompressionStream("gzip") as unknown as Passing),
      MAX_UNZIPPED,
    );
  if (service === "git-receive-pack") {
    const checked = await checkedPush(body, found, onPush);
    if (checked instanceof Response) return { response: checked, handed: false };
    ({ body, report } = checked);
  }
  const answer = await askGit(server, remotePath, service, {
    method: "POST",
    headers: {
      ...headers,
      "content-type": `application/x-${service}-request`,
      accept: `application/x-${service}-result`,
    },
    body,
    signal,
  });
  const atEnd = report && (async () => await notePush(found, asked, report));
  return await passed(server, repository, answer, {
    service,
    media: "result",
    leave,
    ...(report && { follow: (piece: Uint8Array) => report.follow.push(piece) }),
    ...(atEnd && { atEnd }),
  });
}

type Passing = ReadableWritablePair<Uint8Array, Uint8Array>;

/** A push whose changes are all this session's to make, from its first byte; or what it is answered. */
async function checkedPush(
  sent: ReadableStream<Uint8Array>,
  found: Found,
  onPush: (commands: PushCommands) => void,
): Promise<
  Response | { body: ReadableStream<Uint8Array>; report: { follow: PushReport; updates: RefUpdate[] } }
> {
  const reader = new PktReader(sent, MAX_COMMANDS_BYTES);
  try {
    const commands = await readCommands(reader);
    const { updates, capabilities } = commands;
    const faultOf = (update: RefUpdate) =>
      commands.fault ??
      (found.sessionId === null
        ? "Set-up reads its repository, and pushes nothing."
        : pushFault(found.sessionId, found.row?.named ?? [], update));
    // Git asks in this way whether it may push, before it sends much. What follows is nothing's beginning.
    if (commands.fault === null && updates.length === 0) {
      const body = new Blob([new Uint8Array(FLUSH)]).stream();
      return { body, report: { follow: new PushReport(capabilities), updates } };
    }
    if (commands.fault === null && updates.every((update) => faultOf(update) === null)) {
      onPush(commands);
      return { body: reader.whole(), report: { follow: new PushReport(capabilities), updates } };
    }
    return pushRefusal(commands, (update) => faultOf(update) ?? "Nothing of this push was done.");
  } catch (error) {
    await reader.end();
    if (error instanceof NotPktLine || error instanceof TooLarge || error instanceof TypeError)
      return errorLine("git-receive-pack", problemFor("git_push_malformed").message);
    throw error;
  }
}

/** A server's answer on its way into the sandbox. @throws HttpError git_failed where it is none of git's */
async function passed(
  server: OpenedServer,
  repository: string,
  answer: Response,
  way: {
    service: GitService;
    media: "advertisement" | "result";
    leave: () => void;
    follow?: (piece: Uint8Array) => void;
    atEnd?: () => Promise<void>;
  },
): Promise<Answered> {
  const media = `application/x-${way.service}-${way.media}`;
  const wrong = refusedBy(server, repository, answer, media, way.service);
  if (wrong || !answer.body) {
    await answer.body?.cancel();
    throw wrong ?? refuse("git_not_git", { host: gitHostOf(server), status: answer.status });
  }
  const body = watched(answer.body, { silenceMs: silenceMs(), ...way });
  return {
    response: new Response(body, { status: 200, headers: { ...HEADERS, "content-type": media } }),
    handed: true,
  };
}

const HEADS = "refs/heads/";

/** Notes what a server took of a push: the log says it, and a branch that it made is the session's from then on. */
async function notePush(
  found: Found,
  { connection, repository }: Asked,
  { follow, updates }: { follow: PushReport; updates: RefUpdate[] },
): Promise<void> {
  const branches = updates
    .filter(({ ref }) => follow.taken.has(ref))
    .map(({ ref, before, after }) => ({
      name: ref.slice(HEADS.length),
      made: /^0+$/.test(before),
      gone: /^0+$/.test(after),
      commit: after,
    }));
  const { sessionId } = found;
  if (branches.length === 0 || sessionId === null) return;
  await serviceData()
    .mutation(api.sessionRepositories.pushed, {
      sessionId,
      connection,
      repository,
      branches,
    })
    .catch((error: unknown) => log("warn", "a push was not noted", { error: messageOf(error) }));
}

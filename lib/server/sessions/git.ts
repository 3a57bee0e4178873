import type { FunctionReturnType } from "convex/server";
import type { Sandbox } from "e2b";
import { z } from "zod";
import { api } from "#convex/_generated/api.js";
import {
  type gitCommitBody,
  type gitDiffQuery,
  type gitPushBody,
  gitWorkSchema,
  type SessionGit,
} from "#contracts/git.ts";
import { AGENT_IDENTITY, isObjectId } from "#domain/git.ts";
import { isLive, UNTITLED } from "#domain/lifecycle.ts";
import type { Principal } from "#domain/principal.ts";
import { roleAtLeast } from "#domain/roles.ts";
import { actorOf, dataFor, serviceData } from "../convex/client.ts";
import { HttpError } from "../http/error.ts";
import { refuse } from "../http/refuse.ts";
import { maskerOf } from "../keys/variables.ts";
import { WORKSPACE } from "../sandbox/paths.ts";
import { printedBy } from "../sandbox/programs.ts";
import { sandboxToDrive, sandboxToSee } from "./files.ts";
import { withStateNow } from "./pull-request.ts";

type Caller = Exclude<Principal, { kind: "service" }>;
type Row = FunctionReturnType<typeof api.sessionRepositories.list>[number];

const LOOK_MS = 40_000;
const COMMIT_MS = 70_000;
const PUSH_MS = 310_000;
/** A status of 2,000 files, and a patch of two million bytes as base64. */
const MAX_PRINTED = 12_000_000;

/** Linux takes no longer variable than 128 kB. */
const MAX_ASKED_BYTES = 100_000;

const failed = z.object({ words: z.string().min(1).max(4_000) });

/** Does something with a repository in its sandbox. @throws HttpError git_failed with git's words */
async function inRepository<T>(
  sandbox: Sandbox,
  act: string,
  given: object,
  schema: z.ZodType<T>,
  timeoutMs = LOOK_MS,
): Promise<T> {
  const asked = JSON.stringify(given);
  if (Buffer.byteLength(asked) > MAX_ASKED_BYTES) throw refuse("git_paths_too_long");
  const printed = await printedBy(sandbox, {
    name: "git",
    args: act,
    env: { STUDIO_ROOT: WORKSPACE, STUDIO_GIT: asked },
    schema: z.union([failed, schema]),
    timeoutMs,
    maxCharacters: MAX_PRINTED,
  });
  const words = failed.safeParse(printed);
  if (words.success) throw refuse("git_failed_inside", { words: words.data.words });
  return schema.parse(printed);
}

/** One of a session's repositories. @throws HttpError not_found */
export async function repositoryIn(caller: Caller, sessionId: string, folder: string): Promise<Row> {
  const rows = await dataFor(caller).query(api.sessionRepositories.list, { sessionId });
  const row = rows.find((one) => one.folder === folder);
  if (!row) throw refuse("git_none");
  return row;
}

const kindOf = (kind: string | null): SessionGit["kind"] =>
  kind === "git" || kind === "github" ? kind : null;

/** A session's repositories: what has changed in them, and what became of it. */
export async function sessionGit(caller: Caller, sessionId: string): Promise<SessionGit[]> {
  const data = dataFor(caller);
  const [session, rows] = await Promise.all([
    data.query(api.sandboxSessions.get, { sessionId }),
    data.query(api.sessionRepositories.list, { sessionId }),
  ]);
  if (rows.length === 0) return [];
  const live = isLive(session.status) && session.status !== "provisioning";
  const sandbox = live ? await sandboxToSee(caller, sessionId) : null;
  const masker = await maskerOf(sessionId);
  return await Promise.all(
    rows.map(async ({ named: _named, kind, ...row }) => {
      const shown = {
        ...row,
        kind: kindOf(kind),
        pullRequest: await withStateNow(caller.organizationId, sessionId, row),
        proposedMessage: session.title === UNTITLED ? "" : session.title,
      };
      if (!sandbox) return { ...shown, work: null, problem: null };
      try {
        const given = { folder: row.folder, base: row.base.commit };
        const work = await inRepository(sandbox, "status", given, gitWorkSchema);
        return { ...shown, work: masker.maskValue(work), problem: null };
      } catch (error) {
        if (!(error instanceof HttpError) || error.code !== "git_failed") throw error;
        return { ...shown, work: null, problem: masker.mask(error.message) };
      }
    }),
  );
}

const patchSchema = z.object({ patch: z.base64() });

/** A repository's changes since its session began, as a patch's bytes. */
export async function changesOf(
  caller: Caller,
  sessionId: string,
  act: "diff" | "patch",
  { folder, path }: z.output<typeof gitDiffQuery>,
): Promise<Buffer> {
  const row = await repositoryIn(caller, sessionId, folder);
  const sandbox = await sandboxToSee(caller, sessionId);
  const given = { folder, base: row.base.commit, ...(path !== undefined && { path }) };
  const { patch } = await inRepository(sandbox, act, given, patchSchema);
  return Buffer.from(patch, "base64");
}

/** The same as text for people; those who may not use keys see them masked. */
export async function sessionDiff(
  caller: Caller,
  sessionId: string,
  query: z.output<typeof gitDiffQuery>,
): Promise<string> {
  const text = (await changesOf(caller, sessionId, "diff", query)).toString("utf8");
  return roleAtLeast(caller.role, "member") ? text : (await maskerOf(sessionId)).mask(text);
}

const committed = z.object({ commit: z.string().max(64).nullable() });

/** Commits in the caller's name, and says so in the session's log. @throws HttpError invalid_request | git_failed */
export async function commitSession(
  caller: Caller,
  sessionId: string,
  { folder, message, paths }: z.output<typeof gitCommitBody>,
): Promise<string> {
  const actor = actorOf(caller);
  const person = await serviceData().query(api.sessionRepositories.committer, { actor, sessionId, folder });
  const sandbox = await sandboxToDrive(caller, sessionId);
  const plain = (text: string) => text.replaceAll(/[<>\r\n\0]/g, " ").trim();
  const given = {
    folder,
    message: `${message.trim()}\n\nCo-authored-by: ${AGENT_IDENTITY}\n`,
    author: `${plain(person.name) || "Studio"} <${plain(person.email) || "studio@localhost"}>`,
    ...(paths && { paths }),
  };
  const { commit } = await inRepository(sandbox, "commit", given, committed, COMMIT_MS);
  if (commit === null) throw refuse("git_nothing_to_commit");
  const subject = (await maskerOf(sessionId)).mask(message);
  await serviceData().mutation(api.sessionRepositories.acted, {
    actor,
    sessionId,
    folder,
    act: "commit",
    subject,
  });
  return commit;
}

/** Pushes what is committed to the session's branch, or to a new one. @throws HttpError invalid_request | git_failed */
export async function pushSession(
  caller: Caller,
  sessionId: string,
  { folder, branch: named }: z.output<typeof gitPushBody>,
): Promise<{ commit: string; branch: string }> {
  const sandbox = await sandboxToDrive(caller, sessionId);
  if (named !== undefined)
    await serviceData().mutation(api.sessionRepositories.nameBranch, {
      actor: actorOf(caller),
      sessionId,
      folder,
      branch: named,
    });
  const { branch } = await repositoryIn(caller, sessionId, folder);
  const { commit } = await inRepository(sandbox, "push", { folder, branch }, committed, PUSH_MS);
  if (commit === null || !isObjectId(commit)) throw refuse("sandbox_silent");
  return { commit, branch };
}

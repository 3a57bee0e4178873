import { z } from "zod";
import { api } from "#convex/_generated/api.js";
import {
  type gitCommitBody,
  type gitDiffQuery,
  type gitDiscardBody,
  type gitPushBody,
  gitWorkSchema,
  type SessionGit,
} from "#contracts/git.ts";
import { GIT_KINDS, isObjectId } from "#domain/git.ts";
import { isLive, UNTITLED } from "#domain/lifecycle.ts";
import type { Principal } from "#domain/principal.ts";
import { roleAtLeast } from "#domain/roles.ts";
import { actorOf, dataFor, serviceData } from "../convex/client.ts";
import {
  COMMIT_MS,
  commitIn,
  inRepository,
  mayChange,
  noteAct,
  PUSH_MS,
  pushFrom,
  repositoryIn,
} from "../git/working-tree.ts";
import { HttpError } from "../http/error.ts";
import { refuse } from "../http/refuse.ts";
import { maskerOf } from "../keys/variables.ts";
import { sandboxToDrive, sandboxToSee } from "./files.ts";
import { withStateNow } from "./pull-request.ts";

type Caller = Exclude<Principal, { kind: "service" }>;

const HEADS = "refs/heads/";

const kindOf = (kind: string | null): SessionGit["kind"] => GIT_KINDS.find((known) => known === kind) ?? null;

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
    rows.map(async ({ named: _named, handed: _handed, kind, ...row }) => {
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

type Comparison = Partial<z.output<typeof gitDiffQuery>> & { folder: string };

/** A repository's changes since its session began, or since what is named, as a patch's bytes. */
export async function changesOf(
  caller: Caller,
  sessionId: string,
  act: "diff" | "patch",
  { folder, path, since = "start", commit }: Comparison,
): Promise<Buffer> {
  const row = await repositoryIn(caller, sessionId, folder);
  const sandbox = await sandboxToSee(caller, sessionId);
  if (commit !== undefined && !isObjectId(commit)) throw refuse("git_ref_malformed", { ref: commit });
  const given = {
    folder,
    base: since === "commit" ? "HEAD" : row.base.commit,
    ...(since === "base" && row.base.ref?.startsWith(HEADS) && { ref: row.base.ref }),
    ...(commit !== undefined && { commit }),
    ...(path !== undefined && { path }),
  };
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

/** Commits in the caller's name, and says so in the session's log. @throws HttpError invalid_request | git_failed */
export async function commitSession(
  caller: Caller,
  sessionId: string,
  body: z.output<typeof gitCommitBody>,
): Promise<string> {
  const commit = await commitIn(
    { caller, sessionId, open: async () => await sandboxToDrive(caller, sessionId) },
    body,
  );
  if (commit === null) throw refuse("git_nothing_to_commit");
  return commit;
}

const done = z.object({ done: z.literal(true) });
const PATH_ON_HEADER = /^\+\+\+ b\/([^\t\n]{1,200})|^rename to ([^\n]{1,200})/m;

/** Takes changes back: files to the last commit, or chosen changes. @throws HttpError git_failed with git's words */
export async function discardChanges(
  caller: Caller,
  sessionId: string,
  { folder, paths, patch }: z.output<typeof gitDiscardBody>,
): Promise<void> {
  await mayChange(caller, sessionId, folder);
  const sandbox = await sandboxToDrive(caller, sessionId);
  if (paths) await inRepository(sandbox, "discard", { folder, paths }, done, COMMIT_MS);
  else await inRepository(sandbox, "takeBack", { folder, patch }, done);
  const [, first, renamed] = PATH_ON_HEADER.exec(patch ?? "") ?? [];
  const subject = paths ? paths.slice(0, 20).join(", ") : (first ?? renamed ?? folder);
  await noteAct(caller, sessionId, { folder, act: "discard", subject });
}

const updated = z.object({ conflicts: z.array(z.string().max(4_096)).max(500) });

/** Merges what has come on the base branch. @returns files with conflicts @throws HttpError git_failed */
export async function updateFromBase(caller: Caller, sessionId: string, folder: string): Promise<string[]> {
  await mayChange(caller, sessionId, folder);
  const { base } = await repositoryIn(caller, sessionId, folder);
  if (!base.ref?.startsWith(HEADS)) throw refuse("git_no_base");
  const sandbox = await sandboxToDrive(caller, sessionId);
  const { conflicts } = await inRepository(sandbox, "update", { folder, ref: base.ref }, updated, PUSH_MS);
  await noteAct(caller, sessionId, { folder, act: "update", subject: base.ref.slice(HEADS.length) });
  return conflicts;
}

/** Ends an update that waits for a decision. @throws HttpError git_failed where there is none */
export async function abandonUpdate(caller: Caller, sessionId: string, folder: string): Promise<void> {
  await mayChange(caller, sessionId, folder);
  await inRepository(await sandboxToDrive(caller, sessionId), "abandon", { folder }, done);
  await noteAct(caller, sessionId, { folder, act: "abandon", subject: folder });
}

/** Pushes what is committed to the session's branch, or to a new one. @throws HttpError invalid_request | git_failed */
export async function pushSession(
  caller: Caller,
  sessionId: string,
  { folder, branch: named }: z.output<typeof gitPushBody>,
): Promise<{ commit: string; branch: string }> {
  // First, so that who may not write here is told that.
  const sandbox = await sandboxToDrive(caller, sessionId);
  const { access, repository } = await repositoryIn(caller, sessionId, folder);
  if (access === "read") throw refuse("git_read_only", { repository });
  if (named !== undefined)
    await serviceData().mutation(api.sessionRepositories.nameBranch, {
      actor: actorOf(caller),
      sessionId,
      folder,
      branch: named,
    });
  return await pushFrom({ caller, sessionId, open: async () => sandbox }, folder);
}

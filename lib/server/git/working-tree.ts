import type { FunctionReturnType } from "convex/server";
import type { Sandbox } from "e2b";
import { z } from "zod";
import { api } from "#convex/_generated/api.js";
import type { gitCommitBody } from "#contracts/git.ts";
import { AGENT_IDENTITY, type GIT_ACTS, isObjectId } from "#domain/git.ts";
import { LIMITS } from "#domain/limits.ts";
import type { Principal } from "#domain/principal.ts";
import { actorOf, dataFor, serviceData } from "../convex/client.ts";
import { refuse } from "../http/refuse.ts";
import { maskerOf } from "../keys/variables.ts";
import { WORKSPACE } from "../sandbox/paths.ts";
import { printedBy } from "../sandbox/programs.ts";

type Caller = Exclude<Principal, { kind: "service" }>;
type Row = FunctionReturnType<typeof api.sessionRepositories.list>[number];

const LOOK_MS = 40_000;
export const COMMIT_MS = 70_000;
export const PUSH_MS = 310_000;
/** A status of 2,000 files, and a patch of two million bytes as base64. */
const MAX_PRINTED = 12_000_000;

/** Linux takes no longer variable than 128 kB. */
const MAX_ASKED_BYTES = 100_000;

const failed = z.object({ words: z.string().min(1).max(4_000) });

/** Does something with a repository in its sandbox. @throws HttpError git_failed with git's words */
export async function inRepository<T>(
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

/** Whether the caller may change a repository, before anything happens to it; and in whose name. */
export const mayChange = async (caller: Caller, sessionId: string, folder: string) =>
  await serviceData().query(api.sessionRepositories.committer, {
    actor: actorOf(caller),
    sessionId,
    folder,
  });

type Act = (typeof GIT_ACTS)[number];

/** Says in a session's log what a person did with its repository. */
export async function noteAct(
  caller: Caller,
  sessionId: string,
  { folder, act, subject }: { folder: string; act: Act; subject: string },
): Promise<void> {
  const shown = (await maskerOf(sessionId)).mask(subject).slice(0, LIMITS.gitMessage.max);
  const noted = { actor: actorOf(caller), sessionId, folder, act, subject: shown };
  await serviceData().mutation(api.sessionRepositories.acted, noted);
}

/** In whose name something is done in a session, and how its sandbox is reached once that is allowed. */
export interface WorkingIn {
  caller: Caller;
  sessionId: string;
  open: () => Promise<Sandbox>;
}

const committed = z.object({ commit: z.string().max(64).nullable() });

/**
 * Commits in somebody's name, and says so in the session's log.
 * @returns null where there was nothing to commit
 * @throws HttpError forbidden | git_failed
 */
export async function commitIn(
  { caller, sessionId, open }: WorkingIn,
  { folder, message, paths, patch }: z.output<typeof gitCommitBody>,
): Promise<string | null> {
  const person = await mayChange(caller, sessionId, folder);
  const sandbox = await open();
  const plain = (text: string) => text.replaceAll(/[<>\r\n\0]/g, " ").trim();
  const given = {
    folder,
    message: `${message.trim()}\n\nCo-authored-by: ${AGENT_IDENTITY}\n`,
    author: `${plain(person.name) || "Studio"} <${plain(person.email) || "studio@localhost"}>`,
    ...(paths && { paths }),
    ...(patch !== undefined && { patch }),
  };
  const { commit } = await inRepository(sandbox, "commit", given, committed, COMMIT_MS);
  if (commit !== null) await noteAct(caller, sessionId, { folder, act: "commit", subject: message });
  return commit;
}

/** Pushes what is committed to the branch that the session works on. @throws HttpError git_failed with git's words */
export async function pushFrom(
  { caller, sessionId, open }: WorkingIn,
  folder: string,
): Promise<{ commit: string; branch: string }> {
  const { branch } = await repositoryIn(caller, sessionId, folder);
  const { commit } = await inRepository(await open(), "push", { folder, branch }, committed, PUSH_MS);
  if (commit === null || !isObjectId(commit)) throw refuse("sandbox_silent");
  return { commit, branch };
}

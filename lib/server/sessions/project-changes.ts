import { CommandExitError, type Sandbox } from "e2b";
import { z } from "zod";
import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import type { BodyOf } from "#contracts/routes.ts";
import { DEFINITION_KINDS, definitionSource } from "#domain/definitions.ts";
import { DEADLINES, isLive } from "#domain/lifecycle.ts";
import { type HandedChange, handOverText } from "#domain/project/hand-over.ts";
import { nameKey, nameText, type ProjectKind, type ProjectName } from "#domain/project/kinds.ts";
import { isProjectPath, WORKSPACE_LIMITS } from "#domain/project/workspace.ts";
import type { Principal } from "#domain/principal.ts";
import { actorOf, dataFor, serviceData } from "../convex/client.ts";
import { sessionOf } from "../convex/session-data.ts";
import { refuse } from "../http/refuse.ts";
import { maskerOf } from "../keys/variables.ts";
import { log, messageOf } from "../log.ts";
import { projectVariablesOf } from "../sandbox-start/project-access.ts";
import { asRefusal, outputOf, setFile } from "../sandbox/files.ts";
import { openSandbox } from "../sandbox/sandbox.ts";
import { sandboxToDrive } from "./files.ts";
import { sendMessage } from "./send-message.ts";
import { OUTSIDE, struere } from "../changes/look.ts";
import { effectsOfChosen } from "../changes/view.ts";
import { projectWatch } from "../changes/watch.ts";

type Caller = Exclude<Principal, { kind: "service" }>;
type Push = BodyOf<"POST /api/studio/sessions/{id}/project/push">;

const PULL_MS = 60_000;
const idOf = (sessionId: string) => sessionId as Id<"sandboxSessions">;
const named = ({ kind, slug }: ProjectName): ProjectName => ({ kind, slug });

/** Has a workspace looked at, and waits for it. @throws HttpError session_stopped | not_ready | forbidden */
export async function lookNow(caller: Caller, sessionId: string): Promise<{ ok: true }> {
  await sandboxToDrive(caller, sessionId);
  await projectWatch().looked(idOf(sessionId));
  return { ok: true };
}

const conflicts = z.object({ conflicts: z.array(z.string().max(WORKSPACE_LIMITS.fileChars)).max(2_000) });

/** Pulls into a sandbox what others have changed. @throws HttpError file_changed | upstream_failed */
async function pullInside(sandbox: Sandbox, sessionId: string): Promise<void> {
  try {
    const envs = { ...projectVariablesOf(sessionId), ...OUTSIDE };
    await outputOf(sandbox, struere("pull"), envs, undefined, PULL_MS);
  } catch (error) {
    if (!(error instanceof CommandExitError)) throw asRefusal(error);
    const masker = await maskerOf(sessionId);
    let said: unknown;
    try {
      said = JSON.parse(error.stdout);
    } catch {
      throw refuse("sandbox_silent");
    }
    const read = conflicts.safeParse(said);
    if (!read.success || read.data.conflicts.length === 0) throw refuse("sandbox_silent");
    throw refuse("project_pull_conflict", {
      files: read.data.conflicts.slice(0, 10).map((file) => masker.mask(file)),
    });
  }
}

/** Brings what others have changed into a workspace, and looks at it again. @throws HttpError */
export async function updateWorkspace(caller: Caller, sessionId: string): Promise<{ ok: true }> {
  const sandbox = await sandboxToDrive(caller, sessionId);
  await pullInside(sandbox, sessionId);
  await projectWatch().looked(idOf(sessionId));
  return { ok: true };
}

/** Tells a live sandbox which revision it is at now; where it does not hear that, Studio knows it all the same. */
async function settle(sessionId: Id<"sandboxSessions">): Promise<void> {
  try {
    const { session } = await sessionOf(sessionId);
    if (!isLive(session.status) || session.status === "provisioning" || !session.sandboxId) return;
    await pullInside(
      await openSandbox(session.sandboxId, session.idleTimeoutMs + DEADLINES.sandboxGraceMs),
      sessionId,
    );
  } catch (error) {
    log("info", "a workspace was not told of a push", { sessionId, error: messageOf(error) });
  }
  projectWatch().start(sessionId);
}

/** Pushes what a person has chosen of a workspace, or says what that would mean. @throws HttpError */
export async function pushChanges(caller: Caller, sessionId: string, body: Push) {
  const { revision, definitions, allowDeletions, confirm, dryRun } = body;
  if (dryRun) {
    const chosen = definitions.map(({ seen, ...name }) => ({ ...name, hash: seen }));
    const plan = await effectsOfChosen(caller, sessionId, chosen);
    const names = {
      created: plan.created.map(named),
      updated: plan.updated.map(named),
      deleted: plan.deleted.map(named),
    };
    return { revision, dryRun: true, ...names, effects: plan.effects };
  }
  const done = await dataFor(caller).mutation(api.sessionProject.push, {
    sessionId,
    revision,
    definitions,
    ...(allowDeletions !== undefined && { allowDeletions }),
    ...(confirm !== undefined && { confirm }),
  });
  void settle(idOf(sessionId));
  return { ...done, dryRun: false, effects: [] };
}

/** Takes a session's last push back. @throws HttpError project_moved | not_found */
export async function takeBackPush(caller: Caller, sessionId: string, revision: number) {
  const done = await dataFor(caller).mutation(api.sessionProject.takeBack, { sessionId, revision });
  projectWatch().start(idOf(sessionId));
  return { ...done, dryRun: false, effects: [] };
}

/** Has a workspace compared with the revision that a person has seen. @throws HttpError project_moved */
export async function compareWith(
  caller: Caller,
  sessionId: string,
  revision: number,
): Promise<{ ok: true }> {
  await dataFor(caller).mutation(api.sessionProject.compare, { sessionId, revision });
  await projectWatch().looked(idOf(sessionId));
  return { ok: true };
}

/** A definition's file as a pull writes it. */
function sourceOf(kind: ProjectKind, text: string): string {
  const value = JSON.parse(text) as Record<string, unknown>;
  const known = DEFINITION_KINDS.find((one) => one.kind === kind);
  return known ? definitionSource(known, value) : String(value.text);
}

/** Makes chosen definitions of a workspace again what they were when they were pulled. @returns their files */
export async function discardChanges(
  caller: Caller,
  sessionId: string,
  { definitions }: BodyOf<"POST /api/studio/sessions/{id}/project/discard">,
): Promise<{ files: string[] }> {
  const sandbox = await sandboxToDrive(caller, sessionId);
  const data = dataFor(caller);
  const wanted = await Promise.all(
    definitions.map(async ({ kind, slug }) => {
      const { file, base } = await data.query(api.sessionProject.definition, { sessionId, kind, slug });
      return { file, source: base === null ? null : sourceOf(kind, base) };
    }),
  );
  // A file whose definition got another name is removed for the one, and written for the other.
  const sorted = wanted.toSorted((a, b) => Number(a.source !== null) - Number(b.source !== null));
  const files: string[] = [];
  try {
    for (const { file, source } of sorted) {
      if (!isProjectPath(file)) throw refuse("path_outside");
      await setFile(sandbox, file, source);
      const changed = { actor: actorOf(caller), sessionId, path: file };
      await serviceData().mutation(api.workspaceFiles.changed, changed);
      files.push(file);
    }
  } finally {
    await projectWatch().looked(idOf(sessionId));
  }
  return { files: [...new Set(files)] };
}

/** Sends changes back to the agent, with what people and Studio say of them. @returns the run's id */
export async function handOverChanges(
  caller: Caller,
  sessionId: string,
  { definitions, faults, message }: BodyOf<"POST /api/studio/sessions/{id}/project/hand-over">,
): Promise<string> {
  const data = dataFor(caller);
  const found = await data.query(api.sessionProject.get, { sessionId });
  const known = new Map(found?.changes.map((change) => [nameKey(change), change]));
  const changes = await Promise.all(
    definitions.map(async ({ comment, ...name }): Promise<HandedChange> => {
      const change = known.get(nameKey(name));
      if (!change) throw refuse("project_change_not_found", { name: nameText(name) });
      const texts = change.moved
        ? await data.query(api.sessionProject.definition, { sessionId, ...name })
        : undefined;
      return { ...name, file: change.file, comment, moved: texts };
    }),
  );
  const problems = faults ? (found?.faults ?? []) : [];
  if (changes.length + problems.length === 0 && message === undefined) throw refuse("project_nothing_chosen");
  return await sendMessage(caller, sessionId, handOverText({ changes, faults: problems, message }));
}

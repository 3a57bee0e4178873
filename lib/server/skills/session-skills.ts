import type { z } from "zod";
import { api } from "#convex/_generated/api.js";
import type {
  createdSessionSkill,
  createSessionSkillBody,
  rootsResponse,
  sessionSkillsResponse,
} from "#contracts/skills.ts";
import { DEADLINES, isLive } from "#domain/lifecycle.ts";
import type { Principal } from "#domain/principal.ts";
import { skillPath } from "#domain/skills.ts";
import { dataFor } from "../convex/client.ts";
import { log, messageOf } from "../log.ts";
import { openSandbox } from "../sandbox/sandbox.ts";
import { skillFilesOf, syncSkills } from "../sandbox/skill-files.ts";
import { relativeRoot, shownPath } from "./roots.ts";
import { fieldsOf } from "./skills.ts";

/** The skills of a session's roots, enabled or not. @throws HttpError not_found */
export async function sessionSkills(
  caller: Principal,
  sessionId: string,
): Promise<z.infer<typeof sessionSkillsResponse>> {
  const { roots, skills } = await dataFor(caller).query(api.skills.ofSession, { sessionId });
  const shown = skills.map(({ id, name, description, root, enabled, mention, envVars }) => ({
    id,
    name,
    description,
    path: shownPath(skillPath(root, name)),
    enabled,
    mention,
    dependencies: { env_vars: envVars },
  }));
  const paths = roots.map(shownPath);
  return {
    roots: paths,
    filesystem_sources: paths,
    disabled_paths: shown.filter(({ enabled }) => !enabled).map(({ path }) => path),
    skills: shown,
  };
}

/**
 * Makes a skill of the organization's in one of a session's roots.
 * @throws HttpError not_found | forbidden | invalid_request | already_exists
 */
export async function createSessionSkill(
  caller: Principal,
  sessionId: string,
  { target_root: target, ...body }: z.output<typeof createSessionSkillBody>,
): Promise<z.infer<typeof createdSessionSkill>> {
  const skill = await dataFor(caller).mutation(api.skills.createInSession, {
    sessionId,
    ...(target !== undefined && { root: relativeRoot(target) }),
    ...fieldsOf(body),
  });
  await bring(caller, sessionId);
  const path = shownPath(skillPath(skill.root, skill.name));
  return {
    ok: true,
    skill_id: skill.id,
    filesystem_source: shownPath(skill.root),
    skill_dir: path.slice(0, path.lastIndexOf("/")),
    skill_md: path,
  };
}

/** Chooses a session's skill roots; null for the default one. @throws HttpError not_found | forbidden | invalid_request */
export async function setSkillRoots(
  caller: Principal,
  sessionId: string,
  wanted: string[] | null,
): Promise<z.infer<typeof rootsResponse>> {
  const roots = await dataFor(caller).mutation(api.skills.setRoots, {
    sessionId,
    roots: wanted && wanted.map(relativeRoot),
  });
  await bring(caller, sessionId);
  const paths = roots.map(shownPath);
  return { ok: true, roots: paths, filesystem_sources: paths };
}

/** Writes a live session's skills into its sandbox; one that is not ready gets them as it starts. */
async function bring(caller: Principal, id: string): Promise<void> {
  const session = await dataFor(caller).query(api.sandboxSessions.get, { sessionId: id });
  if (!isLive(session.status) || session.status === "provisioning" || session.sandboxId === null) return;
  try {
    const sandbox = await openSandbox(session.sandboxId, session.idleTimeoutMs + DEADLINES.sandboxGraceMs);
    await syncSkills(sandbox, await skillFilesOf(session.id));
  } catch (error) {
    // What a message names goes to the agent all the same; the files come with its next start.
    log("warn", "skills could not be written into a sandbox", { sessionId: id, error: messageOf(error) });
  }
}

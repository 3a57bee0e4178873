import type { FunctionReturnType } from "convex/server";
import type { z } from "zod";
import { api } from "#convex/_generated/api.js";
import type {
  createSkillBody,
  SkillJson,
  skillRevisions,
  updateSkillBody,
  wholeSkillJson,
} from "#contracts/skills.ts";
import type { Principal } from "#domain/principal.ts";
import { DEFAULT_SKILL_ROOT, skillMarkdown, skillPath } from "#domain/skills.ts";
import { dataFor } from "../convex/client.ts";
import { pageOf } from "../http/page.ts";
import { relativeRoot, shownPath } from "./roots.ts";

const iso = (at: number) => new Date(at).toISOString();

type Skill = FunctionReturnType<typeof api.skills.list>["page"][number];

const toJson = (skill: Skill): SkillJson => ({
  id: skill.id,
  name: skill.name,
  description: skill.description,
  title: skill.title,
  root: shownPath(skill.root),
  path: shownPath(skillPath(skill.root, skill.name)),
  enabled: skill.enabled,
  dependencies: { env_vars: skill.envVars },
  revision: skill.revision,
  production_revision: skill.productionRevision,
  size_bytes: skill.bytes,
  created_by: skill.createdById,
  created_at: iso(skill.createdAt),
  updated_at: iso(skill.updatedAt),
});

/** A page of the organization's skills, by root and name. */
export async function listSkills(
  caller: Principal,
  { root, ...page }: { limit: number; cursor?: string | undefined; root?: string | undefined },
): Promise<{ skills: SkillJson[]; next_cursor: string | null }> {
  const at = root === undefined ? {} : { root: relativeRoot(root) };
  const { rows, nextCursor } = await pageOf(
    page,
    async (paginationOpts) => await dataFor(caller).query(api.skills.list, { paginationOpts, ...at }),
  );
  return { skills: rows.map(toJson), next_cursor: nextCursor };
}

/** A skill with its text, or with an earlier one. @throws HttpError not_found */
export async function getSkill(
  caller: Principal,
  skillId: string,
  revision?: number,
): Promise<z.infer<typeof wholeSkillJson>> {
  const skill = await dataFor(caller).query(api.skills.get, {
    skillId,
    ...(revision !== undefined && { revision }),
  });
  return { ...toJson(skill), body_markdown: skill.body, skill_md: skillMarkdown(skill) };
}

/** The kept texts of a skill, the present one first. @throws HttpError not_found */
export async function listRevisions(
  caller: Principal,
  skillId: string,
): Promise<z.infer<typeof skillRevisions>["revisions"]> {
  const rows = await dataFor(caller).query(api.skills.revisions, { skillId });
  return rows.map(({ revision, changedById, changedAt }) => ({
    revision,
    changed_by: changedById,
    changed_at: iso(changedAt),
  }));
}

/** What a body says of a skill, as it is stored. */
export const fieldsOf = (body: {
  name: string;
  description: string;
  title: string;
  body_markdown: string;
  dependencies: { env_vars: string[] };
}) => ({
  name: body.name,
  description: body.description,
  title: body.title,
  body: body.body_markdown,
  envVars: [...new Set(body.dependencies.env_vars)],
  extra: "{}",
});

/** @throws HttpError invalid_request | already_exists */
export async function createSkill(
  caller: Principal,
  { root, enabled, ...body }: z.output<typeof createSkillBody>,
): Promise<SkillJson> {
  const at = { root: root === undefined ? DEFAULT_SKILL_ROOT : relativeRoot(root), enabled };
  return toJson(await dataFor(caller).mutation(api.skills.create, { ...at, ...fieldsOf(body) }));
}

/** Changes some fields. @throws HttpError not_found | forbidden | invalid_request | already_exists | file_changed */
export async function updateSkill(
  caller: Principal,
  skillId: string,
  body: z.output<typeof updateSkillBody>,
): Promise<SkillJson> {
  const { name, description, title, enabled, body_markdown, dependencies, expected_revision } = body;
  const { production_revision: revision } = body;
  const changes = {
    ...(name !== undefined && { name }),
    ...(description !== undefined && { description }),
    ...(title !== undefined && { title }),
    ...(enabled !== undefined && { enabled }),
    ...(body_markdown !== undefined && { body: body_markdown }),
    ...(dependencies !== undefined && { envVars: [...new Set(dependencies.env_vars)] }),
    ...(expected_revision !== undefined && { expectedRevision: expected_revision }),
  };
  const data = dataFor(caller);
  if (revision === undefined) return toJson(await data.mutation(api.skills.update, { skillId, ...changes }));
  if (Object.keys(changes).length > 0) await data.mutation(api.skills.update, { skillId, ...changes });
  return toJson(await data.mutation(api.skills.setProduction, { skillId, revision }));
}

/** Deletes a skill, with all of its texts. @throws HttpError not_found | forbidden */
export async function deleteSkill(caller: Principal, skillId: string): Promise<void> {
  await dataFor(caller).mutation(api.skills.remove, { skillId });
}

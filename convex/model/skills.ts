import type { AgentFields } from "#domain/agent.ts";
import { v } from "convex/values";
import { LIMITS, utf8Bytes } from "#domain/limits.ts";
import {
  DEFAULT_SKILL_ROOT,
  equalDomains,
  isRequirable,
  MAX_ALL_SKILLS_BYTES,
  MAX_SKILL_BYTES,
  MAX_SKILL_REVISIONS,
  MAX_SKILLS,
  skillExtra,
  type SkillFields,
  skillMarkdown,
  skillRootFault,
} from "#domain/skills.ts";
import { roleAtLeast } from "#domain/roles.ts";
import type { Doc, Id } from "../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../_generated/server";
import { type Caller, refuse } from "../functions.ts";
import type { Bounds } from "./bounds.ts";
import { fieldsOf, keepText } from "./skill-texts.ts";

/** What a person writes of a skill. */
export const skillFields = {
  name: v.string(),
  description: v.string(),
  title: v.string(),
  envVars: v.array(v.string()),
  body: v.string(),
  extra: v.string(),
};
export const skillBounds: Bounds = {
  root: LIMITS.skillRoot,
  name: LIMITS.skillName,
  description: LIMITS.skillDescription,
  title: LIMITS.skillTitle,
  envVars: LIMITS.skillVariables,
  body: LIMITS.skillBody,
  extra: LIMITS.skillExtra,
};

/** A skill without its text. */
export const shownSkill = v.object({
  id: v.id("skills"),
  root: v.string(),
  name: v.string(),
  description: v.string(),
  title: v.string(),
  envVars: v.array(v.string()),
  enabled: v.boolean(),
  revision: v.number(),
  bytes: v.number(),
  createdById: v.id("users"),
  createdAt: v.number(),
  updatedAt: v.number(),
  /** The text that production has; null for none. */
  productionRevision: v.nullable(v.number()),
});

/** The revision of a skill that sessions in production have; null for none. */
export const productionOf = ({ productionRevision, revision }: Doc<"skills">): number | null =>
  productionRevision === undefined ? revision : productionRevision;

/**
 * What a session of an environment has of a skill; null where it has nothing. Its name is always the present one, by
 * which messages and folders know it.
 */
export async function fieldsIn(
  ctx: QueryCtx | MutationCtx,
  row: Doc<"skills">,
  environment: Doc<"sandboxSessions">["environment"],
): Promise<(SkillFields & { revision: number }) | null> {
  const revision = environment === "production" ? productionOf(row) : row.revision;
  if (revision === null) return null;
  return { ...fieldsOf(await skillText(ctx, row._id, revision)), name: row.name, revision };
}

export const toSkill = (row: Doc<"skills">) => ({
  id: row._id,
  root: row.root,
  name: row.name,
  description: row.description,
  title: row.title,
  envVars: row.envVars,
  enabled: row.enabled,
  revision: row.revision,
  bytes: row.bytes,
  createdById: row.createdById,
  createdAt: Math.floor(row._creationTime),
  updatedAt: row.updatedAt,
  productionRevision: productionOf(row),
});

/** The same with its text. */
export const wholeSkill = shownSkill.extend({ body: v.string(), extra: v.string() });

/**
 * The skill behind an id as it came from outside.
 * @throws not_found where it is not the organization's
 */
export async function skillOf(
  ctx: QueryCtx | MutationCtx,
  organizationId: Id<"organizations">,
  rawId: string,
): Promise<Doc<"skills">> {
  const id = ctx.db.normalizeId("skills", rawId);
  const row = id && (await ctx.db.get(id));
  if (!row || row.organizationId !== organizationId) throw refuse("skill_not_found");
  return row;
}

/** All of an organization's skills, by root and name. */
export async function skillsOf(
  ctx: QueryCtx | MutationCtx,
  organizationId: Id<"organizations">,
): Promise<Doc<"skills">[]> {
  return await ctx.db
    .query("skills")
    .withIndex("by_place", (q) => q.eq("organizationId", organizationId))
    .take(MAX_SKILLS);
}

/** The skill of a name in a root; null for none. */
export async function skillAt(
  ctx: QueryCtx | MutationCtx,
  organizationId: Id<"organizations">,
  at: { root: string; name: string },
): Promise<Doc<"skills"> | null> {
  return await ctx.db
    .query("skills")
    .withIndex("by_place", (q) =>
      q.eq("organizationId", organizationId).eq("root", at.root).eq("name", at.name),
    )
    .unique();
}

/** One of a skill's texts. @throws not_found for one that is not kept */
export async function skillText(
  ctx: QueryCtx | MutationCtx,
  skillId: Id<"skills">,
  revision: number,
): Promise<Doc<"skillTexts">> {
  const row = await ctx.db
    .query("skillTexts")
    .withIndex("by_skill_revision", (q) => q.eq("skillId", skillId).eq("revision", revision))
    .unique();
  if (!row) throw refuse("skill_revision_not_found", { kept: MAX_SKILL_REVISIONS });
  return row;
}

/** Whether a session's agent gets a skill: of one that names its skills, those alone. */
export const agentHasSkill = (agent: Pick<AgentFields, "skills"> | null, name: string): boolean =>
  agent === null || agent.skills === null || agent.skills.includes(name);

/** The folders in which a session has skills. */
export const rootsOf = ({ skillsRoots }: Pick<Doc<"sandboxSessions">, "skillsRoots">): string[] =>
  skillsRoots ?? [DEFAULT_SKILL_ROOT];

/** Looks whether folders can be a session's roots. @throws invalid_request */
export function checkRoots(roots: readonly string[]): void {
  for (const root of roots) checkRoot(root);
  const alike = equalDomains(roots);
  if (alike) throw refuse("skill_roots_alike", { first: alike[0], second: alike[1] });
}

function checkRoot(root: string): void {
  const fault = skillRootFault(root);
  if (fault !== null) throw refuse("skill_root_invalid", { root, fault });
}

/** Members change what they have created, admins all. @throws forbidden */
export function mayChange(caller: Caller, skill: Doc<"skills">): void {
  if (caller.role !== "admin" && skill.createdById !== caller.user._id) throw refuse("skill_others");
}

/** Whether what somebody writes goes to production as it is. */
const mayApprove = ({ role }: Caller): boolean => roleAtLeast(role, "admin");

/** What the audit log keeps of a skill: nothing of its text. */
export const auditedSkill = (
  row: Pick<Doc<"skills">, "root" | "description" | "envVars" | "enabled" | "bytes">,
) => ({
  root: row.root,
  description: row.description,
  env_vars: row.envVars,
  enabled: row.enabled,
  bytes: row.bytes,
});

/** A text's SHA-256, hexadecimal. */
export async function sha256Of(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** What of a skill's fields stands in its row. */
const inRow = ({ name, description, title, envVars }: SkillFields) => ({ name, description, title, envVars });

/** Looks whether a skill can be what it says; its size and its hash. @throws invalid_request | already_exists */
async function measured(
  ctx: MutationCtx,
  organizationId: Id<"organizations">,
  at: { root: string; id: Id<"skills"> | null },
  fields: SkillFields,
): Promise<{ bytes: number; sha256: string; others: number }> {
  checkRoot(at.root);
  if (skillExtra(fields.extra) === null) throw refuse("skill_extra");
  const reserved = fields.envVars.find((name) => !isRequirable(name));
  if (reserved !== undefined) throw refuse("skill_variable", { name: reserved });
  const text = skillMarkdown(fields);
  const bytes = utf8Bytes(text);
  if (bytes > MAX_SKILL_BYTES) throw refuse("skill_too_large", { maxBytes: MAX_SKILL_BYTES });
  const same = await skillAt(ctx, organizationId, { root: at.root, name: fields.name });
  if (same && same._id !== at.id) throw refuse("skill_exists", { name: fields.name, root: at.root });
  const others = (await skillsOf(ctx, organizationId)).filter(({ _id }) => _id !== at.id);
  if (others.reduce((sum, other) => sum + other.bytes, bytes) > MAX_ALL_SKILLS_BYTES)
    throw refuse("skills_too_large", { maxBytes: MAX_ALL_SKILLS_BYTES });
  return { bytes, sha256: await sha256Of(text), others: others.length };
}

/** Makes a skill. @throws invalid_request | already_exists */
export async function insertSkill(
  ctx: MutationCtx,
  caller: Caller,
  { root, enabled, ...fields }: SkillFields & { root: string; enabled: boolean },
): Promise<Doc<"skills">> {
  const { organizationId, user } = caller;
  const { bytes, sha256, others } = await measured(ctx, organizationId, { root, id: null }, fields);
  if (others >= MAX_SKILLS) throw refuse("skill_limit", { limit: MAX_SKILLS });
  const skillId = await ctx.db.insert("skills", {
    organizationId,
    root,
    ...inRow(fields),
    enabled,
    revision: 1,
    bytes,
    hashes: [sha256],
    createdById: user._id,
    updatedAt: Date.now(),
    productionRevision: mayApprove(caller) ? 1 : null,
  });
  await ctx.db.insert("skillTexts", {
    organizationId,
    skillId,
    revision: 1,
    ...fields,
    changedById: user._id,
  });
  return (await ctx.db.get(skillId))!;
}

/** Gives a skill another text, as its next revision; the oldest ones go. @throws invalid_request | already_exists */
export async function reviseSkill(
  ctx: MutationCtx,
  caller: Caller,
  row: Doc<"skills">,
  fields: SkillFields,
): Promise<Doc<"skills">> {
  const { organizationId, root, _id: skillId } = row;
  const { bytes, sha256 } = await measured(ctx, organizationId, { root, id: skillId }, fields);
  const revision = row.revision + 1;
  await ctx.db.insert("skillTexts", {
    organizationId,
    skillId,
    revision,
    ...fields,
    changedById: caller.user._id,
  });
  const old = await ctx.db
    .query("skillTexts")
    .withIndex("by_skill_revision", (q) =>
      q.eq("skillId", skillId).lte("revision", revision - MAX_SKILL_REVISIONS),
    )
    .take(MAX_SKILL_REVISIONS);
  const productionRevision = mayApprove(caller) ? revision : productionOf(row);
  for (const text of old) {
    if (text.revision === productionRevision) continue;
    await keepText(ctx, text, await sha256Of(skillMarkdown(fieldsOf(text))));
    await ctx.db.delete(text._id);
  }
  const hashes = [...row.hashes, sha256].slice(-MAX_SKILL_REVISIONS);
  const after = { ...inRow(fields), revision, bytes, hashes, productionRevision, updatedAt: Date.now() };
  await ctx.db.patch(skillId, after);
  return { ...row, ...after };
}

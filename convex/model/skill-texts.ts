import { MAX_KEPT_TEXTS } from "#domain/repeat.ts";
import type { SkillFields } from "#domain/skills.ts";
import type { Doc, Id } from "../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../_generated/server";

/** The fields of a text's row. */
export const fieldsOf = ({
  name,
  description,
  title,
  envVars,
  body,
  extra,
}: Doc<"skillTexts"> | Doc<"keptSkillTexts">): SkillFields => ({
  name,
  description,
  title,
  envVars,
  body,
  extra,
});

/**
 * Keeps a text that its skill no longer does, by the hash of its SKILL.md: sessions that began with it can be repeated. The oldest
 * ones of a skill go.
 */
export async function keepText(ctx: MutationCtx, row: Doc<"skillTexts">, sha256: string): Promise<void> {
  const { organizationId, skillId } = row;
  const known = await ctx.db
    .query("keptSkillTexts")
    .withIndex("by_skill_hash", (q) => q.eq("skillId", skillId).eq("sha256", sha256))
    .first();
  if (known) await ctx.db.delete(known._id);
  await ctx.db.insert("keptSkillTexts", {
    organizationId,
    skillId,
    sha256,
    ...fieldsOf(row),
    at: Date.now(),
  });
  const kept = await ctx.db
    .query("keptSkillTexts")
    .withIndex("by_skill_at", (q) => q.eq("skillId", skillId))
    .take(MAX_KEPT_TEXTS + 1);
  for (const { _id } of kept.slice(0, Math.max(0, kept.length - MAX_KEPT_TEXTS))) await ctx.db.delete(_id);
}

/** Forgets what was kept of a skill that is deleted: its texts are gone for good. */
export async function forgetKept(ctx: MutationCtx, skillId: Id<"skills">): Promise<void> {
  const kept = await ctx.db
    .query("keptSkillTexts")
    .withIndex("by_skill_at", (q) => q.eq("skillId", skillId))
    .take(MAX_KEPT_TEXTS + 1);
  for (const { _id } of kept) await ctx.db.delete(_id);
}

/** The fields of a skill's text that has this hash; null where it is stored no more. */
export async function textByHash(
  ctx: QueryCtx | MutationCtx,
  skill: Doc<"skills">,
  sha256: string,
): Promise<SkillFields | null> {
  const at = skill.hashes.lastIndexOf(sha256);
  if (at >= 0) {
    // Hashes end with the present revision's.
    const revision = skill.revision - (skill.hashes.length - 1 - at);
    const text = await ctx.db
      .query("skillTexts")
      .withIndex("by_skill_revision", (q) => q.eq("skillId", skill._id).eq("revision", revision))
      .unique();
    if (text) return fieldsOf(text);
  }
  const kept = await ctx.db
    .query("keptSkillTexts")
    .withIndex("by_skill_hash", (q) => q.eq("skillId", skill._id).eq("sha256", sha256))
    .first();
  return kept && fieldsOf(kept);
}

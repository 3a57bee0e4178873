import { type SkillFields, skillMarkdown } from "#domain/skills.ts";
import type { Doc, Id } from "../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../_generated/server";
import { pinsOf } from "./session-pins.ts";
import { textByHash } from "./skill-texts.ts";
import { fieldsIn, sha256Of } from "./skills.ts";

/** The texts that a session has, by root and name; null for a session that has what its skills say now. */
export type FixedSkills = ReadonlyMap<string, { sha256: string | null; revision: number }> | null;
type Placed = Pick<Doc<"skills">, "root" | "name">;

const placeOf = ({ root, name }: Placed): string => `${root}/${name}`;

/** Whether a session's skills are those of a session that it repeats, and which. */
export async function fixedSkillsOf(
  ctx: QueryCtx | MutationCtx,
  sessionId: Id<"sandboxSessions">,
): Promise<FixedSkills> {
  const pins = await pinsOf(ctx, sessionId);
  return pins?.fixed ? new Map(pins.skills.map((skill) => [placeOf(skill), skill])) : null;
}

export const isFixedOut = (fixed: FixedSkills, skill: Placed): boolean =>
  fixed !== null && !fixed.has(placeOf(skill));

/**
 * What a session has of a skill that is on; null where it has nothing.
 * @returns `hashes`: those of its file by which a workspace's is known to be nobody's change, the present one last
 */
export async function skillFor(
  ctx: QueryCtx | MutationCtx,
  fixed: FixedSkills,
  row: Doc<"skills">,
  environment: Doc<"sandboxSessions">["environment"],
): Promise<{ fields: SkillFields; revision: number; hashes: () => Promise<string[]> } | null> {
  if (fixed) {
    const { sha256 = null, revision = 0 } = fixed.get(placeOf(row)) ?? {};
    const text = sha256 === null ? null : await textByHash(ctx, row, sha256);
    if (!text) return null;
    const fields = { ...text, name: row.name };
    return {
      fields,
      revision,
      hashes: async () => {
        const own = await sha256Of(skillMarkdown(fields));
        return [...row.hashes.filter((hash) => hash !== own), own];
      },
    };
  }
  const found = await fieldsIn(ctx, row, environment);
  if (!found) return null;
  const { revision, ...fields } = found;
  return {
    fields,
    revision,
    // What is there now stands last; production may have an earlier one.
    hashes: async () =>
      revision === row.revision ? row.hashes : [...row.hashes, await sha256Of(skillMarkdown(fields))],
  };
}

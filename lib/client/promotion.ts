import { effectsOf } from "#domain/project/effects.ts";
import { nameKey, type Project, type ProjectName } from "#domain/project/kinds.ts";
import type { ProjectNames } from "./project.ts";

/** How a definition stands in one environment against another. */
export type Standing = "new" | "changed" | "gone";

/** A definition that is different between two environments. */
export interface Divergence extends ProjectName {
  /** What it would be in the target: new there, changed, or gone. */
  standing: Standing;
}

/** What would be different in the target if it became what the source is, by name. */
export function divergences(source: ProjectNames, target: ProjectNames): Divergence[] {
  const known = new Map(target.definitions.map((one) => [nameKey(one), one.sha256]));
  const kept = new Set(source.definitions.map(nameKey));
  const put = source.definitions.flatMap(({ kind, slug, sha256 }): Divergence[] => {
    const there = known.get(nameKey({ kind, slug }));
    if (there === sha256) return [];
    return [{ kind, slug, standing: there === undefined ? "new" : "changed" }];
  });
  const gone = target.definitions
    .filter((one) => !kept.has(nameKey(one)))
    .map(({ kind, slug }): Divergence => ({ kind, slug, standing: "gone" }));
  return [...put, ...gone];
}

/** What it means that a target takes some definitions over from a source. */
export function promotionEffects(
  source: Project,
  target: Project,
  names: readonly ProjectName[],
  now: Date,
): ReturnType<typeof effectsOf> {
  const after = new Map(target);
  for (const name of names) {
    const one = source.get(nameKey(name));
    if (one) after.set(nameKey(name), one);
    else after.delete(nameKey(name));
  }
  return effectsOf(target, after, now);
}

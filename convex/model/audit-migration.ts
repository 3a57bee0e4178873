import { areaOf } from "#domain/audit.ts";
import type { Doc } from "../_generated/dataModel";

const BY_KEY = " by the key ";

/** `key = value`, as an entry of a changed setting once said it; undefined where it says something else. */
function settingOf({ action, target }: Doc<"auditEntries">): { target: string; after: string } | undefined {
  const [, name, value] = /^(\w+) = (.+)$/s.exec(action === "setting.changed" ? (target ?? "") : "") ?? [];
  return name !== undefined && value !== undefined ? { target: name, after: value } : undefined;
}

/**
 * What an entry lacks that named who it was in words: with the person's id, the words go, and their key's name stays.
 * Nothing where it has its new form already.
 */
export function withoutActorText(entry: Doc<"auditEntries">): Partial<Doc<"auditEntries">> {
  if (entry.area !== undefined) return {};
  const { actor, userId, action } = entry;
  const at = actor?.lastIndexOf(BY_KEY) ?? -1;
  return {
    area: areaOf(action),
    ...settingOf(entry),
    ...(userId && {
      actor: undefined,
      actorKind: at < 0 ? "member" : "apiKey",
      ...(at >= 0 && { label: actor?.slice(at + BY_KEY.length) }),
    }),
  };
}

import { nameText } from "#domain/project/kinds.ts";
import type { Applied, Place } from "./project.ts";

/** What the audit log says of a change; null where nothing is different. */
export function auditedChanges({ environment }: Place, { revision, created, updated, deleted }: Applied) {
  if (created.length + updated.length + deleted.length === 0) return null;
  return {
    action: "project.changed" as const,
    target: environment,
    after: {
      revision,
      created: created.map(nameText),
      updated: updated.map(nameText),
      deleted: deleted.map(nameText),
    },
  };
}

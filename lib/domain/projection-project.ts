import { plural } from "./plural.ts";
import { base, type Draft, type Of } from "./projection-draft.ts";

/** What became of the project, as a line of the transcript. */
export function projectChanged(draft: Draft, event: Of<"project.pushed" | "project.taken_back">): void {
  const { changed_by: by, environment, revision, created, updated, deleted } = event.payload;
  const all = created + updated + deleted;
  const parts = [
    [created, "new"],
    [updated, "changed"],
    [deleted, "deleted"],
  ] as const;
  const words = parts.flatMap(([count, word]) => (count > 0 ? [`${count} ${word}`] : [])).join(", ");
  const what =
    event.type === "project.pushed"
      ? `pushed ${all} ${plural(all, "change", "changes")} to ${environment}`
      : `took back revision ${event.payload.undoes} of ${environment}`;
  draft.items.push({
    ...base(event, `project:${event.seq}`),
    kind: "notice",
    tone: "info",
    title: `${by} ${what}`,
    text: `Revision ${revision}: ${words}.`,
  });
}

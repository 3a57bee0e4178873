import { base, type Draft, type Of, update } from "./projection-draft.ts";
import type { UserItem } from "./session-view.ts";

/** A skill that a message names went to the agent, or did not: its message shows which, and a notice says why not. */
export function skillSeen(draft: Draft, event: Of<"skill.injected" | "skill.failed">): void {
  const { mention } = event.payload;
  const used = event.type === "skill.injected";
  update(
    draft,
    (item): item is UserItem => item.kind === "user" && item.runId === event.run_id,
    (item) => ({ ...item, skills: { ...item.skills, [mention]: used } }),
  );
  if (event.type === "skill.injected") return;
  draft.items.push({
    ...base(event, `skill:${event.seq}`),
    kind: "notice",
    tone: "warning",
    title: `The skill “${event.payload.skill_name}” wasn't used`,
    text: event.payload.message,
  });
}

export function rootsChanged(draft: Draft, event: Of<"skill.roots_changed">): void {
  const { changed_by, roots } = event.payload;
  draft.items.push({
    ...base(event, `skill:${event.seq}`),
    kind: "notice",
    tone: "info",
    title: `${changed_by} changed where this session's skills are`,
    text: roots.length > 0 ? roots.join(", ") : "It has none now.",
  });
}

export function skillOffered(draft: Draft, event: Of<"skill.offered">): void {
  const { skill_id, skill_name } = event.payload;
  const isNew = skill_id === undefined;
  draft.items.push({
    ...base(event, `skill:${event.seq}`),
    kind: "notice",
    tone: "info",
    title: isNew
      ? `The agent made the skill “${skill_name}” in this workspace`
      : `The agent changed the skill “${skill_name}” in this workspace`,
    text: isNew
      ? "It's in this workspace alone. Review it in Settings, Skills, to give it to everyone."
      : "The organization's copy is as it was. Review the change in Settings, Skills.",
  });
}

import { base, type Draft, type Of } from "./projection-draft.ts";

const ACTS = {
  branch: "changed the branch",
  commit: "committed",
  pull_request: "opened a pull request",
  discard: "took changes back",
  update: "updated from the base branch",
  abandon: "abandoned an update",
} as const;

/** What became of the session's repository, as a line of the transcript. */
export function gitSeen(draft: Draft, event: Of<"git.changed" | "git.pushed">): void {
  const shown = { ...base(event, `git:${event.seq}`), kind: "notice", tone: "info" } as const;
  if (event.type === "git.changed") {
    const { changed_by, act, subject } = event.payload;
    draft.items.push({
      ...shown,
      title: `${changed_by} ${ACTS[act]}`,
      text: subject.split("\n", 1)[0] ?? "",
    });
    return;
  }
  const { branch, repository, commit } = event.payload;
  const title = commit === undefined ? "A branch was deleted" : "A branch was pushed";
  draft.items.push({ ...shown, title, text: `${branch} of ${repository}` });
}

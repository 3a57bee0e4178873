import { GREEN_END_WORDS } from "./green.ts";
import { plural } from "./plural.ts";
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
export function gitSeen(draft: Draft, event: Of<"git.changed" | "git.pushed" | "git.green">): void {
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
  if (event.type === "git.green") {
    draft.items.push({ ...shown, ...greenWords(event.payload) });
    return;
  }
  const { branch, repository, commit } = event.payload;
  const title = commit === undefined ? "A branch was deleted" : "A branch was pushed";
  draft.items.push({ ...shown, title, text: `${branch} of ${repository}` });
}

function greenWords({
  act,
  changed_by,
  repository,
  attempt = 0,
  max_attempts = 0,
  found = 0,
  reason,
  detail,
}: Of<"git.green">["payload"]): { title: string; text: string } {
  if (act === "started")
    return {
      title: `${changed_by} asked Studio to keep going until the pull request is green`,
      text: `At most ${max_attempts} ${plural(max_attempts, "attempt", "attempts")} on ${repository}.`,
    };
  if (act === "attempt")
    return {
      title: `Attempt ${attempt} of ${max_attempts} to get the pull request to green`,
      text: `The agent got ${found} ${plural(found, "failed check or comment", "failed checks and comments")}.`,
    };
  const words = reason === undefined ? "" : GREEN_END_WORDS[reason];
  return {
    title: reason === "green" ? "The pull request is green" : "Studio stopped working toward green",
    text: [words, detail ?? ""].filter((part) => part !== "").join(" "),
  };
}

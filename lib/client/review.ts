import type { SessionView } from "#domain/session-view.ts";
import type { DiffLine } from "./line-diff.ts";

/** What a person says about a line of a change. */
export interface LineComment {
  /** From the workspace's folder on. */
  path: string;
  line: DiffLine;
  text: string;
}

/** A line by its number: after the change, or before it where it was deleted. */
export const placeOf = ({ op, before, after }: DiffLine): string =>
  op === "del" ? `line ${before ?? "?"} before the change` : `line ${after ?? "?"}`;

const MAX_QUOTED_CHARS = 300;

/** Comments as one message to the agent, each with its place and the line that it is about. */
export const reviewMessage = (comments: readonly LineComment[]): string =>
  [
    "Please look at these comments on your changes, and change what they ask for:",
    ...comments.map(
      ({ path, line, text }, index) =>
        `${index + 1}. ${path}, ${placeOf(line)}:\n> ${line.text.slice(0, MAX_QUOTED_CHARS)}\n\n${text.trim()}`,
    ),
  ].join("\n\n");

/** Asks the agent to decide an update's conflicts. */
export const conflictMessage = (folder: string, paths: readonly string[]): string =>
  [
    `I've merged the base branch into ${folder}/, and these files have conflicts:`,
    paths.map((path) => `- ${folder}/${path}`).join("\n"),
    "Resolve them so that both sides' intentions are kept, run the tests, and tell me what you decided. I'll commit the merge.",
  ].join("\n\n");

const MAX_SUMMARY_CHARS = 8_000;

/** What a pull request says at first: how the agent has summed up its work, the commits, and where it comes from. */
export function pullRequestBody({
  said,
  subjects,
  address,
}: {
  said: SessionView["items"];
  subjects: readonly string[];
  address: string;
}): string {
  const last = said.findLast((item) => item.kind === "text" && item.text.trim() !== "");
  const summary = last?.kind === "text" ? last.text.trim().slice(0, MAX_SUMMARY_CHARS) : "";
  return [
    summary,
    subjects.map((subject) => `- ${subject}`).join("\n"),
    `From a session in Studio: ${address}`,
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

import type { ChangeNote, LineEnds } from "./events.ts";

/** How a text's lines end; null where it has one line at most. A lone CR ends none. */
function lineEndsOf(text: string): LineEnds | null {
  const all = text.split("\n").length - 1;
  const crlf = text.split("\r\n").length - 1;
  if (all === 0) return null;
  return crlf === 0 ? "LF" : crlf === all ? "CRLF" : "mixed";
}

/** The line ends before and after a change, where they differ. */
export function changedLineEnds(before: string, after: string): ChangeNote["line_ends"] {
  const [from, to] = [lineEndsOf(before), lineEndsOf(after)];
  return from !== null && to !== null && from !== to ? { from, to } : undefined;
}

const WORKSPACE = "/workspace";
const isOutside = (path: string) => path !== WORKSPACE && !path.startsWith(`${WORKSPACE}/`);

/** A note as sentences for a person. */
export function noteSentences({ path, through, line_ends, unchecked, no_preview }: ChangeNote): string[] {
  return [
    ...(through === undefined
      ? []
      : [`${through} is a link to ${path}${isOutside(path) ? ", outside the workspace" : ""}.`]),
    ...(line_ends ? [`Line endings in ${path} would change from ${line_ends.from} to ${line_ends.to}.`] : []),
    ...(unchecked
      ? [`Studio couldn't check ${path}: it may not be UTF-8, or may be a link to somewhere else.`]
      : []),
    ...(no_preview ? [`Studio has no preview of the change to ${path}.`] : []),
  ];
}

/** Why Studio refuses a change that would destroy bytes, for the agent and for people. @param lost how many bytes */
export function notUtf8(path: string, lost: number): string {
  const bytes = lost === 1 ? "1 byte" : `${lost} bytes`;
  return `${path} isn't UTF-8, and ${bytes} would be lost, so Studio refused this change. Change the file with a command that keeps its bytes, such as iconv or perl.`;
}

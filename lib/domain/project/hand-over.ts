import { MAX_MESSAGE_BYTES } from "../limits.ts";
import { bytesOf } from "./check.ts";
import { threeWay } from "./difference.ts";
import { faultText } from "./fault-text.ts";
import { nameText, type ProjectName } from "./kinds.ts";
import type { WorkspaceFault } from "./workspace.ts";

/** A change that goes back to the agent. */
export interface HandedChange extends ProjectName {
  file: string;
  comment?: string | undefined;
  /** Where somebody else has changed it, too: as JSON texts, null where it is not there. */
  moved?: { base: string | null; workspace: string | null; current: string | null } | undefined;
}

const MAX_VALUE = 300;
const MAX_FIELDS = 20;

const show = (value: unknown): string => {
  const text = value === undefined ? "nothing" : JSON.stringify(value);
  return text.length > MAX_VALUE ? `${text.slice(0, MAX_VALUE - 1)}…` : text;
};
const read = (text: string | null): unknown => (text === null ? null : JSON.parse(text));

function movedLines({ base, workspace, current }: NonNullable<HandedChange["moved"]>): string[] {
  const ways = threeWay(read(base), read(workspace), read(current)).slice(0, MAX_FIELDS);
  return ways
    .filter((one) => "theirs" in one)
    .map(
      ({ path, base: was, theirs, conflict }) =>
        `  - ${path === "" ? "all of it" : path}: was ${show(was)}, is ${show(theirs)} in the project now${conflict ? ", and you have changed it, too" : ""}`,
    );
}

/** The message with which a person sends changes of the project back to the agent. */
export function handOverText({
  changes,
  faults,
  message,
}: {
  changes: readonly HandedChange[];
  faults: readonly WorkspaceFault[];
  message?: string | undefined;
}): string {
  const lines = ["These changes to the project aren't ready to be pushed. Please go over them again."];
  if (message !== undefined) lines.push("", message.trim());
  if (changes.length > 0) lines.push("");
  for (const change of changes) {
    const { file, comment, moved } = change;
    lines.push(`- ${nameText(change)} (${file})${comment ? `: ${comment.trim()}` : ""}`);
    if (!moved) continue;
    lines.push("  Somebody else has changed it in the project since it was pulled:", ...movedLines(moved));
  }
  if (faults.length > 0)
    lines.push("", "Problems in the files:", ...faults.map((one) => `- ${faultText(one)}`));
  if (changes.some(({ moved }) => moved))
    lines.push(
      "",
      "Keep both sides where they fit together. `struere pull --force` takes the project's side; write yours over it again afterwards.",
    );
  lines.push("", "Run `struere validate` when you're done. Don't push.");
  let text = lines.join("\n");
  while (bytesOf(text) > MAX_MESSAGE_BYTES) text = `${text.slice(0, Math.floor(text.length * 0.9))}\n…`;
  return text;
}

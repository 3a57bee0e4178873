/** A question of the agent, as far as it matters what a person's answer to it covers. */
export interface ApprovalRequest {
  tool: string;
  kind: string;
  request: Readonly<Record<string, unknown>>;
  diff?: { path: string } | undefined;
  /** All files, where it would change more than one. */
  diffs?: readonly { path: string }[] | undefined;
}

const text = (value: unknown) => (typeof value === "string" && value !== "" ? value : undefined);

/**
 * What an answer for the whole session covers: the same command to the letter, any change of the same file or of the very same files, else the
 * same tool with the same request. Never more: a command that only begins alike is asked for again.
 */
export function coverOf({ tool, kind, request, diff, diffs }: ApprovalRequest): {
  subject: string;
  words: string;
} {
  const command = kind === "execute" ? text(request.command) : undefined;
  if (command !== undefined) return { subject: JSON.stringify(["command", command]), words: command };
  if (diffs && diffs.length > 1) {
    const paths = [...new Set(diffs.map(({ path }) => path))].toSorted((a, b) => (a < b ? -1 : 1));
    return { subject: JSON.stringify(["files", ...paths]), words: `edits of ${paths.join(", ")}` };
  }
  const path = diff?.path ?? text(request.filePath) ?? text(request.filepath);
  if (path !== undefined) return { subject: JSON.stringify(["file", path]), words: `edits of ${path}` };
  const fields = Object.entries(request).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return { subject: JSON.stringify([tool, fields]), words: `${tool} with the same request` };
}

import { needsDecision } from "./decisions.ts";

/** A question of the agent, as far as it matters what it asks for, and what a person's answer to it covers. */
export interface ApprovalRequest {
  tool: string;
  kind: string;
  request: Readonly<Record<string, unknown>>;
  diff?: { path: string } | undefined;
  /** All files, where it would change more than one. */
  diffs?: readonly { path: string }[] | undefined;
}

/** What an agent wants to do: run a command, change files, read one, reach into a folder, fetch an address, or use a tool. */
export type Act =
  | { act: "run"; command: string | undefined }
  | { act: "change"; paths: readonly string[] }
  | { act: "read"; path: string }
  | { act: "reach"; folders: readonly string[] }
  | { act: "fetch"; url: string | undefined }
  | { act: "use" };

const text = (value: unknown) => (typeof value === "string" && value !== "" ? value : undefined);
const texts = (value: unknown) =>
  Array.isArray(value) ? value.filter((item): item is string => typeof item === "string" && item !== "") : [];

const CHANGES: ReadonlySet<string> = new Set(["edit", "delete", "move"]);

/** The folders outside of the workspace that a question is about (OpenCode's `external_directory`, 1.18.33). */
function foldersOf({ request }: ApprovalRequest): string[] {
  const parent = text(request.parentDir);
  return [...new Set([...(parent === undefined ? [] : [parent]), ...texts(request.directories)])].toSorted();
}

/** What a question asks for. A folder that a command or a change reaches into is asked about by itself. */
export function actOf(asked: ApprovalRequest): Act {
  const { tool, kind, request, diff, diffs } = asked;
  const path = diff?.path ?? text(request.filePath) ?? text(request.filepath);
  const folders = foldersOf(asked);
  if (folders.length > 0)
    return tool === "read" && path !== undefined ? { act: "read", path } : { act: "reach", folders };
  if (kind === "execute") return { act: "run", command: text(request.command) };
  if (diffs && diffs.length > 1)
    return { act: "change", paths: [...new Set(diffs.map((one) => one.path))].toSorted() };
  if (CHANGES.has(kind) || diff) return { act: "change", paths: path === undefined ? [] : [path] };
  if (kind === "fetch") return { act: "fetch", url: text(request.url) };
  if (path !== undefined && (kind === "read" || tool === "read")) return { act: "read", path };
  return { act: "use" };
}

/**
 * Whether a question only asks for the folder of an act that is asked about by itself: then its answer is that one's.
 * Should the other question not come, the act has a result that nobody decided on, and is ended as such.
 */
export function isAskedAgain(asked: ApprovalRequest): boolean {
  const { tool, kind, request } = asked;
  // A subagent's question has no kind: of these, a command's alone is known to come again.
  const isAct = kind === "execute" || CHANGES.has(kind) || text(request.command) !== undefined;
  return actOf(asked).act === "reach" && isAct && needsDecision({ tool, kind, input: request });
}

/**
 * What an answer for the whole session covers: the same command to the letter, any change of the same file or of the
 * very same files, reading the same file, else the same tool with the same request. Never more: a command that only
 * begins alike is asked for again, and leave for one kind of act is none for another.
 * @returns `subject`: null where the question does not say what it is for, so that an answer covers this one alone
 */
export function coverOf(asked: ApprovalRequest): { subject: string | null; words: string } {
  const act = actOf(asked);
  const of = (words: string, ...parts: string[]) => ({ subject: JSON.stringify([act.act, ...parts]), words });
  switch (act.act) {
    case "run":
      if (act.command !== undefined) return of(act.command, act.command);
      break;
    case "change":
      if (act.paths.length > 0) return of(`changes of ${act.paths.join(", ")}`, ...act.paths);
      break;
    case "read":
      return of(`reading ${act.path}`, act.path);
    case "reach":
      return of(`${asked.tool} in ${act.folders.join(", ")}`, asked.tool, ...act.folders);
    case "fetch":
      if (act.url !== undefined) return of(`fetching ${act.url}`, act.url);
      break;
    case "use":
  }
  if (Object.keys(asked.request).length === 0) return { subject: null, words: "this request alone" };
  const fields = Object.entries(asked.request).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return {
    subject: JSON.stringify(["use", asked.tool, fields]),
    words: `${asked.tool} with the same request`,
  };
}

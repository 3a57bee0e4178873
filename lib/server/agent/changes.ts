import { z } from "zod";
import { actOf } from "#domain/approval-rules.ts";
import { changedLineEnds, notUtf8 } from "#domain/change-notes.ts";
import type { ChangeNote, Diff } from "#domain/events.ts";
import type { FileLook } from "../sandbox/look.ts";
import { diffsOf, isDiff, MAX_DIFFS, patchedFilesOf, patchedText } from "./requests.ts";
import { permissionRequest, type RpcMessage, type ToolCall } from "./wire.ts";

/** What a question says of one file that would be changed. */
export interface AskedChange {
  path: string;
  /** The whole texts, where the agent sends them. */
  told?: Diff | undefined;
  /** The change as a unified diff, which the agent makes of the text without its BOM (OpenCode 1.18.33). */
  patch?: string | undefined;
  /** Whether the file is removed: no byte of it is rewritten. */
  removed?: boolean;
  /** Whether it is where a file is moved from, or to: its text is the other's. */
  moved?: boolean;
}

/** What was found of the files that a question is about: by the path that the agent names. */
export type Looks = ReadonlyMap<string, FileLook>;

/** A question as it is shown once its files were looked at. */
export interface CheckedChanges {
  diffs: Diff[];
  notes: ChangeNote[];
  /** Why Studio itself refuses it. */
  refusal?: string;
}

const text = (value: unknown) => (typeof value === "string" && value !== "" ? value : undefined);

/** The change that a question's `filepath` and `diff` describe. */
export function changeIn(request: Readonly<Record<string, unknown>>): AskedChange[] {
  const path = text(request.filepath) ?? text(request.filePath);
  return path === undefined ? [] : [{ path, patch: text(request.diff) }];
}

/** The files that a question for leave would change; none where it is for something else. */
export function changesIn(call: ToolCall): AskedChange[] {
  const request = call.rawInput ?? {};
  const told = diffsOf(call);
  const act = actOf({ tool: call.title ?? "", kind: call.kind ?? "other", request, diffs: told });
  if (act.act === "reach") return [];
  if (call.kind !== "edit" && call.kind !== "delete" && call.kind !== "move" && told.length === 0) return [];
  const files = patchedFilesOf(call);
  if (files.length === 0 && told.length === 0) return changeIn(request);
  const ofFile = new Map(files.map((file) => [file.filePath, file]));
  const patch = files.length === 0 && told.length === 1 ? text(request.diff) : undefined;
  const paths = new Set([...ofFile.keys(), ...told.map(({ path }) => path)]);
  return [...paths].slice(0, MAX_DIFFS).map((path) => {
    const file = ofFile.get(path);
    return {
      path,
      told: told.find((diff) => diff.path === path),
      patch: file?.patch ?? patch,
      removed: file?.type === "delete",
      moved: file?.type === "move" || (file === undefined && files.length > 0),
    };
  });
}

/** The files that have to be looked at before a message can be told to people. Pure. */
export function pathsAsked(message: RpcMessage): string[] {
  if (message.method !== "session/request_permission") return [];
  const parsed = permissionRequest.safeParse(message.params);
  return parsed.success ? absolute(changesIn(parsed.data.toolCall)) : [];
}

/** The places of changes. What has no place of its own cannot be looked at. */
export const absolute = (changes: readonly AskedChange[]): string[] =>
  changes.map(({ path }) => path).filter((path) => path.startsWith("/"));

/** The true texts of a change; undefined where they are not known. */
function diffOf({ told, patch }: AskedChange, look: FileLook, path: string): Diff | undefined {
  const before = look.kind === "none" ? "" : look.text;
  if (before === undefined) return undefined;
  const after =
    told && (told.old_text ?? "") === before
      ? told.new_text
      : patch === undefined
        ? undefined
        : patchedText(before, patch);
  return after === undefined
    ? undefined
    : { path, old_text: look.kind === "none" ? null : before, new_text: after };
}

function checkedOne(change: AskedChange, look: FileLook | undefined): CheckedChanges {
  const { told } = change;
  const asTold = told ? [told] : [];
  if (look?.real === undefined || look.kind === "unknown")
    return {
      diffs: asTold,
      notes: [{ path: change.path, unchecked: true, ...(!told && { no_preview: true }) }],
    };
  const path = look.real;
  const through = path === change.path ? {} : { through: change.path };
  const lost = change.removed ? 0 : (look.lost ?? 0);
  const diff = lost > 0 || change.moved ? undefined : diffOf(change, look, path);
  // Where nothing better is known, what the agent says; of bytes that are no text it says something untrue.
  const shown = diff ?? (told && lost === 0 ? { ...told, path } : undefined);
  const line_ends = shown && changedLineEnds(shown.old_text ?? "", shown.new_text);
  const note = {
    ...through,
    ...(line_ends && !change.removed && { line_ends }),
    ...(!diff && !change.removed && !change.moved && { no_preview: true }),
  };
  return {
    diffs: shown ? [shown] : [],
    notes: Object.keys(note).length > 0 ? [{ path, ...note }] : [],
    ...(lost > 0 && { refusal: notUtf8(path, lost) }),
  };
}

/** What a question would change, by what was found of its files. Pure. */
export function checkChanges(changes: readonly AskedChange[], looks: Looks): CheckedChanges {
  const all = changes.map((change) => checkedOne(change, looks.get(change.path)));
  const refusals = all.flatMap(({ refusal }) => refusal ?? []);
  return {
    diffs: all.flatMap(({ diffs }) => diffs),
    notes: all.flatMap(({ notes }) => notes),
    ...(refusals.length > 0 && { refusal: refusals.join("\n") }),
  };
}

const PATH_FIELDS = ["filepath", "filePath", "relativePath"] as const;

/** Where the paths of links lead. */
const placesOf = (notes: readonly ChangeNote[]) =>
  new Map(notes.flatMap(({ through, path }) => (through === undefined ? [] : [[through, path]])));

/** A request that names the places its paths lead to: people see them, and an answer for the session covers them. */
export function atRealPlaces(
  request: Record<string, unknown>,
  notes: readonly ChangeNote[],
): Record<string, unknown> {
  const places = placesOf(notes);
  const named = PATH_FIELDS.flatMap((field) => text(request[field]) ?? []);
  const place = named.map((path) => places.get(path)).find((found) => found !== undefined);
  const moved = PATH_FIELDS.filter((field) => place !== undefined && request[field] !== undefined);
  const files = z.array(z.record(z.string(), z.unknown())).safeParse(request.files).data;
  return {
    ...request,
    ...Object.fromEntries(moved.map((field) => [field, place])),
    ...(files && { files: files.map((file) => atRealPlaces(file, notes)) }),
  };
}

/** The same for a whole question. */
export function callAtRealPlaces(call: ToolCall, notes: readonly ChangeNote[]): ToolCall {
  const places = placesOf(notes);
  if (places.size === 0) return call;
  const content = call.content?.map((part) =>
    isDiff(part) ? { ...part, path: places.get(part.path) ?? part.path } : part,
  );
  return {
    ...call,
    ...(call.rawInput && { rawInput: atRealPlaces(call.rawInput, notes) }),
    ...(content && { content }),
  };
}

/** The fields of a question that say what was found, beside its diffs. */
export function shownFindings({ notes, refusal }: CheckedChanges): {
  notes?: ChangeNote[];
  refusal?: string;
} {
  return { ...(notes.length > 0 && { notes }), ...(refusal !== undefined && { refusal }) };
}

import { createHash } from "node:crypto";
import { applyPatch, parsePatch } from "diff";
import { z } from "zod";
import { actOf } from "#domain/approval-rules.ts";
import type { Diff } from "#domain/events.ts";
import { patchDiffs } from "#domain/patch.ts";
import type { ToolCall, ToolContent } from "./wire.ts";

/** Whether a part of a call is a change of a file, with its texts. */
export function isDiff(part: ToolContent): part is Extract<ToolContent, { type: "diff" }> {
  return part.type === "diff" && "newText" in part;
}

/** More files of one call are not shown by their texts. */
export const MAX_DIFFS = 50;

/** What a call changes, file by file: as it is told, else as its patch says. */
export function diffsOf(call: ToolCall): Diff[] {
  const told = (call.content ?? [])
    .filter(isDiff)
    .map(({ path, oldText, newText }) => ({ path, old_text: oldText || null, new_text: newText }));
  const patch = call.rawInput?.patchText;
  return (told.length > 0 || typeof patch !== "string" ? told : patchDiffs(patch)).slice(0, MAX_DIFFS);
}

/** A diff with the size and hash of what the file is to become, since its texts are cut where they are long. */
function measured(diff: Diff): Diff {
  const bytes = Buffer.from(diff.new_text, "utf8");
  return { ...diff, bytes: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") };
}

/** The fields of an event that shows diffs: the first, and all of them where there are several. */
export function shownDiffs(diffs: readonly Diff[] | undefined): { diff?: Diff; diffs?: Diff[] } {
  const all = (diffs ?? []).map(measured);
  const [diff] = all;
  return { ...(diff && { diff }), ...(all.length > 1 && { diffs: all }) };
}

/** What a unified diff says of its files: the lines around each change, before and after it. */
export function unifiedDiffs(text: string, path: string): Diff[] {
  let files: ReturnType<typeof parsePatch>;
  try {
    files = parsePatch(text);
  } catch {
    return [];
  }
  const side = (hunks: { lines: string[] }[], sign: "-" | "+") =>
    hunks
      .flatMap(({ lines }) => lines.filter((line) => line.startsWith(" ") || line.startsWith(sign)))
      .map((line) => `${line.slice(1)}\n`)
      .join("");
  return files
    .filter(({ hunks }) => hunks.length > 0)
    .slice(0, MAX_DIFFS)
    .map(({ hunks, newFileName }) => ({
      path: files.length === 1 ? path : (newFileName ?? path),
      old_text: side(hunks, "-") || null,
      new_text: side(hunks, "+"),
    }));
}

const BOM = "\uFEFF";

/**
 * A file's text after a unified diff of it, which the agent makes without the file's BOM (OpenCode 1.18.33).
 * @returns undefined where it is no diff of this text
 */
export function patchedText(before: string, patch: string): string | undefined {
  const bom = before.startsWith(BOM) ? BOM : "";
  try {
    const after = applyPatch(before.slice(bom.length), patch);
    return after === false ? undefined : bom + after;
  } catch {
    return undefined;
  }
}

/** A file of a question for leave to patch (OpenCode 1.18.33). */
const patchedFile = z.object({
  filePath: z.string(),
  relativePath: z.string().optional(),
  type: z.enum(["add", "update", "delete", "move"]).optional(),
  additions: z.number().optional(),
  deletions: z.number().optional(),
  patch: z.string().optional(),
});

/** The files of a question for leave to patch; none where it is another. */
export function patchedFilesOf(call: ToolCall): z.infer<typeof patchedFile>[] {
  const parsed = z.array(patchedFile).safeParse(call.rawInput?.files);
  return parsed.success ? parsed.data : [];
}

/** Linux takes no longer argument of a program, the zero byte at its end included (MAX_ARG_STRLEN). */
const MAX_COMMAND_BYTES = 131_071;

/** Why Studio refuses a command that no shell can be started with; nothing where one can. */
export function longCommand({ command }: Readonly<Record<string, unknown>>): { refusal?: string } {
  const bytes = typeof command === "string" ? Buffer.byteLength(command) : 0;
  if (bytes <= MAX_COMMAND_BYTES) return {};
  return {
    refusal: `This command has ${bytes} bytes, and Linux runs none above ${MAX_COMMAND_BYTES}, so Studio refused it. Put long text into a file with the write tool, and run a short command that reads the file.`,
  };
}

const VERBS: Record<string, string> = { add: "Write", delete: "Delete", move: "Move" };
const MAX_SUMMARY_CHARS = 500;

/** The person's question in words: what would happen. */
export function summarize(name: string, call: ToolCall): string {
  const files = patchedFilesOf(call);
  const diffs = diffsOf(call);
  const names =
    files.length > 0 ? files.map((f) => f.relativePath ?? f.filePath) : diffs.map(({ path }) => path);
  if (names.length > 1)
    return `Change ${names.length} files: ${names.join(", ")}`.slice(0, MAX_SUMMARY_CHARS);
  const [path] = names;
  const act = actOf({
    tool: name,
    kind: call.kind ?? "other",
    request: call.rawInput ?? {},
    ...(path !== undefined && { diff: { path } }),
  });
  switch (act.act) {
    case "run":
      return `Run ${act.command ?? call.title ?? "a command"}`;
    case "change": {
      const verb = VERBS[files[0]?.type ?? ""] ?? (name === "write" ? "Write" : "Change");
      return `${verb} ${act.paths[0] ?? call.title ?? "a file"}`;
    }
    case "read":
      return `Read ${act.path}`;
    case "reach":
      return `${name === "bash" ? "Run a command" : `Use ${name}`} in ${act.folders.join(", ")}`;
    case "fetch":
      return `Fetch ${act.url ?? call.title ?? "an address"}`;
    case "use":
      return `Use ${call.title ?? name}`;
  }
}

/** A request as it is shown: without file contents and diffs, which have fields of their own. */
export function shownInput(call: ToolCall): Record<string, unknown> {
  const {
    content: _content,
    diff: _diff,
    oldString: _old,
    newString: _new,
    patchText: _patch,
    files: _files,
    ...rest
  } = call.rawInput ?? {};
  const files = patchedFilesOf(call).map(({ patch: _filePatch, ...file }) => file);
  return files.length > 0 ? { ...rest, files } : rest;
}

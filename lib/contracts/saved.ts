import { z } from "zod";
import { LIMITS } from "#domain/limits.ts";
import { boundedText } from "./limits.ts";
import { idParam } from "./route.ts";

/** Places of one search that are listed, and characters of each. */
export const MAX_MATCHES = 200;
export const MAX_MATCH_CHARS = 300;
/** Of a comparison: files that are listed, and bytes of its patch. */
export const MAX_COMPARED_FILES = 1_000;
export const MAX_COMPARED_BYTES = 2_000_000;

/** Query of `GET /api/studio/sessions/{id}/files/search`. */
export const searchFilesQuery = z.object({
  text: boundedText({
    ...LIMITS.searchText,
    min: 1,
    pattern: /^[^\0\r\n]+$/,
    hint: "must be one line",
  }).describe("Words as they stand in a line, in any case."),
});
export const searchFilesResponse = z.object({
  savedAt: z.number().nullable().describe("When the files were saved that were searched."),
  matches: z.array(
    z.object({
      path: z.string(),
      line: z.number().int(),
      text: z.string().describe("The line, or the part of it around the words where it is long."),
    }),
  ),
  truncated: z.boolean(),
});

/** Query of `GET /api/studio/sessions/{id}/checkpoints/compare`. */
export const compareQuery = z
  .object({
    from: idParam.optional().describe("The earlier checkpoint; without it, an empty workspace."),
    to: idParam.optional().describe("The later checkpoint."),
    run: idParam
      .optional()
      .describe("A run, in place of both: what changed between the checkpoints before and after it."),
  })
  .refine(
    ({ from, to, run }) => (run === undefined ? to !== undefined : from === undefined && to === undefined),
    "Send `to`, and `from` if wanted; or `run`.",
  );
const comparedCheckpoint = z.object({
  id: z.string(),
  seq: z.number().int().describe("The session's last event when it was begun."),
  savedAt: z.number(),
});
export const compareResponse = z.object({
  from: comparedCheckpoint.nullable(),
  to: comparedCheckpoint,
  files: z.array(
    z.object({
      path: z.string(),
      change: z.enum(["added", "changed", "deleted"]),
    }),
  ),
  patch: z.string().describe("As `git diff` writes it, without git's own folders and the sandbox's keys."),
  truncated: z.boolean().describe("Whether there are more files, or lines, than are here."),
});
export type Comparison = z.infer<typeof compareResponse>;

/** `GET /api/v1/saved-work` */
export const savedWorkResponse = z.object({
  used_bytes: z.number().int().describe("What all checkpoints take up; what branches share counts once."),
  limit_bytes: z.number().int().describe("At that, nothing more is saved."),
  max_file_bytes: z.number().int().describe("A larger file is left out."),
  max_workspace_bytes: z.number().int().describe("Beyond, the largest files are left out."),
  max_files: z.number().int(),
  not_saved: z
    .array(z.string())
    .describe("Names that are left out, in whatever folder: what can be made again."),
});
export type SavedWork = z.infer<typeof savedWorkResponse>;

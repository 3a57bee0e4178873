import { z } from "zod";
import { CHECKPOINT_CAUSES } from "#domain/checkpoints.ts";
import { LIMITS } from "#domain/limits.ts";
import { REWIND_CHANGES, REWIND_LIMITS, REWIND_PARTS } from "#domain/rewind.ts";
import { boundedText, boundedTexts, boundedWhole } from "./limits.ts";
import { idParam } from "./route.ts";

const count = z.number().int().nonnegative();

export const checkpointSchema = z.object({
  id: z.string(),
  seq: z.number().int().describe("The last event of the log when it was begun."),
  runId: z
    .string()
    .nullable()
    .describe("The run whose end it shows; null before the first, and where a run was going meanwhile."),
  betweenTurns: z.boolean().describe("Whether no run was going while it was taken."),
  cause: z.enum(CHECKPOINT_CAUSES),
  createdAt: z.number().describe("Epoch milliseconds."),
  verifiedAt: z.number().describe("When what is stored had been read back and compared; epoch milliseconds."),
  files: count,
  sizeBytes: count.describe("Of the workspace's files."),
  storedBytes: count.describe("What it takes up, beside the checkpoints that it builds on."),
  leftOut: count.describe("How many files are not in it."),
});
export type Checkpoint = z.infer<typeof checkpointSchema>;

/** `GET /api/studio/sessions/{id}/checkpoints` */
export const checkpointsResponse = z.object({
  checkpoints: z.array(checkpointSchema),
  nextCursor: z.string().nullable(),
});

/** `POST /api/studio/sessions/{id}/checkpoints` */
export const savedResponse = z.object({
  state: z
    .enum(["saved", "unchanged", "saving"])
    .describe("`unchanged`: the latest checkpoint holds; `saving`: it is not done yet, and goes on."),
  checkpoint: checkpointSchema.nullable().describe("The latest checkpoint."),
});

/** `POST /api/studio/sessions/{id}/checkpoints/{checkpoint_id}/restore` */
export const restoreBody = z.strictObject({
  path: boundedText(LIMITS.workspacePath).describe("Within the workspace."),
  overwrite: z
    .boolean()
    .default(false)
    .describe("Whether it is replaced also where a person has changed it since the agent's last turn."),
});
export const restoreResponse = z.object({
  path: z.string(),
  change: z.enum(["added", "changed", "unchanged"]),
});

const paths = boundedTexts(LIMITS.rewindPaths).default([]);

/** `POST /api/studio/sessions/{id}/rewind`: where to go back to is exactly one of the first five. */
export const rewindBody = z
  .strictObject({
    runId: idParam.optional().describe("To the end of this run, which stays."),
    beforeRunId: idParam.optional().describe("To what was there before this run's message."),
    toSeq: boundedWhole(LIMITS.seq)
      .optional()
      .describe("To the end of the last saved run that had ended by this event."),
    checkpointId: idParam.optional().describe("To this checkpoint."),
    undo: z.literal(true).optional().describe("To what was there before the last rewind."),
    what: z.enum(REWIND_PARTS).default("both").describe("What goes back; with `undo` what the rewind took."),
    preview: z.boolean().default(false).describe("Whether only to say what would change."),
    overwrite: paths.describe(
      "Files that a person has changed by hand, and that are to go back all the same. A folder ends with a slash; `/` is all.",
    ),
    keep: paths.describe("Those that stay as they are. The closer of two entries counts."),
    takeBack: z
      .array(count)
      .max(REWIND_LIMITS.maxPushes)
      .optional()
      .describe(
        "Revisions of the project to take back when it begins: of those that a preview names as `pushes`. It needs the scope `project:write`, and is refused whole where somebody has changed the same definitions since.",
      ),
    confirm: z.literal("production").optional().describe("Where that is the environment taken back."),
  })
  .refine(
    ({ runId, beforeRunId, toSeq, checkpointId, undo }) =>
      [runId, beforeRunId, toSeq, checkpointId, undo].filter((one) => one !== undefined).length === 1,
    "Say where to go back to with exactly one of runId, beforeRunId, toSeq, checkpointId and undo.",
  );

export const rewindResponse = z.object({
  state: z
    .enum(["preview", "begun"])
    .describe(
      "`begun`: `session.rewound` in the log says that it is done, `session.rewind_failed` that it is not.",
    ),
  what: z.enum(REWIND_PARTS),
  runId: z.string().nullable().describe("The last run that stays; null for none."),
  toSeq: z.number().int().describe("Where that ended in the log; what comes after is set aside."),
  checkpointId: z.string().nullable(),
  counts: z.object({ added: count, changed: count, deleted: count }),
  files: z
    .array(
      z.object({
        path: z.string(),
        change: z.enum(REWIND_CHANGES),
        byHand: z.boolean().describe("Whether a person has changed it since the agent's last turn."),
      }),
    )
    .describe(`What changes in the workspace: at most ${REWIND_LIMITS.maxListed} files.`),
  openCount: count.describe("How many of those changed by hand are named under neither list."),
  pushes: z
    .array(count)
    .describe(
      "Revisions of the project that were pushed from the session after that point. A rewind leaves those that it isn't told to take back; once the files are back, what would do so is among the changes to push.",
    ),
});
export type RewindResponse = z.infer<typeof rewindResponse>;

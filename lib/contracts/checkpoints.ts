import { z } from "zod";
import { CHECKPOINT_CAUSES } from "#domain/checkpoints.ts";

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

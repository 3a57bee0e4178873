import { z } from "zod";
import { LIMITS } from "#domain/limits.ts";
import { MAX_WRITE_BYTES, filesResponse, writeFileBody } from "./files.ts";
import { boundedText } from "./limits.ts";

/** Characters of each of the two that a command's response has; a command that prints far more is ended. */
export const MAX_TOOL_OUTPUT = 64_000;
const MAX_TIMEOUT_S = 300;

/** `POST /api/v1/sessions/{id}/tools/shell` */
export const shellBody = z.strictObject({
  command: boundedText(LIMITS.shellCommand).refine(
    (text) => text.trim() !== "",
    "Send a command: it is empty.",
  ),
  working_dir: boundedText({ ...LIMITS.workspacePath, min: 0 })
    .default("")
    .describe("A folder below the workspace; empty for the workspace itself."),
  timeout_seconds: z.number().int().min(1).max(MAX_TIMEOUT_S).default(60),
});
export const shellResponse = z.object({
  stdout: z.string(),
  stderr: z.string(),
  exit_code: z.number().int().nullable().describe("Null where it did not end by itself."),
  duration_ms: z.number().int(),
  timed_out: z.boolean(),
  truncated: z.boolean().describe("Whether it printed more than is here."),
});

const path = boundedText({ ...LIMITS.workspacePath, min: 0 }).describe("Below the workspace.");

/** `POST /api/v1/sessions/{id}/tools/filesystem` */
export const filesystemBody = z.discriminatedUnion("action", [
  z.strictObject({ action: z.literal("read"), path }),
  z.strictObject({ action: z.literal("list"), path: path.default("") }),
  z.strictObject({
    action: z.literal("write"),
    path: path.min(1),
    content: writeFileBody.shape.content.describe(`UTF-8 text of at most ${MAX_WRITE_BYTES} bytes.`),
    expected_hash: writeFileBody.shape.expectedHash
      .optional()
      .describe(
        "The `hash` of the file as you read it, null for a new one; without it, whatever is there is replaced.",
      ),
  }),
]);
export const filesystemResponse = filesResponse;

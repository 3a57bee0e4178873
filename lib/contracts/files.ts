import { z } from "zod";
import { LIMITS, utf8Bytes } from "#domain/limits.ts";
import { boundedText } from "./limits.ts";

/** Bytes of a file that is shown, and of one that is saved, as UTF-8. */
export const MAX_READ_BYTES = 1_000_000;
export const MAX_WRITE_BYTES = 500_000;

/** A path below the workspace, such as `agents/support.ts`; empty for the workspace itself. */
const workspacePath = boundedText({ ...LIMITS.workspacePath, min: 0 });

/** Query of `GET /api/studio/sessions/{id}/files`. */
export const filesQuery = z.object({
  path: workspacePath.default("").describe("Below the workspace; empty for the workspace itself."),
});

/** Query of `GET /api/studio/sessions/{id}/files/content`. */
export const contentQuery = z.object({
  path: workspacePath.default("").describe("Below the workspace."),
  raw: z.literal("1").optional().describe("The bytes as they are, which is all there is today."),
});

/** Entries of a folder that are listed. */
export const MAX_ENTRIES = 1_000;

/** An entry of a folder; `modifiedAt` is epoch milliseconds, null where the sandbox does not say. */
export const fileEntrySchema = z.object({
  name: z.string().describe("With replacement characters where it is not UTF-8."),
  nameBytes: z.string().optional().describe("The name's bytes as base64, where it is not UTF-8."),
  kind: z
    .enum(["file", "folder", "link", "socket", "pipe", "device", "unknown"])
    .describe("For a link what it leads to; `link` where that is nothing."),
  size: z.number().int(),
  modifiedAt: z.number().nullable(),
  link: z.boolean(),
  readable: z.boolean().describe("False where the sandbox's user may not read it."),
});
export type FileEntry = z.infer<typeof fileEntrySchema>;

export const folderSchema = z.object({
  kind: z.literal("folder"),
  path: z.string(),
  entries: z.array(fileEntrySchema),
  /** True where the folder has more entries than are listed. */
  truncated: z.boolean(),
});

/** A file. `hash` is the SHA-256 of its bytes in hexadecimal; `content` is null where it is no UTF-8 text. */
export const fileSchema = z.object({
  kind: z.literal("file"),
  path: z.string(),
  size: z.number().int(),
  modifiedAt: z.number().nullable(),
  hash: z.string().describe("SHA-256 of its bytes, in hexadecimal."),
  encoding: z.enum(["utf-8", "unknown"]),
  content: z.string().nullable().describe("Null where it is not UTF-8 text."),
});
export type WorkspaceFile = z.infer<typeof fileSchema>;

export const filesResponse = z.discriminatedUnion("kind", [folderSchema, fileSchema]);
export type FilesAnswer = z.infer<typeof filesResponse>;

/** `PUT /api/studio/sessions/{id}/files`: `expectedHash` is that of the file as it was read; null for a new file. */
export const writeFileBody = z.strictObject({
  path: workspacePath.min(1),
  content: z.string().refine((text) => utf8Bytes(text) <= MAX_WRITE_BYTES, {
    message: `A file that is saved here may have at most ${MAX_WRITE_BYTES} bytes.`,
    params: { code: "too_large" },
  }),
  expectedHash: z
    .string()
    .regex(/^[0-9a-f]{64}$/, "Send the hash that the file was read with.")
    .nullable()
    .describe("The `hash` of the file as it was read; null for a new file."),
});
export type WriteFileBody = z.infer<typeof writeFileBody>;

import { z } from "zod";

/** `POST /api/studio/sessions/{id}/preview`: which port of the sandbox, and where in it. */
export const previewBody = z.strictObject({
  port: z.number().int().min(1).max(65_535),
  path: z
    .string()
    .max(2000)
    .regex(/^\/(?![/\\])[\x21-\x7e]*$/, "Write a path that begins with a slash.")
    .default("/"),
});

/** Where a browser opens the preview; the address is good for a minute, for whoever asked. */
export const previewResponse = z.object({ url: z.string(), origin: z.string(), expiresAt: z.number() });
export type PreviewAnswer = z.infer<typeof previewResponse>;

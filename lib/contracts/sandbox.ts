import { z } from "zod";

/** `GET /api/studio/sessions/{id}/sandbox`. `metrics` is null where the sandbox service measures none (yet). */
export const sandboxResponse = z.object({
  sandboxId: z.string(),
  template: z.string(),
  startedAt: z.number(),
  runningMs: z.number(),
  cpuCount: z.number(),
  metrics: z
    .object({
      cpuPercent: z.number(),
      memoryBytes: z.number(),
      memoryLimitBytes: z.number(),
      diskBytes: z.number(),
      diskLimitBytes: z.number(),
    })
    .nullable(),
});
export type SandboxFacts = z.infer<typeof sandboxResponse>;

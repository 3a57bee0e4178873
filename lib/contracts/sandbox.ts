import { z } from "zod";
import { WALL_IDS } from "#domain/walls.ts";

/** What really holds for a sandbox, as its host tells it: its walls, and each limit with what enforces it. */
export const isolationSchema = z.object({
  adapter: z.string(),
  active: z.boolean(),
  ownUid: z.boolean(),
  systemCallsFiltered: z.boolean(),
  limits: z.record(z.string(), z.object({ value: z.number(), heldBy: z.string() })),
});

/** `GET /api/studio/sessions/{id}/sandbox`. `isolation` is null where the host says nothing of it. `metrics` is null where the sandbox service measures none (yet). */
export const sandboxResponse = z.object({
  sandboxId: z.string(),
  template: z.string(),
  startedAt: z.number(),
  runningMs: z.number(),
  cpuCount: z.number(),
  isolation: isolationSchema.nullable(),
  refusalsTold: z.boolean().describe("Whether the sandbox service tells which connections it refuses."),
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

/** `POST /api/studio/sessions/{id}/sandbox/check` */
export const wallsResponse = z.object({
  checks: z.array(
    z.object({
      id: z.enum(WALL_IDS),
      title: z.string(),
      attempt: z.string().describe("What was tried, as any program in the sandbox could."),
      held: z.boolean().nullable().describe("Whether it was refused; null where it could not be tried."),
      reasons: z.array(z.string()).describe("What refused it."),
    }),
  ),
});
export type WallsAnswer = z.infer<typeof wallsResponse>;

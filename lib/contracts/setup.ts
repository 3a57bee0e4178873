import { z } from "zod";
import { ENVIRONMENTS } from "#domain/catalog.ts";
import { LIMITS, utf8Bytes } from "#domain/limits.ts";
import { REFUSAL_REASONS } from "#domain/network.ts";
import {
  BUILD_CAUSES,
  BUILD_STATUSES,
  DEFAULT_SETUP_SECONDS,
  MAX_SETUP_SCRIPT_BYTES,
  PROJECT_SCOPE,
} from "#domain/setup.ts";
import { boundedText, boundedWhole } from "./limits.ts";

const setupFields = {
  script: boundedText(LIMITS.setupScript)
    .refine((script) => utf8Bytes(script) <= MAX_SETUP_SCRIPT_BYTES, {
      message: `must have at most ${MAX_SETUP_SCRIPT_BYTES} bytes`,
    })
    .describe("Bash, run in the workspace or the repository's folder with `set -e`. Its input is closed."),
  lockfiles: z
    .array(boundedText(LIMITS.setupLockfile))
    .max(LIMITS.setupLockfiles.max)
    .default([])
    .describe(
      "Paths in the workspace, or in the repository's folder. Where one of them has changed, the script runs again.",
    ),
  requires: z
    .array(boundedText(LIMITS.variableName))
    .max(LIMITS.setupVariables.max)
    .default([])
    .describe("Variables without which the script isn't run."),
  timeout_seconds: boundedWhole(LIMITS.setupSeconds)
    .default(DEFAULT_SETUP_SECONDS)
    .describe("A script that takes longer is ended."),
  rebuild_hours: boundedWhole(LIMITS.setupHours)
    .nullable()
    .default(null)
    .describe("How often the snapshot is built again; `null` for never by itself."),
};

const scope = boundedText(LIMITS.setupScope)
  .default(PROJECT_SCOPE)
  .describe(
    "What is set up: `project`, or a repository by its connection's slug and its path, such as `github/acme/shop`.",
  );

export const setupParam = z.object({ environment: z.enum(ENVIRONMENTS) });
export const setupQuery = z.object({ scope });

/** `PUT /api/v1/setup/{environment}` */
export const putSetupBody = z.strictObject({
  scope,
  ...setupFields,
  version: z
    .number()
    .int()
    .min(0)
    .optional()
    .describe("The version that the change is based on. Where another one is in place, nothing is saved."),
});

const setupSchema = z.object({
  environment: z.enum(ENVIRONMENTS),
  scope: z.string(),
  script: z.string(),
  lockfiles: z.array(z.string()),
  requires: z.array(z.string()),
  timeout_seconds: z.number().int(),
  rebuild_hours: z.number().int().nullable(),
  version: z.number().int(),
  updated_at: z.string(),
  missing: z.array(z.string()).describe("Variables that it requires and that aren't set."),
  build: z
    .object({
      id: z.string(),
      status: z.enum(BUILD_STATUSES),
      cause: z.enum(BUILD_CAUSES),
      started_at: z.string(),
      ended_at: z.string().nullable(),
      error: z.string().nullable(),
      refused: z
        .array(z.object({ host: z.string(), port: z.number().int(), reason: z.enum(REFUSAL_REASONS) }))
        .describe(
          "Hosts that the network policy kept from the script, where the sandbox service tells of it.",
        ),
    })
    .nullable()
    .describe("The build of its snapshot that began last."),
  waiting: z.boolean().describe("True where a build is to begin."),
  prepared_at: z
    .string()
    .nullable()
    .describe("Since when there is a snapshot that new sessions begin with; `null` where there is none."),
});
export type Setup = z.infer<typeof setupSchema>;

export const setupsResponse = z.object({ setups: z.array(setupSchema) });
export const setupResponse = z.object({ setup: setupSchema });
export const setupOutputResponse = z.object({
  build_id: z.string().nullable(),
  text: z.string().describe("Its beginning, and of a long one its end. Variables are masked."),
});

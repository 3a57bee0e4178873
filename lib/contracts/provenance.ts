import { z } from "zod";
import { agentChangeSchema } from "#domain/agent-versions.ts";
import { ENVIRONMENTS } from "#domain/catalog.ts";
import { PIECE_STATES } from "#domain/provenance.ts";
import { RULE_ACTIONS, RULE_SCOPES } from "#domain/rules/rule.ts";

const state = z.enum(PIECE_STATES).describe("How it stands now, as new sessions would get it.");
const prices = z
  .object({
    input_micro_usd: z.number(),
    cached_input_micro_usd: z.number(),
    output_micro_usd: z.number(),
  })
  .nullable()
  .describe("For a million tokens; null for an endpoint of the organization's own.");

const versions = z
  .record(z.string(), z.string())
  .nullable()
  .describe("By the names of its programs; null where the template doesn't say.");
const snapshot = z
  .object({
    id: z.string(),
    sha256: z.string().describe("Of the script that made it, and of the lockfiles that it stands for."),
    built_at: z.string(),
  })
  .nullable()
  .describe("Null for none: the session's own start ran the scripts, if there are any.");

/** `GET /api/v1/sessions/{id}/provenance` */
export const provenanceSchema = z.object({
  environment: z.enum(ENVIRONMENTS),
  template: z
    .object({
      name: z.string(),
      studio_version: z.string().describe("Studio's own, when the sandbox was made."),
      versions,
      versions_now: versions,
      state: z.enum(["same", "changed"]),
    })
    .nullable()
    .describe("Null before its first sandbox is made, and for sessions from before this was kept."),
  setup: z
    .object({ snapshot, snapshot_now: snapshot, state })
    .nullable()
    .describe("Null where `template` is."),
  model: z.object({ provider: z.string(), id: z.string(), prices, prices_now: prices }),
  agent: z
    .object({
      id: z.string(),
      name: z.string(),
      version: z.number().int().nullable().describe("Null for a session from before agents had versions."),
      newest_version: z.number().int().nullable().describe("Null where the agent was deleted."),
      changes: z.array(agentChangeSchema).describe("From what it was to what it is now."),
    })
    .nullable(),
  skills: z.array(
    z.object({
      root: z.string(),
      name: z.string(),
      revision: z.number().int(),
      sha256: z.string().nullable(),
      state,
    }),
  ),
  skills_added: z.array(z.string()).describe("Names of the skills that came since."),
  rules: z.object({
    digest: z.string().describe("SHA-256 of all of them."),
    count: z.number().int(),
    first: z.array(
      z.object({
        name: z.string(),
        scope: z.enum(RULE_SCOPES),
        tool_pattern: z.string(),
        action: z.enum(RULE_ACTIONS),
      }),
    ),
    state: z.enum(["same", "changed"]).describe("Rules count as they are now, not as they were."),
  }),
  mcp_servers: z.array(
    z.object({ name: z.string(), tools_digest: z.string(), tools: z.array(z.string()), state }),
  ),
  repositories: z.array(
    z.object({ repository: z.string(), folder: z.string(), ref: z.string().nullable(), commit: z.string() }),
  ),
  repeats: z
    .string()
    .nullable()
    .describe("The session that it repeats, with what that began with; null for none."),
  pinned_at: z
    .string()
    .nullable()
    .describe("Null for a session from before prices, skills and rules were kept: those are empty then."),
});
export type Provenance = z.infer<typeof provenanceSchema>;

import { z } from "zod";
import { ROLES } from "#domain/roles.ts";

const ENVIRONMENT = z.enum(["development", "production"]);
const KINDS = ["agent", "entityType", "role", "trigger", "file"] as const;
const definition = z.string().describe("A definition as JSON text.");

/** Exit code of `struere` where the project could not be reached, as sysexits.h has it: another try may succeed. */
export const EXIT_UNREACHABLE = 75;

const revision = z.number().int().describe("Counts the changes of the environment, from 0.");
const project = {
  organization: z.object({ id: z.string(), slug: z.string(), name: z.string() }),
  environment: z.string(),
};

/** What `struere pull` gets: the project of the key's organization and environment. */
export const pullResponse = z.object({
  ...project,
  revision,
  agents: z.array(definition),
  entityTypes: z.array(definition),
  roles: z.array(definition),
  triggers: z.array(definition),
  files: z.array(definition).describe("Tools, evals and fixtures: each JSON text has a path and a text."),
});

/** What the environment has, by name and hash, and what the key may do. */
export const stateResponse = z.object({
  ...project,
  role: z.enum(ROLES).nullable().describe("Of the key's owner; null for a sandbox's own key."),
  read_only: z.string().nullable().describe("Why the key can't change the project; null where it can."),
  revision,
  entries: z.array(
    z.object({
      kind: z.enum(KINDS),
      slug: z.string().describe("Its slug, a role's name, or a file's path."),
      hash: z.string().describe("SHA-256 of its JSON text, in hex."),
      version: z.number().int(),
    }),
  ),
});

const sent = z.array(definition).optional();

/** A change, made against the revision that was pulled. */
export const pushBody = z.object({
  base_revision: z.number().int(),
  agents: sent,
  entityTypes: sent,
  roles: sent,
  triggers: sent,
  files: sent,
  delete: z.array(z.object({ kind: z.enum(KINDS), slug: z.string() })).optional(),
  from: ENVIRONMENT.optional().describe("Takes everything that this environment has, in place of the lists."),
  allow_deletions: z.boolean().optional(),
  dry_run: z.boolean().optional(),
});

const counts = z.object({
  created: z.array(z.string()),
  updated: z.array(z.string()),
  deleted: z.array(z.string()),
});

/** What a push did, or would do. */
export const pushResponse = z.object({
  success: z.literal(true),
  revision,
  dry_run: z.boolean(),
  agents: counts,
  entityTypes: counts,
  roles: counts,
  triggers: counts,
  files: counts,
  effects: z.array(
    z.object({
      kind: z.string(),
      name: z.object({ kind: z.enum(KINDS), slug: z.string() }),
      message: z.string(),
    }),
  ),
});

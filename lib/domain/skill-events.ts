import { z } from "zod";
import { ENV_VAR_POLICIES, SKILL_FAILURES } from "./skills.ts";

const mentioned = {
  skill_name: z.string(),
  /** `account:domain` */
  namespace: z.string(),
  /** As it stands in the message. */
  mention: z.string(),
};

/** The payloads of the events of skills. */
export const SKILL_PAYLOADS = {
  /** A message named a skill, and its text went to the agent with it. */
  "skill.injected": z.object({
    ...mentioned,
    skill_id: z.string(),
    revision: z.number().int(),
    /** Its SKILL.md, from the workspace's root on. */
    path: z.string(),
    bytes: z.number().int(),
  }),
  /** A message named a skill that did not go to the agent. */
  "skill.failed": z.object({
    ...mentioned,
    reason: z.enum(SKILL_FAILURES),
    message: z.string(),
    missing_env_vars: z.array(z.string()).optional(),
    policy: z.enum(ENV_VAR_POLICIES).optional(),
  }),
  /**
   * The agent has changed a skill's file, or, without `skill_id`, made one: a person decides whether the organization's
   * skills follow.
   */
  "skill.offered": z.object({ skill_id: z.string().optional(), skill_name: z.string(), path: z.string() }),
  /** A person chose the folders in which the session has skills, from the workspace's root on. */
  "skill.roots_changed": z.object({ roots: z.array(z.string()), changed_by: z.string() }),
} as const;

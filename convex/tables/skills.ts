import { defineTable } from "convex/server";
import { v } from "convex/values";
import { ofSession } from "../model/values.ts";

/** What a SKILL.md says. */
const skillText = {
  name: v.string(),
  description: v.string(),
  title: v.string(),
  envVars: v.array(v.string()),
  /** JSON text: what else its front matter says. */
  extra: v.string(),
  body: v.string(),
};

export const skillTables = {
  /** An organization's skills: what lists and mentions need of them. Their texts are in `skillTexts`. */
  skills: defineTable({
    organizationId: v.id("organizations"),
    /** The folder in the workspace, relative to it. */
    root: v.string(),
    name: v.string(),
    description: v.string(),
    title: v.string(),
    envVars: v.array(v.string()),
    enabled: v.boolean(),
    /** Counts its texts, from 1. */
    revision: v.number(),
    /** Of its SKILL.md as UTF-8. */
    bytes: v.number(),
    /** SHA-256 of the SKILL.md of each kept text, the present one last: by them a file in a workspace is known again. */
    hashes: v.array(v.string()),
    createdById: v.id("users"),
    updatedAt: v.number(),
    /** The text that production has: the last one that an admin has written, or approved. Nothing of before it was noted: its present one. */
    productionRevision: v.optional(v.nullable(v.number())),
  }).index("by_place", ["organizationId", "root", "name"]),

  /** What a skill says, and said: the last revisions of each. */
  skillTexts: defineTable({
    organizationId: v.id("organizations"),
    skillId: v.id("skills"),
    revision: v.number(),
    ...skillText,
    changedById: v.id("users"),
  })
    .index("by_skill_revision", ["skillId", "revision"])
    .index("by_organization", ["organizationId"]),

  /**
   * Texts that skills no longer keep, by what they say: a session that began with one can be repeated with it. The last
   * `MAX_KEPT_TEXTS` of each skill, for as long as the organization keeps its logs; none of a skill that was deleted.
   */
  keptSkillTexts: defineTable({
    organizationId: v.id("organizations"),
    skillId: v.id("skills"),
    /** Of the SKILL.md. */
    sha256: v.string(),
    ...skillText,
    at: v.number(),
  })
    .index("by_skill_hash", ["skillId", "sha256"])
    .index("by_skill_at", ["skillId", "at"])
    .index("by_organization", ["organizationId", "at"]),

  /** What agents have made of skills in their workspaces: each waits for a person, or was dismissed. */
  skillOffers: defineTable({
    ...ofSession,
    /** Of a change; a file that an agent has made by itself has none, and its root in place of it. */
    skillId: v.optional(v.id("skills")),
    root: v.optional(v.string()),
    name: v.string(),
    description: v.string(),
    title: v.string(),
    envVars: v.array(v.string()),
    extra: v.string(),
    body: v.string(),
    /** Of the file in the workspace: the same is not offered twice. */
    sha256: v.string(),
    open: v.boolean(),
  })
    .index("by_session", ["sessionId"])
    .index("by_skill", ["skillId"])
    .index("by_place", ["organizationId", "root", "name"])
    .index("by_organization", ["organizationId", "open"]),
};

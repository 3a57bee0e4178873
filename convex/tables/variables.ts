import { defineTable } from "convex/server";
import { v } from "convex/values";
import { ofSession, variableFields } from "../model/values.ts";

export const variableTables = {
  /** What an organization's sandboxes find in their environment, encrypted: Convex never sees a value. */
  variables: defineTable({
    organizationId: v.id("organizations"),
    ...variableFields,
    /** AES-256-GCM under the organization's data key; base64. */
    ciphertext: v.string(),
    /** Counts the values, and is part of what the encryption is bound to. */
    version: v.number(),
    updatedAt: v.number(),
  }).index("by_place", ["organizationId", "environment", "name"]),

  /** The variables that a session began with, encrypted together: what its terminals get, and what its log must not show. */
  sessionVariables: defineTable({
    ...ofSession,
    ciphertext: v.string(),
    /** Names of those that its agent has; nothing of rows from before they were noted. */
    names: v.optional(v.array(v.string())),
  })
    .index("by_session", ["sessionId"])
    .index("by_organization", ["organizationId"]),
};

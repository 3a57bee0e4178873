import { defineTable } from "convex/server";
import { v } from "convex/values";
import { registryFields } from "../model/registries.ts";

export const registryTables = {
  /** An organization's own package registries, their credentials encrypted: Convex never sees one. */
  registries: defineTable({
    organizationId: v.id("organizations"),
    ...registryFields,
    /** AES-256-GCM under the organization's data key; base64. */
    ciphertext: v.string(),
    /** Counts the credentials, and is part of what the encryption is bound to. */
    version: v.number(),
    last4: v.string(),
    updatedAt: v.number(),
  }).index("by_slug", ["organizationId", "slug"]),
};

import { defineTable } from "convex/server";
import { v } from "convex/values";
import { LOGIN_FLOWS } from "#domain/command-login.ts";
import { environment, role } from "../model/values.ts";
import { literals } from "../model/zod-validator.ts";

/** Who there is: organizations, people, memberships, API keys, and what is still to be done after one of them ended. */
export const identityTables = {
  organizations: defineTable({
    driver: v.string(),
    externalId: v.string(),
    slug: v.string(),
    name: v.string(),
    /** From that moment on nobody is a member, whatever of it is still to be erased. */
    deletedAt: v.optional(v.number()),
    /** Since when the operator has it frozen, epoch milliseconds, and why: see model/frozen.ts. */
    frozenAt: v.optional(v.number()),
    frozenReason: v.optional(v.string()),
  })
    .index("by_external", ["driver", "externalId"])
    .index("by_slug", ["slug"])
    .index("by_frozen", ["frozenAt"])
    .searchIndex("by_name", { searchField: "name" }),

  users: defineTable({
    driver: v.string(),
    externalId: v.string(),
    email: v.string(),
    name: v.string(),
    /** From that moment on they are a member nowhere, and have no name. */
    deletedAt: v.optional(v.number()),
    /** True once they had welcome credits, in whichever organization. */
    welcomed: v.optional(v.boolean()),
  })
    .index("by_external", ["driver", "externalId"])
    .index("by_email", ["email"]),

  members: defineTable({
    organizationId: v.id("organizations"),
    userId: v.id("users"),
    role,
  })
    .index("by_organization_user", ["organizationId", "userId"])
    .index("by_user", ["userId"]),

  /** The last change of a membership that the identity driver told of: older tokens do not undo it. */
  memberChanges: defineTable({
    organizationId: v.id("organizations"),
    userId: v.id("users"),
    /** Null where the person was removed. */
    role: v.union(role, v.null()),
    at: v.number(),
  })
    .index("by_organization_user", ["organizationId", "userId"])
    .index("by_user", ["userId"]),

  /**
   * What is still to be done after a membership, a person, or an organization has ended; see model/removals.ts. One that
   * is done stays for a day, so that a token from before does not bring back what it names.
   */
  removals: defineTable({
    kind: v.union(v.literal("member"), v.literal("user"), v.literal("organization")),
    driver: v.string(),
    /** The driver's own id of the person or organization; of a membership, "". */
    externalId: v.string(),
    organization: v.optional(v.id("organizations")),
    user: v.optional(v.id("users")),
    /** Why their sessions end, in a sentence. */
    message: v.string(),
    /** The name that is to go from old rows; it goes from here too when that is done. */
    name: v.optional(v.string()),
    phase: v.string(),
    cursor: v.union(v.string(), v.null()),
    /** How often the phase found that it has to wait. */
    rounds: v.number(),
    status: v.union(v.literal("running"), v.literal("done")),
    /** Running: when it is taken up again, if no step has come through by then. Done: when this row goes. */
    nextAt: v.number(),
  })
    .index("by_external", ["driver", "kind", "externalId"])
    .index("by_subject", ["kind", "organization", "user"])
    .index("by_status_next", ["status", "nextAt"]),

  /** People's keys, and those that a sandbox holds: for the gateway, the project's sync, and git. */
  apiKeys: defineTable({
    organizationId: v.id("organizations"),
    userId: v.id("users"),
    name: v.string(),
    kind: v.union(v.literal("user"), v.literal("gateway"), v.literal("sync"), v.literal("git")),
    hash: v.string(),
    last4: v.string(),
    scopes: v.array(v.string()),
    environment,
    sessionId: v.optional(v.id("sandboxSessions")),
    /** Of a key that a set-up build reads its repository with. */
    buildId: v.optional(v.id("setupBuilds")),
    expiresAt: v.optional(v.number()),
    revokedAt: v.optional(v.number()),
    /** True for one that `struere login` made: `struere logout` revokes it. */
    ofLogin: v.optional(v.boolean()),
  })
    .index("by_hash", ["hash"])
    .index("by_organization_kind", ["organizationId", "kind"])
    .index("by_organization_user", ["organizationId", "userId"])
    .index("by_session", ["sessionId"]),

  /**
   * Logins of the `struere` command, for as long as somebody may confirm them. The key is the command's own: it is known
   * by its hash alone, and becomes a key only once the command takes it.
   */
  commandLogins: defineTable({
    /** Of what the command asks with. */
    secretHash: v.string(),
    /** What a person compares, or types. */
    code: v.string(),
    flow: literals(LOGIN_FLOWS),
    machine: v.string(),
    environment,
    keyHash: v.string(),
    keyLast4: v.string(),
    expiresAt: v.number(),
    /** Before then, another question is too early. */
    askAt: v.number(),
    decision: v.optional(literals(["approved", "denied"])),
    /** Who decided, and for which organization. */
    organizationId: v.optional(v.id("organizations")),
    userId: v.optional(v.id("users")),
    /** Browser: of what the page hands to the command on loopback, without which the login can't be taken. */
    handoverHash: v.optional(v.string()),
  })
    .index("by_secret", ["secretHash"])
    .index("by_code", ["code"])
    .index("by_organization", ["organizationId"])
    .index("by_expiry", ["expiresAt"]),

  /** When a key was used last; apart from the key, so that its use does not disturb whoever reads it. */
  apiKeyUses: defineTable({ keyId: v.id("apiKeys"), at: v.number() }).index("by_key", ["keyId"]),
};

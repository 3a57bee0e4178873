import type { Id } from "../_generated/dataModel";
import type { MutationCtx } from "../_generated/server";
import { beginProject } from "./project.ts";

/** What a new organization begins with: one small definition of each kind, to look at and to change. */
const STARTER = {
  agent: {
    name: "Support agent",
    slug: "support-agent",
    version: "0.1.0",
    description: "Answers customers and files their requests as tickets.",
    systemPrompt:
      "You help customers of {{organizationName}}. Answer briefly. Where you cannot help, create a ticket with what you know.",
    model: { model: "anthropic/claude-sonnet-4-6", temperature: 0.3, maxTokens: 4096 },
    tools: ["entity.create", "entity.query"],
    firstMessageSuggestions: ["Where is my order?", "I want to report a problem"],
    threadContextParams: [],
  },
  entityType: {
    name: "Ticket",
    slug: "ticket",
    schema: {
      type: "object",
      properties: {
        subject: { type: "string" },
        status: { type: "string", enum: ["open", "waiting", "closed"] },
        customerEmail: { type: "string", format: "email" },
      },
      required: ["subject", "status"],
    },
    searchFields: ["subject", "customerEmail"],
    displayConfig: { titleField: "subject", subtitleField: "status" },
  },
  role: {
    name: "agent",
    description: "What the project's agents may do.",
    agentAccess: [],
    policies: [{ resource: "ticket", actions: ["create", "read", "list"], effect: "allow" }],
    scopeRules: [],
    fieldMasks: [],
  },
  trigger: {
    name: "Ticket opened",
    slug: "ticket-opened",
    description: "Notes each new ticket as an event.",
    on: { entityType: "ticket", action: "created" },
    actions: [
      { tool: "event.emit", args: { eventType: "ticket.opened", payload: "{{trigger.data.subject}}" } },
    ],
  },
} as const;

/** Gives a new organization its starter project, in both environments. */
export async function addStarterProject(
  ctx: MutationCtx,
  organizationId: Id<"organizations">,
): Promise<void> {
  for (const environment of ["development", "production"] as const) {
    for (const [kind, definition] of Object.entries(STARTER))
      await ctx.db.insert("projectDefinitions", {
        organizationId,
        environment,
        kind: kind as keyof typeof STARTER,
        slug: "slug" in definition ? definition.slug : definition.name,
        definition: JSON.stringify(definition),
      });
    await beginProject(ctx, { organizationId, environment });
  }
}

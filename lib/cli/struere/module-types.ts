/** Types of the virtual module `struere`, written beside a pulled project so that editors and `tsc` know it. */
export const MODULE_TYPES = `declare module "struere" {
  type JsonSchema = { type: string; [key: string]: unknown };

  export interface AgentDefinition {
    name: string;
    slug: string;
    version: string;
    description?: string;
    systemPrompt: string | (() => string | Promise<string>);
    model?: {
      model: string;
      temperature?: number;
      maxTokens?: number;
      reasoning?: {
        enabled?: boolean;
        effort?: "minimal" | "low" | "medium" | "high";
        budgetTokens?: number;
        hideFromResponse?: boolean;
      };
    };
    tools?: string[];
    firstMessageSuggestions?: string[];
    threadContextParams?: {
      name: string;
      type: "string" | "number" | "boolean";
      required?: boolean;
      description?: string;
    }[];
  }

  export interface DataDefinition {
    name: string;
    slug: string;
    schema: JsonSchema;
    searchFields?: string[];
    displayConfig?: { titleField?: string; subtitleField?: string; descriptionField?: string };
    boundToRole?: string;
    userIdField?: string;
  }

  export interface RoleDefinition {
    name: string;
    description?: string;
    agentAccess?: string[];
    policies: {
      resource: string;
      actions: ("create" | "read" | "update" | "delete" | "list" | "*")[];
      effect: "allow" | "deny";
    }[];
    scopeRules?: { entityType: string; field: string; operator: "eq" | "neq" | "in" | "contains"; value: unknown }[];
    fieldMasks?: {
      entityType: string;
      fieldPath: string;
      maskType: "hide" | "redact";
      maskConfig?: Record<string, unknown>;
    }[];
  }

  export interface TriggerDefinition {
    name: string;
    slug: string;
    description?: string;
    on: { entityType: string; action: "created" | "updated" | "deleted"; condition?: Record<string, unknown> };
    schedule?: { delay?: number; at?: string; offset?: number; cancelPrevious?: boolean };
    retry?: { maxAttempts?: number; backoffMs?: number };
    actions: { tool: string; args: Record<string, unknown>; as?: string }[];
  }

  export function defineAgent(definition: AgentDefinition): AgentDefinition;
  export function defineData(definition: DataDefinition): DataDefinition;
  export function defineEntityType(definition: DataDefinition): DataDefinition;
  export function defineRole(definition: RoleDefinition): RoleDefinition;
  export function defineTrigger(definition: TriggerDefinition): TriggerDefinition;

  export interface ToolDefinition {
    name: string;
    description: string;
    parameters: JsonSchema;
    handler: (...given: never[]) => unknown;
    templateOnly?: boolean;
  }
  export function defineTools(definitions: ToolDefinition[]): ToolDefinition[];
}
`;

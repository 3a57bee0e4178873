import { z } from "zod";
import { PROJECT_LIMITS } from "./limits.ts";
import { entityTypeSchema } from "./entity-schema.ts";
import { FILE_FOLDERS, type ProjectKind } from "./kinds.ts";

/*
 * What each kind of definition may hold. They say what is wrong and where; what is right is kept as it was written, so
 * nothing here changes, fills in or drops a value.
 */

const slugSchema = z
  .string()
  .max(PROJECT_LIMITS.keyChars)
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, "Use letters, digits, dots, hyphens, and underscores.");

const name = z.string().trim().min(1, "Give it a name.").max(PROJECT_LIMITS.keyChars);
const roleName = name.regex(/^[^\p{Cc}]*$/u, "Use no control characters.");
const description = z.string().max(10_000).optional();
const fieldName = z.string().min(1).max(200);

const REASONING_EFFORTS = ["minimal", "low", "medium", "high"] as const;

const model = z.strictObject({
  model: z
    .string()
    .max(300)
    .regex(/^[^\s/]+\/\S+$/, "Name the provider and the model, as in anthropic/claude-sonnet-4-6."),
  temperature: z.number().min(0).max(2).optional(),
  maxTokens: z.number().int().min(1).max(65_536).optional(),
  reasoning: z
    .strictObject({
      enabled: z.boolean().optional(),
      effort: z.enum(REASONING_EFFORTS).optional(),
      budgetTokens: z.number().int().min(1).max(1_000_000).optional(),
      hideFromResponse: z.boolean().optional(),
    })
    .optional(),
});

const agent = z.strictObject({
  name,
  slug: slugSchema,
  version: z.string().min(1).max(100),
  description,
  systemPrompt: z.string().min(1, "An agent needs a prompt."),
  model: model.optional(),
  tools: z.array(z.string().min(1).max(200)).max(200).optional(),
  firstMessageSuggestions: z.array(z.string().min(1).max(2_000)).max(50).optional(),
  threadContextParams: z
    .array(
      z.strictObject({
        name: fieldName,
        type: z.enum(["string", "number", "boolean"]),
        required: z.boolean().optional(),
        description: z.string().max(2_000).optional(),
      }),
    )
    .max(100)
    .optional(),
});

const POLICY_ACTIONS = ["create", "read", "update", "delete", "list", "*"] as const;
const SCOPE_OPERATORS = ["eq", "neq", "in", "contains"] as const;

const role = z.strictObject({
  name: roleName,
  description,
  agentAccess: z.array(slugSchema).max(1_000).optional(),
  policies: z
    .array(
      z.strictObject({
        resource: z.union([z.literal("*"), slugSchema], "Name an entity type, users, or *."),
        actions: z.array(z.enum(POLICY_ACTIONS)).min(1, "Name at least one action."),
        effect: z.enum(["allow", "deny"]),
      }),
    )
    .min(1, "A role needs at least one policy.")
    .max(500),
  scopeRules: z
    .array(
      z.strictObject({
        entityType: slugSchema,
        field: fieldName,
        operator: z.enum(SCOPE_OPERATORS),
        value: z.json(),
      }),
    )
    .max(500)
    .optional(),
  fieldMasks: z
    .array(
      z.strictObject({
        entityType: slugSchema,
        fieldPath: fieldName,
        maskType: z.enum(["hide", "redact"]),
        maskConfig: z.record(z.string(), z.json()).optional(),
      }),
    )
    .max(500)
    .optional(),
});

const STEP_NAME = /^[A-Za-z_][A-Za-z0-9_-]*$/;

const trigger = z.strictObject({
  name,
  slug: slugSchema,
  description,
  on: z.strictObject({
    entityType: slugSchema,
    action: z.enum(["created", "updated", "deleted"]),
    condition: z
      .record(z.string().regex(/^(data|previousData)(\..+)?$/, "Begin with data. or previousData."), z.json())
      .optional(),
  }),
  schedule: z
    .strictObject({
      delay: z.number().int().positive("A delay is more than 0 ms.").optional(),
      at: z.string().min(1).max(2_000).optional(),
      offset: z.number().int().optional(),
      cancelPrevious: z.boolean().optional(),
    })
    .refine(
      ({ delay, at }) => (delay === undefined) !== (at === undefined),
      "Give either a delay or a time (at), and not both.",
    )
    .optional(),
  retry: z
    .strictObject({
      maxAttempts: z.number().int().min(1).max(100).optional(),
      backoffMs: z.number().int().min(0).max(3_600_000).optional(),
    })
    .optional(),
  actions: z
    .array(
      z.strictObject({
        tool: z.string().min(1).max(200),
        args: z.record(z.string(), z.json()),
        as: z.string().max(100).regex(STEP_NAME, "Use letters, digits, hyphens, and underscores.").optional(),
      }),
    )
    .min(1, "A trigger needs at least one action.")
    .max(100),
});

/** True for a path below one of the folders, which no part leads out of. */
export function isProjectFile(path: string): boolean {
  const parts = path.split("/");
  return (
    FILE_FOLDERS.some((folder) => folder === parts[0]) &&
    parts.length > 1 &&
    parts.length <= 10 &&
    // A hidden file of an editor or of git is nobody's tool.
    parts.every((part) => part !== "" && !part.startsWith(".") && !/[\p{Cc}\\:]/u.test(part))
  );
}

const file = z.strictObject({
  path: z
    .string()
    .max(PROJECT_LIMITS.keyChars)
    .refine(isProjectFile, `Files lie in ${FILE_FOLDERS.join(", ")}, and have no hidden or odd names.`),
  text: z.string(),
});

export type AgentDefinition = z.output<typeof agent>;
export type RoleDefinition = z.output<typeof role>;
export type TriggerDefinition = z.output<typeof trigger>;
export type EntityTypeDefinition = z.output<typeof entityTypeSchema>;

/** Each kind of definition, by what it may hold. */
export const DEFINITION_SCHEMAS = {
  agent,
  entityType: entityTypeSchema,
  role,
  trigger,
  file,
} as const satisfies Record<ProjectKind, z.ZodType>;

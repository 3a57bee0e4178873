import type { FieldSchema } from "./entity-schema.ts";
import { isRecord } from "./paths.ts";
import { nameKey, nameText, type Project, type ProjectName } from "./kinds.ts";
import { promptCalls } from "./prompts.ts";
import type { AgentDefinition, EntityTypeDefinition, RoleDefinition, TriggerDefinition } from "./schemas.ts";

/** One definition names another, or a field of it. */
export interface Reference {
  from: ProjectName;
  to: ProjectName;
  /** Where it stands in `from`. */
  path: string;
  /** A field of `to`'s records, as a dotted path. */
  field?: string;
}

function* fieldReferences(schema: FieldSchema, path: string): Generator<{ slug: string; path: string }> {
  if (typeof schema.references === "string") yield { slug: schema.references, path: `${path}.references` };
  for (const [name, field] of Object.entries(schema.properties ?? {}))
    yield* fieldReferences(field, `${path}.properties.${name}`);
  if (isRecord(schema.items)) yield* fieldReferences(schema.items, `${path}.items`);
}

function ofEntityType(from: ProjectName, { schema, boundToRole }: EntityTypeDefinition): Reference[] {
  const references: Reference[] = [...fieldReferences(schema, "schema")].map(({ slug, path }) => ({
    from,
    to: { kind: "entityType", slug },
    path,
  }));
  if (boundToRole !== undefined)
    references.push({ from, to: { kind: "role", slug: boundToRole }, path: "boundToRole" });
  return references;
}

function ofRole(from: ProjectName, role: RoleDefinition): Reference[] {
  const type = (slug: string, path: string, field?: string): Reference => ({
    from,
    to: { kind: "entityType", slug },
    path,
    ...(field !== undefined && { field: field.replace(/^data\./, "") }),
  });
  return [
    ...(role.agentAccess ?? []).map((slug, i): Reference => ({
      from,
      to: { kind: "agent", slug },
      path: `agentAccess[${i}]`,
    })),
    ...role.policies.flatMap(({ resource }, i) =>
      resource === "*" || resource === "users" ? [] : [type(resource, `policies[${i}].resource`)],
    ),
    ...(role.scopeRules ?? []).map(({ entityType, field }, i) => type(entityType, `scopeRules[${i}]`, field)),
    ...(role.fieldMasks ?? []).map(({ entityType, fieldPath }, i) =>
      type(entityType, `fieldMasks[${i}]`, fieldPath),
    ),
  ];
}

function ofTrigger(from: ProjectName, { on, actions }: TriggerDefinition): Reference[] {
  const references: Reference[] = [
    { from, to: { kind: "entityType", slug: on.entityType }, path: "on.entityType" },
  ];
  for (const path of Object.keys(on.condition ?? {})) {
    const field = path.replace(/^(data|previousData)\.?/, "");
    if (field !== "")
      references.push({
        from,
        to: { kind: "entityType", slug: on.entityType },
        path: `on.condition[${JSON.stringify(path)}]`,
        field,
      });
  }
  for (const [i, { tool, args }] of actions.entries()) {
    const slug = args.agent ?? args.agentSlug;
    if (tool === "agent.chat" && typeof slug === "string" && !slug.includes("{{"))
      references.push({ from, to: { kind: "agent", slug }, path: `actions[${i}].args` });
    const type = args.type ?? args.entityType;
    if (tool.startsWith("entity.") && typeof type === "string" && !type.includes("{{"))
      references.push({ from, to: { kind: "entityType", slug: type }, path: `actions[${i}].args` });
  }
  return references;
}

/** Everything that a definition names. Tools are names of the platform or of code, which nothing here can look into. */
export function referencesOf(name: ProjectName, value: Record<string, unknown>): Reference[] {
  switch (name.kind) {
    case "entityType":
      return ofEntityType(name, value as EntityTypeDefinition);
    case "role":
      return ofRole(name, value as RoleDefinition);
    case "trigger":
      return ofTrigger(name, value as unknown as TriggerDefinition);
    case "agent":
      return agentReferences(name, value as unknown as AgentDefinition);
    case "file":
      return [];
  }
}

function agentReferences(from: ProjectName, { systemPrompt }: AgentDefinition): Reference[] {
  return promptCalls(systemPrompt).flatMap(({ tool, texts }): Reference[] => {
    const slug = texts.type ?? texts.entityType;
    return tool.startsWith("entity.") && slug
      ? [{ from, to: { kind: "entityType", slug }, path: "systemPrompt" }]
      : [];
  });
}

/** True where records of a type can have a field: below a list, each item's; without properties, any. */
export function hasField(schema: FieldSchema | undefined, parts: readonly string[]): boolean {
  const [part, ...rest] = parts;
  if (part === undefined || !schema) return true;
  if (schema.type === "array") return hasField(schema.items, /^\d+$/.test(part) ? rest : parts);
  if (schema.type !== "object") return false;
  if (!isRecord(schema.properties)) return true;
  return Object.hasOwn(schema.properties, part) && hasField(schema.properties[part], rest);
}

/** Each reference to what is not there, with a sentence. */
export function missingReferences(project: Project): { from: ProjectName; path: string; message: string }[] {
  const missing: { from: ProjectName; path: string; message: string }[] = [];
  for (const { kind, slug, value } of project.values())
    for (const { from, to, path, field } of referencesOf({ kind, slug }, value)) {
      const target = project.get(nameKey(to));
      const subject = nameText(from);
      if (!target)
        missing.push({
          from,
          path,
          message: `${subject} (${path}) refers to ${nameText(to)}, which isn't there.`,
        });
      else if (field !== undefined) {
        const { schema } = target.value as EntityTypeDefinition;
        if (!hasField(schema, field.split(".")))
          missing.push({
            from,
            path,
            message: `${subject} (${path}) uses the field ${field} of ${nameText(to)}, which isn't there.`,
          });
      }
    }
  return missing;
}

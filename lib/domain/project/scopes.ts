import type { ProjectActor } from "./actor.ts";
import { sameJson, valueAt } from "./paths.ts";
import type { RoleDefinition } from "./schemas.ts";

type ScopeRule = NonNullable<RoleDefinition["scopeRules"]>[number];
type FieldMask = NonNullable<RoleDefinition["fieldMasks"]>[number];

/** A rule's value for somebody; `found: false` where it names what they do not have. */
type ScopeValue = { found: true; value: unknown } | { found: false };

const RELATED = "actor.relatedIds:";
const LITERAL = "literal:";

/** What a rule's value means for somebody: one of their own ids, or itself. */
function scopeValue(value: unknown, actor: ProjectActor): ScopeValue {
  const own = (id: unknown): ScopeValue => (id === undefined ? { found: false } : { found: true, value: id });
  if (typeof value !== "string") return { found: true, value };
  if (value.startsWith(LITERAL)) return { found: true, value: value.slice(LITERAL.length) };
  if (value.startsWith(RELATED)) {
    const ids = actor.relatedIds ?? {};
    const relation = value.slice(RELATED.length);
    return Object.hasOwn(ids, relation) ? own(ids[relation]) : { found: false };
  }
  if (value === "actor.userId") return own(actor.userId);
  if (value === "actor.organizationId") return own(actor.organizationId);
  if (value === "actor.entityId") return own(actor.entityId);
  // A misspelled name of theirs must not be compared as a text that some record could hold.
  return value.startsWith("actor.") ? { found: false } : { found: true, value };
}

/** A record's field as rules name it: `data.x`, or `x` for short. */
const fieldOf = (record: Readonly<Record<string, unknown>>, field: string) =>
  valueAt(record, field.replace(/^data\./, ""));

/**
 * Whether a record's data passes a scope rule. What the rule compares with must be there: a rule that names what
 * somebody does not have passes no record.
 */
export function matchesScope(
  { field, operator, value }: ScopeRule,
  record: Readonly<Record<string, unknown>>,
  actor: ProjectActor,
): boolean {
  const wanted = scopeValue(value, actor);
  if (!wanted.found) return false;
  const has = fieldOf(record, field);
  switch (operator) {
    case "eq":
      return has !== undefined && sameJson(has, wanted.value);
    case "neq":
      return !sameJson(has, wanted.value);
    case "in":
      return (
        Array.isArray(wanted.value) && has !== undefined && wanted.value.some((one) => sameJson(one, has))
      );
    case "contains":
      if (Array.isArray(has)) return has.some((one) => sameJson(one, wanted.value));
      return typeof has === "string" && typeof wanted.value === "string" && has.includes(wanted.value);
  }
}

/** What stands in the place of a redacted value. */
export const REDACTED = "[redacted]";

function replacement({ maskConfig }: FieldMask): string {
  const own = maskConfig?.replacement;
  return typeof own === "string" ? own : REDACTED;
}

function masked(value: unknown, parts: readonly string[], mask: FieldMask): unknown {
  const [part, ...rest] = parts;
  if (part === undefined) return replacement(mask);
  // A path goes through a list to each of its items.
  if (Array.isArray(value)) return value.map((item) => masked(item, parts, mask));
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, part)) return value;
  const record = value as Record<string, unknown>;
  const others = Object.entries(record).filter(([name]) => name !== part);
  if (rest.length === 0 && mask.maskType === "hide") return Object.fromEntries(others);
  return Object.fromEntries(
    Object.entries(record).map(([name, field]) => [name, name === part ? masked(field, rest, mask) : field]),
  );
}

/**
 * A record's data without what masks keep from somebody. Masks of all roles count; hiding wins over redacting.
 */
export function maskRecord(
  record: Readonly<Record<string, unknown>>,
  entityType: string,
  roles: readonly RoleDefinition[],
): Record<string, unknown> {
  const masks = roles
    .flatMap(({ fieldMasks }) => fieldMasks ?? [])
    .filter((mask) => mask.entityType === entityType)
    .toSorted((a, b) => Number(a.maskType === "hide") - Number(b.maskType === "hide"));
  return masks.reduce<Record<string, unknown>>(
    (data, mask) =>
      masked(data, mask.fieldPath.replace(/^data\./, "").split("."), mask) as Record<string, unknown>,
    { ...record },
  );
}

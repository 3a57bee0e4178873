import { CATALOG } from "../catalog.ts";
import { modelStatus } from "../models.ts";
import { decideByPolicies, RECORD_ACTIONS } from "./permissions.ts";
import { sameJson } from "./paths.ts";
import { nameKey, type Project, type ProjectKind, type ProjectName } from "./kinds.ts";
import { missingReferences } from "./references.ts";
import type { AgentDefinition, RoleDefinition, TriggerDefinition } from "./schemas.ts";

const EFFECT_KINDS = [
  "permissions_widened",
  "scope_loosened",
  "mask_loosened",
  "conversations_opened",
  "trigger_fires",
  "trigger_silenced",
  "reference_missing",
  "model_retired",
  "model_unknown",
] as const;

/** What a change means, beyond the text that is different. */
interface Effect {
  kind: (typeof EFFECT_KINDS)[number];
  /** What it comes from. */
  name: ProjectName;
  message: string;
}

function ofKind<T>(project: Project, kind: ProjectKind): Map<string, T> {
  const found = new Map<string, T>();
  for (const one of project.values()) if (one.kind === kind) found.set(one.slug, one.value as T);
  return found;
}

const list = (items: readonly string[]): string => items.join(", ");

/** What a role allows now and did not before: by what it says of each entity type, and of all others. */
function widened(
  before: RoleDefinition | undefined,
  after: RoleDefinition,
  types: readonly string[],
): string[] {
  const named = [...(before?.policies ?? []), ...after.policies].map(({ resource }) => resource);
  const resources = [...new Set([...named, ...types])].toSorted();
  return resources.flatMap((resource) => {
    const actions = RECORD_ACTIONS.filter(
      (action) =>
        decideByPolicies([after], action, resource).allowed &&
        !(before && decideByPolicies([before], action, resource).allowed),
    );
    if (actions.length === 0) return [];
    return [`${list(actions)} ${resource === "*" ? "everything else" : resource}`];
  });
}

function roleEffects(
  before: RoleDefinition | undefined,
  after: RoleDefinition,
  types: readonly string[],
): Effect[] {
  const name: ProjectName = { kind: "role", slug: after.name };
  const effect = (kind: Effect["kind"], message: string): Effect => ({ kind, name, message });
  const effects = widened(before, after, types).map((what) =>
    effect("permissions_widened", `Role ${after.name} can now ${what}.`),
  );
  const gone = <T>(old: readonly T[] | undefined, now: readonly T[] | undefined) =>
    (old ?? []).filter((one) => !(now ?? []).some((other) => sameJson(one, other)));
  for (const { entityType, field, operator } of gone(before?.scopeRules, after.scopeRules))
    effects.push(
      effect(
        "scope_loosened",
        `Role ${after.name} is no longer limited to ${entityType} records by ${field} (${operator}).`,
      ),
    );
  for (const mask of before?.fieldMasks ?? []) {
    const now = (after.fieldMasks ?? []).filter(
      (one) => one.entityType === mask.entityType && one.fieldPath === mask.fieldPath,
    );
    if (now.some(({ maskType }) => maskType === "hide" || maskType === mask.maskType)) continue;
    effects.push(
      effect(
        "mask_loosened",
        `Role ${after.name} can now see ${mask.entityType}.${mask.fieldPath}${now.length > 0 ? ", redacted" : ""}.`,
      ),
    );
  }
  const opened = gone(after.agentAccess, before?.agentAccess);
  if (opened.length > 0)
    effects.push(
      effect("conversations_opened", `Role ${after.name} can now see the conversations of ${list(opened)}.`),
    );
  return effects;
}

/** When a trigger fires, in words. */
function firing({ on, schedule }: TriggerDefinition): string {
  const condition = on.condition && Object.keys(on.condition).length > 0 ? ", where its condition holds" : "";
  return `when a ${on.entityType} is ${on.action}${condition}${schedule ? ", by its schedule" : ""}`;
}

function triggerEffects(before: TriggerDefinition | undefined, after: TriggerDefinition): Effect[] {
  const name: ProjectName = { kind: "trigger", slug: after.slug };
  const isSame =
    before &&
    sameJson(before.on, after.on) &&
    sameJson(before.schedule, after.schedule) &&
    sameJson(before.actions, after.actions);
  if (isSame) return [];
  const tools = list([...new Set(after.actions.map(({ tool }) => tool))]);
  const verb = before ? "now fires" : "is new: it fires";
  return [
    {
      kind: "trigger_fires",
      name,
      message: `Trigger ${after.slug} ${verb} ${firing(after)}, and calls ${tools}.`,
    },
  ];
}

/** The model of an agent that names none. */
export const DEFAULT_MODEL = "openai/gpt-5-mini";

function modelEffect({ slug, model }: AgentDefinition, now: Date): Effect[] {
  if (!model) return [];
  const [providerId = "", ...rest] = model.model.split("/");
  const provider = CATALOG.find(({ id }) => id === providerId);
  // Endpoints of one's own, and OpenRouter's, have lists that only they know.
  if (!provider || model.model === DEFAULT_MODEL) return [];
  const id = rest.join("/");
  const known = provider.models.find((one) => one.id === id || one.apiId === id);
  const name: ProjectName = { kind: "agent", slug };
  if (!known)
    return [
      {
        kind: "model_unknown",
        name,
        message: `Agent ${slug} uses ${model.model}, which isn't in the list of models.`,
      },
    ];
  const status = modelStatus(known, now);
  if (status === "active") return [];
  const how = status === "retired" ? "was retired" : "will be retired";
  const next = known.replacement ? `; ${provider.id}/${known.replacement} replaces it` : "";
  return [
    {
      kind: "model_retired",
      name,
      message: `Agent ${slug} uses ${model.model}, which ${how} on ${known.shutdownAt}${next}.`,
    },
  ];
}

/** What it means that an environment becomes another: only for what is different between them. */
export function effectsOf(before: Project, after: Project, now: Date): Effect[] {
  const effects: Effect[] = [];
  const types = [...ofKind(after, "entityType").keys(), "users"];
  const isChanged = (name: ProjectName) =>
    !sameJson(before.get(nameKey(name))?.value, after.get(nameKey(name))?.value);

  const oldRoles = ofKind<RoleDefinition>(before, "role");
  for (const [slug, role] of ofKind<RoleDefinition>(after, "role"))
    if (isChanged({ kind: "role", slug })) effects.push(...roleEffects(oldRoles.get(slug), role, types));

  const triggers = ofKind<TriggerDefinition>(after, "trigger");
  const oldTriggers = ofKind<TriggerDefinition>(before, "trigger");
  for (const [slug, trigger] of triggers) effects.push(...triggerEffects(oldTriggers.get(slug), trigger));
  for (const [slug, trigger] of oldTriggers)
    if (!triggers.has(slug))
      effects.push({
        kind: "trigger_silenced",
        name: { kind: "trigger", slug },
        message: `Trigger ${slug} no longer fires ${firing(trigger)}.`,
      });

  for (const [slug, agent] of ofKind<AgentDefinition>(after, "agent"))
    if (isChanged({ kind: "agent", slug })) effects.push(...modelEffect(agent, now));

  const known = new Set(missingReferences(before).map(({ message }) => message));
  for (const { from, message } of missingReferences(after))
    if (!known.has(message)) effects.push({ kind: "reference_missing", name: from, message });
  return effects;
}

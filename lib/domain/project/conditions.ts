import { sameJson, valueAt } from "./paths.ts";
import type { RecordEvent } from "./record-event.ts";
import type { TriggerDefinition } from "./schemas.ts";

type On = TriggerDefinition["on"];

/** One line of a condition, and how it came out. `actual` is undefined where nothing is at the path. */
export interface ConditionLine {
  path: string;
  expected: unknown;
  actual: unknown;
  holds: boolean;
}

/** Whether a trigger fires, and what decided it. */
export type Firing =
  | { fires: true }
  | { fires: false; because: "entity_type" | "action" }
  | { fires: false; because: "condition"; line: ConditionLine };

/**
 * Each line of a condition against an event. A value is equal only to the same JSON value: no number to its text, and
 * nothing to null.
 */
export function conditionLines(condition: On["condition"], event: RecordEvent): ConditionLine[] {
  const { data, previousData } = event;
  const sides = { data, ...(previousData && { previousData }) };
  return Object.entries(condition ?? {}).map(([path, expected]) => {
    const actual = valueAt(sides, path);
    return { path, expected, actual, holds: actual !== undefined && sameJson(actual, expected) };
  });
}

/** Whether a trigger fires for an event: its entity type, its action, and every line of its condition must match. */
export function firingOf(on: On, event: RecordEvent): Firing {
  if (on.entityType !== event.entityType) return { fires: false, because: "entity_type" };
  if (on.action !== event.action) return { fires: false, because: "action" };
  const line = conditionLines(on.condition, event).find(({ holds }) => !holds);
  return line ? { fires: false, because: "condition", line } : { fires: true };
}

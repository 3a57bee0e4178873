import type { DefinitionFault } from "./faults.ts";
import { placeholdersIn } from "./templates.ts";

interface Step {
  tool: string;
  args: Record<string, unknown>;
  as?: string;
}

/** Every text in a JSON value, with its path. */
export function* textsIn(value: unknown, path: string): Generator<{ text: string; path: string }> {
  if (typeof value === "string") yield { text: value, path };
  else if (Array.isArray(value))
    for (const [i, item] of value.entries()) yield* textsIn(item, `${path}[${i}]`);
  else if (typeof value === "object" && value !== null)
    for (const [key, item] of Object.entries(value)) yield* textsIn(item, `${path}.${key}`);
}

/** Names of steps that are taken twice, or used before there is such a step. */
export function stepFaults(definition: unknown): DefinitionFault[] {
  const { actions } = definition as { actions: Step[] };
  const faults: DefinitionFault[] = [];
  const known = new Set<string>();
  for (const [index, { args, as }] of actions.entries()) {
    for (const { text, path } of textsIn(args, `actions[${index}].args`))
      for (const placeholder of placeholdersIn(text)) {
        const step = /^steps\.([A-Za-z0-9_-]+)/.exec(placeholder)?.[1];
        if (step !== undefined && !known.has(step))
          faults.push({ path, message: `No earlier step is called “${step}”.` });
      }
    if (as === undefined) continue;
    if (known.has(as))
      faults.push({ path: `actions[${index}].as`, message: `Another step is called “${as}” already.` });
    known.add(as);
  }
  return faults;
}

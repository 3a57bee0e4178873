import type { z } from "zod";
import { DEFINITION_SCHEMAS } from "./schemas.ts";
import { KEY_FIELDS, type ProjectKind, type ProjectName } from "./kinds.ts";
import { PROJECT_LIMITS } from "./limits.ts";
import { type DefinitionFault, pathText } from "./faults.ts";
import { isDeeper } from "../json-depth.ts";
import { stepFaults } from "./steps.ts";

const encoder = new TextEncoder();
/** Bytes of a text as UTF-8. */
export const bytesOf = (text: string): number => encoder.encode(text).length;

const MAX_FAULTS = 50;

function flat(issues: readonly z.core.$ZodIssue[], above: PropertyKey[] = []): DefinitionFault[] {
  return issues.flatMap((issue) => {
    const path = [...above, ...issue.path];
    if (issue.code === "unrecognized_keys")
      return issue.keys.map((key) => ({ path: pathText([...path, key]), message: "There's no such field." }));
    if (issue.code === "invalid_type" && issue.input === undefined)
      return [{ path: pathText(path), message: "This is required." }];
    return [{ path: pathText(path), message: issue.message }];
  });
}

/** What is wrong with a definition, wherever it came from; nothing where it can be kept. */
export function faultsOf(kind: ProjectKind, definition: unknown): DefinitionFault[] {
  const read = DEFINITION_SCHEMAS[kind].safeParse(definition, { reportInput: true });
  if (!read.success) return flat(read.error.issues).slice(0, MAX_FAULTS);
  return kind === "trigger" ? stepFaults(definition) : [];
}

/** A definition that was read, or what is wrong with it. */
type CheckedText =
  | { ok: true; name: ProjectName; text: string; value: Record<string, unknown> }
  | { ok: false; name: ProjectName; faults: DefinitionFault[] };

/** Reads a definition's JSON text, and checks it. The text comes back as JSON writes it, nothing else changed. */
export function checkText(kind: ProjectKind, text: string): CheckedText {
  const failed = (message: string, slug = ""): CheckedText => ({
    ok: false,
    name: { kind, slug },
    faults: [{ path: "", message }],
  });
  const bytes = bytesOf(text);
  if (bytes > PROJECT_LIMITS.definitionBytes)
    return failed(`It has ${bytes} bytes; ${PROJECT_LIMITS.definitionBytes} is the most.`);
  // Whatever checks it goes down each level.
  if (isDeeper(text, PROJECT_LIMITS.depth)) return failed(`It has more than ${PROJECT_LIMITS.depth} levels.`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return failed("It isn't JSON.");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return failed("It isn't an object.");
  const definition = value as Record<string, unknown>;
  const key = definition[KEY_FIELDS[kind]];
  const name = { kind, slug: typeof key === "string" ? key : "" };
  const faults = faultsOf(kind, definition);
  if (faults.length > 0) return { ok: false, name, faults };
  return { ok: true, name, text: JSON.stringify(definition), value: definition };
}

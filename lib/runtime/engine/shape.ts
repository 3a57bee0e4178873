import { isPlainObject } from "./json.ts";

/** What the platform takes as a value, whatever validators say (docs.convex.dev/database/types). */
const MAX_DEPTH = 64;
const MAX_ELEMENTS = 8192;
const MAX_FIELDS = 1024;
const MAX_NAME = 1024;
const NAME = /^[\u0020-\u007e]+$/;

/** The platform's explanation of why this is no value of Convex, or null. */
export function shapeProblem(value: unknown, depth = 0): string | null {
  if (typeof value !== "object" || value === null || value instanceof ArrayBuffer) return null;
  if (depth >= MAX_DEPTH) return `Value is too nested (maximum nesting: ${MAX_DEPTH}).`;
  if (Array.isArray(value)) {
    if (value.length > MAX_ELEMENTS) {
      return `Array length is too long (${value.length} > maximum length ${MAX_ELEMENTS}).`;
    }
    for (const element of value) {
      const problem = shapeProblem(element, depth + 1);
      if (problem) return problem;
    }
    return null;
  }
  if (!isPlainObject(value)) return null;
  const names = Object.keys(value);
  if (names.length > MAX_FIELDS) {
    return `Object has too many fields (${names.length} > maximum number ${MAX_FIELDS}).`;
  }
  for (const name of names) {
    const problem = nameProblem(name) ?? shapeProblem(value[name], depth + 1);
    if (problem) return problem;
  }
  return null;
}

function nameProblem(name: string): string | null {
  if (name === "") return "Field name '' is invalid: field names cannot be empty.";
  if (name.startsWith("$")) return `Field name ${name} starts with '$', which is reserved.`;
  if (name.length > MAX_NAME) return `Field name is too long (maximum length ${MAX_NAME}).`;
  if (NAME.test(name)) return null;
  return `Field name ${JSON.stringify(name)} has invalid characters: field names can only contain non-control ASCII characters.`;
}

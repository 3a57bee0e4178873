/** A request that a client got wrong; the server answers it with `status` in the format's own shape. */
export class RequestError extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export type JsonObject = Record<string, unknown>;

/** The value as an object, or a 400 that names the place. */
export function objectAt(value: unknown, place: string): JsonObject {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as JsonObject;
  throw new RequestError(400, `${place} must be an object.`);
}

/** The value as an array of objects, or a 400 that names the place. Absent means empty. */
export function objectsAt(value: unknown, place: string): JsonObject[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new RequestError(400, `${place} must be an array.`);
  return value.map((item, index) => objectAt(item, `${place}[${index}]`));
}

/** Like `objectsAt`, for a list that a request must have and that must not be empty. */
export function someObjectsAt(value: unknown, place: string): JsonObject[] {
  const items = objectsAt(value, place);
  if (items.length === 0) throw new RequestError(400, `${place} must be an array with at least one item.`);
  return items;
}

/** The value as a string that is not empty, or a 400 that names the place. */
export function stringAt(value: unknown, place: string): string {
  if (typeof value === "string" && value !== "") return value;
  throw new RequestError(400, `${place} must be a string that is not empty.`);
}

/** A content that is either a string or a list of parts, as its texts; parts of other kinds are left out. */
export function textsAt(content: unknown, place: string): string[] {
  if (typeof content === "string") return [content];
  return objectsAt(content, place).flatMap((part) => (typeof part.text === "string" ? [part.text] : []));
}

/** The length of all texts. */
export function sizeOf(texts: string[]): number {
  return texts.reduce((sum, text) => sum + text.length, 0);
}

/** The argument names of a tool's JSON schema. */
export function argumentsOf(schema: unknown): { properties: string[]; required: string[] } {
  if (typeof schema !== "object" || schema === null) return { properties: [], required: [] };
  const { properties, required } = schema as JsonObject;
  return {
    properties: typeof properties === "object" && properties !== null ? Object.keys(properties) : [],
    required: Array.isArray(required) ? required.filter((name) => typeof name === "string") : [],
  };
}

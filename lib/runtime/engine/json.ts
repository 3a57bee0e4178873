import { convexToJson, jsonToConvex, type Value } from "convex/values";

/** A document or any value of an app, decoded. Fields can be absent. */
export type Document = { [field: string]: Value | undefined };
/** Plain JSON, among it the JSON form of Convex values. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

export function decode(json: Json): Value {
  return jsonToConvex(json);
}

export function decodeText(text: string): Value {
  return jsonToConvex(JSON.parse(text));
}

/** What {@link encodeText} wrote: only an object that stands for a value without JSON takes more than to parse it. */
export const decodeStored = (text: string): Value =>
  text.includes('{"$') ? decodeText(text) : (JSON.parse(text) as Value);

export function decodeDocument(text: string): Document {
  return decodeText(text) as Document;
}

export function encodeText(value: Value | Document): string {
  return JSON.stringify(convexToJson(value));
}

/** A value that may be absent: `convex` writes `undefined` as `{"$undefined": null}`. */
export function decodeOptional(json: Json | undefined): Value | undefined {
  if (json === undefined) return undefined;
  if (json !== null && typeof json === "object" && "$undefined" in json) return undefined;
  return jsonToConvex(json);
}

export function isPlainObject(value: unknown): value is Document {
  return (
    typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof ArrayBuffer)
  );
}

/** A string, or "" for anything else. */
export function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** The value at a dotted path of a document; undefined where the path leaves it. */
export function fieldAt(document: Document, path: string): Value | undefined {
  let current: Value | undefined | Document = document;
  for (const part of path.split(".")) {
    if (!isPlainObject(current)) return undefined;
    current = Object.hasOwn(current, part) ? current[part] : undefined;
  }
  return current;
}

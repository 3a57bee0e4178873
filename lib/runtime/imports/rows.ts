import { PlatformError } from "../engine/errors.ts";
import type { Json, JsonObject } from "../engine/json.ts";

export type Pieces = AsyncIterable<Uint8Array>;
/** How the rows of one table are written. */
export type RowFormat = "jsonLines" | "jsonArray" | "csv";

/** A document of 1 MiB can take this much as JSON, and not much more. In characters. */
const MAX_ROW = 8 * 1024 * 1024;
/** The platform's own limit for arrays. In characters. */
const MAX_ARRAY = 8 * 1024 * 1024;
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

/** The rows of a file. Throws PlatformError, with the place, where it is not what the format says. */
export function rowsOf(format: RowFormat, pieces: Pieces): AsyncGenerator<JsonObject> {
  if (format === "csv") return csvRows(pieces);
  return format === "jsonArray" ? arrayRows(pieces) : lineRows(pieces);
}

async function* textOf(pieces: Pieces): AsyncGenerator<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  try {
    for await (const piece of pieces) yield decoder.decode(piece, { stream: true });
    yield decoder.decode();
  } catch (error) {
    throw error instanceof TypeError ? new PlatformError("The file is not UTF-8 text.") : error;
  }
}

function parsed(text: string, place: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    throw new PlatformError(
      `${place} is not JSON: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

function objectAt(value: Json, place: string): JsonObject {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  throw new PlatformError(`${place} is not a JSON object.`);
}

async function* lineRows(pieces: Pieces): AsyncGenerator<JsonObject> {
  let number = 0;
  for await (const line of lines(pieces)) {
    number++;
    const place = `Line ${number}`;
    if (line.trim() !== "") yield objectAt(parsed(line, place), place);
  }
}

async function* lines(pieces: Pieces): AsyncGenerator<string> {
  let rest = "";
  for await (const text of textOf(pieces)) {
    const parts = (rest + text).split("\n");
    rest = parts.pop() ?? "";
    yield* parts;
    if (rest.length > MAX_ROW) throw new PlatformError(`A line is longer than ${MAX_ROW} characters.`);
  }
  yield rest;
}

async function* arrayRows(pieces: Pieces): AsyncGenerator<JsonObject> {
  let text = "";
  for await (const part of textOf(pieces)) {
    text += part;
    if (text.length > MAX_ARRAY) {
      throw new PlatformError(
        `A JSON array may have ${MAX_ARRAY} characters; JSON lines and CSV may be longer.`,
      );
    }
  }
  const rows = parsed(text, "The file");
  if (!Array.isArray(rows)) throw new PlatformError("The file is not a JSON array.");
  for (const [i, row] of rows.entries()) yield objectAt(row, `Element ${i}`);
}

async function* csvRows(pieces: Pieces): AsyncGenerator<JsonObject> {
  let header: string[] | null = null;
  let number = 0;
  for await (const fields of records(pieces)) {
    number++;
    if (!header) {
      header = fields;
      if (new Set(header).size < header.length || header.includes("")) {
        throw new PlatformError("The CSV header must name each column, and none of them twice.");
      }
      continue;
    }
    const names: string[] = header;
    if (fields.length !== names.length) {
      throw new PlatformError(`Row ${number} has ${fields.length} fields; the header has ${names.length}.`);
    }
    yield Object.fromEntries(
      fields.map((field, i) => [names[i], NUMBER.test(field) ? Number(field) : field]),
    );
  }
}

/** The records of a CSV text: https://www.rfc-editor.org/rfc/rfc4180, with any end of line. */
async function* records(pieces: Pieces): AsyncGenerator<string[]> {
  let fields: string[] = [];
  let field = "";
  let length = 0;
  /** Inside of quotes; behind a quote that ends them, or is the first of two; or neither. */
  let state: "plain" | "quoted" | "quote" = "plain";
  let wasReturn = false;
  for await (const text of textOf(pieces)) {
    for (const char of text) {
      if (++length > MAX_ROW) throw new PlatformError(`A row is longer than ${MAX_ROW} characters.`);
      const isEnd = char === "\n" || char === "\r";
      if (state === "quoted") {
        if (char === '"') state = "quote";
        else field += char;
      } else if (state === "quote" && char === '"') {
        field += char;
        state = "quoted";
      } else if (char === '"' && field === "" && state === "plain") {
        state = "quoted";
      } else if (char === ",") {
        fields.push(field);
        field = "";
        state = "plain";
      } else if (!isEnd) {
        field += char;
      } else if (!(char === "\n" && wasReturn)) {
        // An empty line is no record.
        if (fields.length > 0 || field !== "" || state === "quote") yield [...fields, field];
        fields = [];
        field = "";
        length = 0;
        state = "plain";
      }
      wasReturn = char === "\r";
    }
  }
  if (state === "quoted") throw new PlatformError("The last quoted field does not end.");
  if (fields.length > 0 || field !== "" || state === "quote") yield [...fields, field];
}

import { isRecord, valueAt, valueText } from "./paths.ts";
import type { RecordEvent } from "./record-event.ts";

/** What the arguments of a trigger's actions can refer to. */
export interface TemplateScope {
  trigger: RecordEvent;
  /** Results of earlier steps, by the names that `as` gives them. */
  steps: Readonly<Record<string, unknown>>;
}

/** What a placeholder can begin with; `steps.` and the two sides of the data take a path. */
const TRIGGER_FIELDS = ["entityId", "entityType", "action", "data", "previousData"] as const;

/** Characters of all arguments of one action together, once they are filled in. */
export const MAX_RENDERED_CHARS = 1_000_000;
/** How deep arguments go; JSON that deep is nobody's record. */
const MAX_DEPTH = 100;

const PLACEHOLDER = /\{\{([^{}]*)\}\}/g;
const LONE = /^\{\{([^{}]*)\}\}$/;

/** The arguments, or why there are none. */
export type Rendered<T> =
  | {
      ok: true;
      value: T;
      /** Paths that led nowhere, each once: an empty text stands in their place. */
      missing: string[];
    }
  | { ok: false; message: string };

class TemplateError extends Error {}

/** The paths in a text's placeholders, in the order in which they stand. */
export const placeholdersIn = (text: string): string[] =>
  [...text.matchAll(PLACEHOLDER)].map(([, path = ""]) => path.trim());

/** True where a placeholder's path can lead somewhere, for some event and steps. */
export function isPlaceholderPath(path: string): boolean {
  const [root, field = ""] = path.split(/[.[]/, 2);
  if (root === "steps") return /^steps\.[A-Za-z_]/.test(path);
  if (root !== "trigger" || !(TRIGGER_FIELDS as readonly string[]).includes(field)) return false;
  return field === "data" || field === "previousData" || path === `trigger.${field}`;
}

/** Fills in templates, up to a bound on what comes of them all. */
class Renderer {
  readonly missing = new Set<string>();
  readonly #scope: Readonly<Record<string, unknown>>;
  #room: number;

  constructor({ trigger, steps }: TemplateScope, maxChars: number) {
    const { entityId, entityType, action, data, previousData } = trigger;
    this.#scope = { trigger: { entityId, entityType, action, data, previousData }, steps };
    this.#room = maxChars;
  }

  #take(chars: number): void {
    this.#room -= chars;
    if (this.#room < 0) throw new TemplateError("What its placeholders stand for is too large.");
  }

  #valueOf(written: string): unknown {
    const path = written.trim();
    const value = isPlaceholderPath(path) ? valueAt(this.#scope, path) : undefined;
    if (value === undefined) this.missing.add(path);
    return value;
  }

  text(text: string): unknown {
    const lone = LONE.exec(text);
    if (lone) {
      const found = this.#valueOf(lone[1]!);
      const value = found === undefined ? "" : found;
      this.#take(valueText(value).length);
      return value;
    }
    let from = 0;
    let filled = "";
    for (const { 0: whole, 1: path = "", index } of text.matchAll(PLACEHOLDER)) {
      const part = text.slice(from, index) + valueText(this.#valueOf(path));
      this.#take(part.length);
      filled += part;
      from = index + whole.length;
    }
    this.#take(text.length - from);
    return filled + text.slice(from);
  }

  value(value: unknown, depth = 0): unknown {
    if (depth > MAX_DEPTH) throw new TemplateError(`Its arguments have more than ${MAX_DEPTH} levels.`);
    if (typeof value === "string") return this.text(value);
    if (Array.isArray(value)) return value.map((item) => this.value(item, depth + 1));
    if (!isRecord(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, field]) => [name, this.value(field, depth + 1)]),
    );
  }
}

function rendered<T>(
  scope: TemplateScope,
  maxChars: number,
  fill: (renderer: Renderer) => unknown,
): Rendered<T> {
  const renderer = new Renderer(scope, maxChars);
  try {
    const value = fill(renderer) as T;
    return { ok: true, value, missing: [...renderer.missing] };
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    return { ok: false, message: error.message };
  }
}

/**
 * The arguments of an action, with its placeholders filled in. One that is a text of its own keeps the type of what it
 * stands for; in other text, it becomes text (objects as JSON). What leads nowhere becomes an empty text. Names of
 * arguments are no templates, and what was filled in is not read as one.
 */
export const renderArguments = (
  args: Readonly<Record<string, unknown>>,
  scope: TemplateScope,
  maxChars: number = MAX_RENDERED_CHARS,
): Rendered<Record<string, unknown>> => rendered(scope, maxChars, (renderer) => renderer.value(args));

/** One text with its placeholders filled in, such as the time of a schedule. */
export const renderText = (
  text: string,
  scope: TemplateScope,
  maxChars: number = MAX_RENDERED_CHARS,
): Rendered<unknown> => rendered(scope, maxChars, (renderer) => renderer.text(text));

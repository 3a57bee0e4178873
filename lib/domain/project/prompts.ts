import { valueText } from "./paths.ts";

/*
 * Prompts of a project's agents: `{{name}}` is a variable, `{{tool({…})}}` runs a tool of the agent while the prompt is
 * filled in, and its JSON may name variables again. There are neither conditions nor loops.
 */

/** The variables that every conversation has; `threadContext.params.` takes the name of a parameter. */
export const PROMPT_VARIABLES = [
  "currentTime",
  "datetime",
  "timestamp",
  "organizationName",
  "organizationId",
  "agentName",
  "agent.name",
  "agent.slug",
  "userId",
  "threadId",
  "message",
  "threadContext.channel",
  "entityTypes",
  "roles",
] as const;
const PARAM = "threadContext.params.";

/** UTF-8 bytes that one placeholder may become; the rest is cut off. */
export const MAX_PART_BYTES = 10_240;
/** Tools that one prompt runs. */
export const MAX_CALLS = 50;
/** Characters of one call's arguments, as they are written. */
const MAX_ARGUMENT_CHARS = 20_000;

/** A piece of a prompt. `written` is the placeholder, braces and all. */
export type PromptPart =
  | { kind: "text"; text: string }
  | { kind: "variable"; name: string; written: string }
  | { kind: "call"; tool: string; args: string; written: string }
  /** What begins like a placeholder and is none. */
  | { kind: "broken"; message: string; written: string };

const NAME = /\{\{\s*([A-Za-z][A-Za-z0-9_.-]*)\s*(\(|\}\})/;
const VARIABLE = /\{\{\s*([A-Za-z][A-Za-z0-9_.-]*)\s*\}\}/y;

/** Where the parenthesis ends that was opened before `from`: texts of the JSON in it are skipped; -1 where it never does. */
function endOfCall(text: string, from: number): number {
  const limit = Math.min(text.length, from + MAX_ARGUMENT_CHARS);
  let inText = false;
  let depth = 1;
  for (let at = from; at < limit; at += 1) {
    const char = text[at];
    if (inText) {
      if (char === "\\") at += 1;
      else if (char === '"') inText = false;
    } else if (char === '"') inText = true;
    else if (char === "(") depth += 1;
    else if (char === ")") {
      depth -= 1;
      if (depth === 0) return at;
    }
  }
  return -1;
}

/** A prompt in its pieces. What isn't a placeholder at all, such as `{{#each}}`, is text. */
export function promptParts(prompt: string): PromptPart[] {
  const parts: PromptPart[] = [];
  let from = 0;
  let calls = 0;
  const text = (to: number) => {
    if (to > from) parts.push({ kind: "text", text: prompt.slice(from, to) });
  };
  // A pattern of this call alone: it remembers where it is.
  const names = new RegExp(NAME, "g");
  for (let found = names.exec(prompt); found; found = names.exec(prompt)) {
    const [whole, name = "", next] = found;
    const start = found.index;
    let end = start + whole.length;
    if (next === "}}") {
      text(start);
      parts.push({ kind: "variable", name, written: whole });
    } else {
      calls += 1;
      const closed = calls > MAX_CALLS ? -1 : endOfCall(prompt, end);
      const rest = closed < 0 ? null : /^\)\s*\}\}/.exec(prompt.slice(closed, closed + 100));
      text(start);
      if (rest) {
        const args = prompt.slice(end, closed);
        end = closed + rest[0].length;
        parts.push({ kind: "call", tool: name, args, written: prompt.slice(start, end) });
      } else {
        const message =
          calls > MAX_CALLS ? `a prompt runs at most ${MAX_CALLS} tools` : `${name}(…) isn't closed with )}}`;
        parts.push({ kind: "broken", message, written: whole });
      }
    }
    from = end;
    names.lastIndex = end;
  }
  text(prompt.length);
  return parts;
}

/** Values by the names of variables, including each `threadContext.params.` that was given. */
export type PromptValues = Readonly<Record<string, unknown>>;

/** What came of running a tool. */
export type ToolResult =
  | { kind: "done"; value: unknown }
  /** The agent's role doesn't allow it. */
  | { kind: "denied" }
  | { kind: "failed"; message: string };
export type RunTool = (tool: string, args: Record<string, unknown>) => Promise<ToolResult>;

const isVariable = (name: string): boolean =>
  (PROMPT_VARIABLES as readonly string[]).includes(name) ||
  (name.startsWith(PARAM) && name.length > PARAM.length);

const errorText = (message: string): string => `[TEMPLATE_ERROR: ${message}]`;

const encoder = new TextEncoder();

/** The beginning of a text that fits, with no half character at its end. */
function cut(text: string): string {
  if (text.length <= MAX_PART_BYTES / 3) return text;
  const room = new Uint8Array(MAX_PART_BYTES);
  const { read } = encoder.encodeInto(text, room);
  return read === text.length ? text : `${text.slice(0, read)}… [truncated]`;
}

const ownValue = (values: PromptValues, name: string): unknown =>
  Object.hasOwn(values, name) ? values[name] : undefined;

/** The JSON of a call, its variables filled in: within a text as text, elsewhere as JSON, so that none breaks out. */
function filledArguments(written: string, of: (name: string) => unknown): string {
  let filled = "";
  let inText = false;
  for (let at = 0; at < written.length;) {
    VARIABLE.lastIndex = at;
    const found = written[at] === "{" ? VARIABLE.exec(written) : null;
    if (found) {
      const value = of(found[1]!);
      filled += inText ? JSON.stringify(valueText(value)).slice(1, -1) : JSON.stringify(value ?? null);
      at += found[0].length;
      continue;
    }
    const char = written[at]!;
    if (inText && char === "\\") {
      filled += written.slice(at, at + 2);
      at += 2;
      continue;
    }
    if (char === '"') inText = !inText;
    filled += char;
    at += 1;
  }
  return filled;
}

/** The arguments of a call; null where they are no JSON object. A call without any has an empty one. */
function argumentsOf(written: string, of: (name: string) => unknown): Record<string, unknown> | null {
  if (written.trim() === "") return {};
  try {
    const args: unknown = JSON.parse(filledArguments(written, of));
    return typeof args === "object" && args !== null && !Array.isArray(args)
      ? (args as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

/**
 * A prompt as an agent gets it. A variable without a value is empty; what is wrong stands in the text as
 * `[TEMPLATE_ERROR: …]`, what the agent may not see as `[]`. Values and results are never read as placeholders.
 * @param tools names of the tools that the agent has; no other one is run
 */
export async function renderPrompt(
  prompt: string,
  { values, tools, run }: { values: PromptValues; tools: readonly string[]; run: RunTool },
): Promise<string> {
  let rendered = "";
  for (const part of promptParts(prompt)) {
    if (part.kind === "text") rendered += part.text;
    else if (part.kind === "broken") rendered += errorText(part.message);
    else if (part.kind === "variable")
      rendered += isVariable(part.name)
        ? cut(valueText(ownValue(values, part.name)))
        : errorText(`there's no variable ${part.name}`);
    else rendered += await calledText(part, { values, tools, run });
  }
  return rendered;
}

async function calledText(
  { tool, args: written }: Extract<PromptPart, { kind: "call" }>,
  { values, tools, run }: { values: PromptValues; tools: readonly string[]; run: RunTool },
): Promise<string> {
  if (!tools.includes(tool)) return errorText(`the agent doesn't have the tool ${tool}`);
  const args = argumentsOf(written, (name) => ownValue(values, name));
  if (!args) return errorText(`${tool} takes a JSON object`);
  const result = await run(tool, args);
  if (result.kind === "denied") return "[]";
  return result.kind === "failed" ? errorText(result.message) : cut(valueText(result.value));
}

/** One thing in a prompt that an agent would not get as it was meant. */
interface PromptFault {
  message: string;
  written: string;
}

/** What is wrong with a prompt, without filling it in. @param params names of the agent's thread context parameters */
export function promptFaults(
  prompt: string,
  { tools, params }: { tools: readonly string[]; params: readonly string[] },
): PromptFault[] {
  return promptParts(prompt).flatMap((part): PromptFault[] => {
    if (part.kind === "text") return [];
    const { written } = part;
    const fault = (message: string) => [{ message, written: written.slice(0, 100) }];
    if (part.kind === "broken") return fault(`${part.message}.`);
    if (part.kind === "call") {
      if (!tools.includes(part.tool)) return fault(`${part.tool} isn't one of the agent's tools.`);
      // Whatever variables stand for, it must be an object around them.
      return argumentsOf(part.args, () => null) ? [] : fault(`${part.tool} takes a JSON object.`);
    }
    if (!isVariable(part.name)) return fault(`There's no variable ${part.name}.`);
    const param = part.name.startsWith(PARAM) ? part.name.slice(PARAM.length) : null;
    return param === null || params.includes(param)
      ? []
      : fault(`${param} isn't one of the agent's threadContextParams.`);
  });
}

/** Stands for a variable where only what is written counts. */
const OPEN = "\0";

/** The calls in a prompt, with those of their arguments that are plain text, whatever variables stand for. */
export const promptCalls = (prompt: string): { tool: string; texts: Record<string, string> }[] =>
  promptParts(prompt).flatMap((part) => {
    if (part.kind !== "call") return [];
    const texts = Object.entries(argumentsOf(part.args, () => OPEN) ?? {}).filter(
      (entry): entry is [string, string] => typeof entry[1] === "string" && !entry[1].includes(OPEN),
    );
    return [{ tool: part.tool, texts: Object.fromEntries(texts) }];
  });

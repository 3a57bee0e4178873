/** What the demo model can be asked to do, one after the other. */
export type Act =
  | { kind: "say"; text: string }
  | { kind: "read"; path: string }
  | { kind: "list"; path: string | undefined }
  | { kind: "write"; path: string; content: string }
  | { kind: "edit"; path: string; before: string; after: string }
  | { kind: "run"; command: string }
  | { kind: "task"; text: string }
  | { kind: "todo"; items: string[] }
  | { kind: "ask"; question: string; options: string[] }
  | { kind: "call"; tool: string; args: Record<string, unknown> }
  | { kind: "think"; text: string }
  | { kind: "sleep"; durationMs: number }
  | { kind: "stream"; tokens: number }
  | { kind: "fail"; status: number; retryAfterS?: number }
  | { kind: "cut" }
  | { kind: "hang" };

/** `errors` holds a sentence for each line that could not be read; a script with errors is not to be run. */
export interface Script {
  acts: Act[];
  errors: string[];
}

export const MAX_SLEEP_MS = 600_000;
export const MAX_STREAM_TOKENS = 100_000;
export const MAX_RETRY_AFTER_S = 3_600;

const FENCE = /^\s*(`{3,}|~{3,})[ \t]*demo[ \t]*$/;
const HEREDOC = /^(.+?)\s*<<\s*(["']?)(\w+)\2$/;
const QUOTED_OR_WORD = /^("(?:[^"\\]|\\.)*"|\S+)(?:\s+|$)([\s\S]*)$/;

/** A JSON string is taken as one, so that `\n` and spaces at the ends can be written; else the text itself. */
function unquote(text: string): string {
  if (text.length < 2 || !text.startsWith('"') || !text.endsWith('"')) return text;
  try {
    return String(JSON.parse(text));
  } catch {
    return text;
  }
}

function wholeNumber(text: string, least: number, most: number): number | undefined {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  return value >= least && value <= most ? value : undefined;
}

/** A JSON object; undefined for any other text. */
function objectIn(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

/** What stands between semicolons. */
const listed = (text: string) =>
  text
    .split(";")
    .map((item) => item.trim())
    .filter((item) => item !== "");

/** One line's act, or the sentence that says what is wrong with it. `write` is read by its caller. */
function parseLine(verb: string, rest: string): Act | string {
  switch (verb) {
    case "say":
      return rest === "" ? "say needs a text" : { kind: "say", text: rest };
    case "read":
      return rest === "" ? "read needs a path" : { kind: "read", path: unquote(rest) };
    case "run":
      return rest === "" ? "run needs a command" : { kind: "run", command: rest };
    case "think":
      return rest === "" ? "think needs a text" : { kind: "think", text: rest };
    case "task":
      return rest === "" ? "task needs what the subagent is to do" : { kind: "task", text: unquote(rest) };
    case "todo": {
      const items = listed(rest);
      return items.length === 0 ? "todo is written `todo FIRST; SECOND; …`" : { kind: "todo", items };
    }
    case "ask": {
      const [question = "", options = ""] = rest.split("|").map((part) => part.trim());
      if (question === "") return "ask is written `ask QUESTION | OPTION; OPTION; …`";
      return { kind: "ask", question, options: listed(options) };
    }
    case "call": {
      const [, tool = "", text = "{}"] = /^(\S+)(?:\s+(\{.*\}))?$/.exec(rest) ?? [];
      const args = objectIn(text);
      return tool === "" || !args
        ? "call is written `call TOOL {ARGUMENTS AS JSON}`"
        : { kind: "call", tool, args };
    }
    case "edit": {
      const [, path = "", change = ""] = QUOTED_OR_WORD.exec(rest) ?? [];
      const [, before = "", after = ""] = /^(.*?)\s*=>\s*(.*)$/.exec(change) ?? [];
      if (path === "" || before === "") return "edit is written `edit PATH OLD => NEW`";
      return { kind: "edit", path: unquote(path), before: unquote(before), after: unquote(after) };
    }
    case "sleep": {
      const durationMs = wholeNumber(rest, 0, MAX_SLEEP_MS);
      if (durationMs === undefined) return `sleep needs milliseconds from 0 to ${MAX_SLEEP_MS}`;
      return { kind: "sleep", durationMs };
    }
    case "stream": {
      const tokens = wholeNumber(rest, 1, MAX_STREAM_TOKENS);
      if (tokens === undefined) return `stream needs a number of tokens from 1 to ${MAX_STREAM_TOKENS}`;
      return { kind: "stream", tokens };
    }
    case "fail": {
      const [first = "", seconds] = rest.split(/\s+/);
      const status = wholeNumber(first, 400, 599);
      if (status === undefined) return "fail needs an HTTP status from 400 to 599";
      if (seconds === undefined) return { kind: "fail", status };
      const retryAfterS = wholeNumber(seconds, 0, MAX_RETRY_AFTER_S);
      if (retryAfterS === undefined) return `fail's retry-after is 0 to ${MAX_RETRY_AFTER_S} seconds`;
      return { kind: "fail", status, retryAfterS };
    }
    case "cut":
    case "hang":
      return rest === "" ? { kind: verb } : `${verb} stands alone`;
    default:
      return `"${verb}" is no act; there are say, think, read, write, edit, run, task, todo, ask, call, sleep, stream, fail, cut and hang`;
  }
}

/** Reads the acts from the line after an opening fence on, and returns the line after the block. */
function parseBlock(lines: readonly string[], from: number, fence: string, script: Script): number {
  const isClosing = (line: string) => /^(`+|~+)$/.test(line) && line.startsWith(fence);
  let at = from;
  while (at < lines.length) {
    const number = at - from + 1;
    const line = (lines[at] ?? "").trim();
    at += 1;
    if (isClosing(line)) return at;
    if (line === "" || line.startsWith("#")) continue;
    const [, verb = "", rest = ""] = /^(\S+)\s*(.*)$/.exec(line) ?? [];
    if (verb !== "write") {
      const act = parseLine(verb, rest);
      if (typeof act === "string") script.errors.push(`line ${number}: ${act}`);
      else script.acts.push(act);
      continue;
    }
    const heredoc = HEREDOC.exec(rest);
    if (!heredoc) {
      script.errors.push(`line ${number}: write is written \`write PATH <<EOF\`, the lines, then \`EOF\``);
      continue;
    }
    const [, path = "", , end = ""] = heredoc;
    const last = lines.findIndex((candidate, index) => index >= at && candidate.trim() === end);
    if (last === -1) {
      script.errors.push(`line ${number}: the text of ${path} has no closing ${end}`);
      return lines.length;
    }
    const content = lines.slice(at, last).map((text) => `${text}\n`);
    script.acts.push({ kind: "write", path: unquote(path), content: content.join("") });
    at = last + 1;
  }
  script.errors.push("the demo block has no closing fence");
  return at;
}

const QUOTE = /^> ?/;

/**
 * The script in a prompt's fenced blocks marked `demo`, all of them in order; undefined when there is none. Where none
 * stands in the prompt itself, those in its quotes count: a model may be led by what it is only shown.
 * A fence inside the text of a `write` does not end the block.
 */
export function parseScript(prompt: string): Script | undefined {
  const lines = prompt.split(/\r?\n/);
  const shown = lines.filter((line) => QUOTE.test(line)).map((line) => line.replace(QUOTE, ""));
  return scriptIn(lines) ?? scriptIn(shown);
}

function scriptIn(lines: readonly string[]): Script | undefined {
  const script: Script = { acts: [], errors: [] };
  let found = false;
  let at = 0;
  while (at < lines.length) {
    const fence = FENCE.exec(lines[at] ?? "")?.[1];
    at += 1;
    if (fence === undefined) continue;
    found = true;
    at = parseBlock(lines, at, fence, script);
  }
  if (!found) return undefined;
  if (script.acts.length === 0 && script.errors.length === 0) script.errors.push("the demo block is empty");
  return script;
}

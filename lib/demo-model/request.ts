import type { Act, Script } from "./script.ts";
import { parseScript } from "./script.ts";

const VERB = "(?:create|write|make|add|put|save|run|execute|list|show|read|open|display|print|cat)";
const SEPARATOR = new RegExp(
  String.raw`^(?:\s*[,;.]?\s+(?:and\s+then|and|then)\s+|\s*[.;]\s+|\s*\n\s*(?:and\s+|then\s+)*)(?=(?:please\s+)?${VERB}\b)`,
  "i",
);
const FENCED = /^```[^\n]*\n([\s\S]*?)```/;
/** Longer prompts are not read as plain requests: they are texts, and reading them costs time. */
const MAX_PLAIN_LENGTH = 20_000;
const MARKS = ["`", '"', "'"];

/** Where the quoted text that starts at `at` ends (the index after it), or `at` when none starts there. */
function endOfQuote(text: string, at: number): number {
  const fenced = FENCED.exec(text.slice(at));
  if (fenced) return at + fenced[0].length;
  const mark = text[at] ?? "";
  const opens = MARKS.includes(mark) && (at === 0 || /[\s(:]/.test(text[at - 1] ?? ""));
  if (!opens) return at;
  const end = text.indexOf(mark, at + 1);
  return end === -1 ? at : end + 1;
}

/** Cuts a request at "and", "then", full stops and new lines, where a known verb follows, outside quotes. */
function clauses(text: string): string[] {
  const found: string[] = [];
  let start = 0;
  let at = 0;
  while (at < text.length) {
    const quoteEnd = endOfQuote(text, at);
    if (quoteEnd > at) {
      at = quoteEnd;
      continue;
    }
    const separator = SEPARATOR.exec(text.slice(at));
    if (separator) {
      found.push(text.slice(start, at));
      at += separator[0].length;
      start = at;
      continue;
    }
    at += 1;
  }
  found.push(text.slice(start));
  return found.map((clause) => clause.trim()).filter((clause) => clause !== "");
}

/** The inside of a text that is one quotation as a whole, else undefined. */
function quoted(text: string): string | undefined {
  const fenced = FENCED.exec(text);
  if (fenced && fenced[0].length === text.length) return fenced[1];
  return text.length > 1 && endOfQuote(text, 0) === text.length ? text.slice(1, -1) : undefined;
}

const PATH = "(?<path>`[^`]+`|\"[^\"]+\"|'[^']+'|\\S+)";
const CREATE = new RegExp(
  String.raw`^(?:create|write|make|add)\s+(?:an?\s+|the\s+)?(?:new\s+)?(?:text\s+)?(?<word>file\s+)?(?:(?:called|named)\s+)?${PATH}` +
    String.raw`(?:,?\s+(?:containing|saying|that\s+(?:contains|says|reads)|with(?:\s+the)?(?:\s+(?:contents?|text|line))?)\s*:?\s+(?<content>[\s\S]+))?$`,
  "i",
);
const PUT = new RegExp(
  String.raw`^(?:write|put|save|add)\s+(?<content>[\s\S]+?)\s+(?:in|into|to)\s+(?:the\s+|an?\s+)?(?:new\s+)?(?<word>file\s+)?${PATH}$`,
  "i",
);
const RUN =
  /^(?:run|execute)\s+(?:the\s+|this\s+)?(?<word>(?:shell\s+)?command\s*:?\s+)?(?<command>[\s\S]+)$/i;
const LIST = new RegExp(
  String.raw`^(?:list|show|print|display)\s+(?:me\s+)?(?:all\s+)?(?:the\s+|my\s+)?files(?:\s+(?:in|of)\s+(?:the\s+)?(?:(?:folder|directory)\s+)?${PATH}(?:\s+(?:folder|directory))?)?$`,
  "i",
);
const READ = new RegExp(
  String.raw`^(?:read|show|open|display|print|cat)\s+(?:me\s+)?(?:the\s+)?(?:contents?\s+of\s+)?(?:the\s+)?(?<word>file\s+)?${PATH}$`,
  "i",
);

/** A path that is quoted, or follows the word "file", or looks like one; else undefined. */
function pathIn(match: RegExpExecArray): string | undefined {
  const raw = match.groups?.path;
  if (raw === undefined) return undefined;
  const inside = quoted(raw);
  if (inside !== undefined) return inside;
  const bare = raw.replace(/[,;:!?]+$|\.$/, "");
  return match.groups?.word !== undefined || /[./]/.test(bare) ? bare : undefined;
}

/** A file's text as it was asked for, ended by a new line as editors do. */
function fileText(raw: string | undefined): string {
  if (raw === undefined) return "";
  const text = quoted(raw.trim()) ?? raw.trim();
  return text === "" || text.endsWith("\n") ? text : `${text}\n`;
}

function parseClause(clause: string): Act | undefined {
  const asked = clause
    .replace(/^(?:(?:please|now|then|first|next|finally|also|and|can you|could you|would you)\b,?\s*)+/i, "")
    .replace(/(?<=[^.])\.$/, "")
    .replace(/,?\s+please$/i, "");
  const text = asked.replace(/[!?]+$/, "");
  const create = CREATE.exec(asked);
  const created = create ? pathIn(create) : undefined;
  if (create && created !== undefined) {
    return { kind: "write", path: created, content: fileText(create.groups?.content) };
  }
  const put = PUT.exec(asked);
  const target = put ? pathIn(put) : undefined;
  if (put && target !== undefined) {
    return { kind: "write", path: target, content: fileText(put.groups?.content) };
  }
  const run = RUN.exec(text);
  if (run) {
    const raw = run.groups?.command ?? "";
    const command = quoted(raw) ?? (run.groups?.word === undefined ? undefined : raw);
    if (command !== undefined) return { kind: "run", command: command.trim() };
  }
  const list = LIST.exec(text);
  if (list) {
    const path = list.groups?.path;
    return { kind: "list", path: path === undefined ? undefined : (quoted(path) ?? path) };
  }
  const read = READ.exec(text);
  const source = read ? pathIn(read) : undefined;
  return source === undefined ? undefined : { kind: "read", path: source };
}

/** Reads one prompt: the script in it, else what its plain words ask for; undefined when neither is there. */
export function parseRequest(prompt: string): Script | undefined {
  const script = parseScript(prompt);
  if (script) return script;
  if (prompt.length > MAX_PLAIN_LENGTH) return undefined;
  const parsed = clauses(prompt.replaceAll("\r\n", "\n").trim()).map((clause) => ({
    clause,
    act: parseClause(clause),
  }));
  if (!parsed.some(({ act }) => act)) return undefined;
  const acts = parsed.map(
    ({ clause, act }): Act =>
      act ?? { kind: "say", text: `I did not understand "${clause}", so I leave it.` },
  );
  return { acts, errors: [] };
}

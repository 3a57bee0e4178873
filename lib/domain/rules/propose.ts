/** Patterns that a person could allow a call with: the narrowest that is of use, and the call to the letter. Pure. */
import type { Call, Unit } from "./call.ts";
import { decide, prepare } from "./decide.ts";
import { BUILTIN, patternFault, type Word } from "./pattern.ts";
import type { RuleScope } from "./rule.ts";

/** Programs whose first word is a command of theirs; more words for some of those. */
const COMMANDS: ReadonlySet<string> = new Set(
  "git npm pnpm yarn bun cargo go docker kubectl pip pip3 npx bunx make gh terraform helm poetry uv composer bundle rails php-artisan dotnet mvn gradle struere".split(
    " ",
  ),
);
const DEEPER = /^(?:npm|pnpm|yarn|bun) run$|^docker compose$|^git (?:stash|remote|submodule|worktree)$/;
/** What they run is named by a file. */
const INTERPRETERS = /^(?:node|tsx|ts-node|deno|python3?|bash|sh|ruby|perl|php)$/;
/** What they do depends on what they are given: only the same again. */
const EXACT =
  /^(?:rm|rmdir|mv|cp|dd|chmod|chown|ln|curl|wget|ssh|scp|rsync|kill|pkill|killall|sudo|doas|tee|sed|awk|find|xargs|eval|exec|truncate|shred|mkfs|mount)$/;

const PLAIN = /^[^\s*]+$/;

function exactWords(words: readonly Word[]): string | null {
  if (words.some(({ isDynamic, value }) => isDynamic || !PLAIN.test(value))) return null;
  return words.map(({ value }) => value).join(" ");
}

function commandPatterns(words: readonly Word[]): string[] {
  const [name = "", ...rest] = words.map(({ value }) => value);
  const exact = exactWords(words);
  if (EXACT.test(name) || /[/=]/.test(name)) return exact === null ? [] : [exact];
  let depth = 1;
  if (INTERPRETERS.test(name)) depth = 2;
  else if (COMMANDS.has(name)) depth = DEEPER.test(`${name} ${rest[0] ?? ""}`) ? 3 : 2;
  const head = exactWords(words.slice(0, depth));
  const wide =
    head !== null && !words.slice(1, depth).some(({ value }) => value.startsWith("-")) ? `${head} *` : null;
  return [wide, exact].filter((one) => one !== null);
}

function unitPatterns(unit: Unit): string[] {
  if (unit.kind === "command") {
    const words = unit.command.forms.at(-1)?.words ?? [];
    const full = unit.command.forms[0]?.words ?? [];
    return [...commandPatterns(words), ...(words === full ? [] : [exactWords(full) ?? ""])]
      .filter((one) => one !== "")
      .map((args) => `${BUILTIN}:shell:${args}`);
  }
  const [name] = unit.names;
  const [text = ""] = unit.texts;
  if (!name || unit.isDynamic) return [];
  const tool = `${name.server}:${name.tool}`;
  if (name.server !== BUILTIN || name.tool === "fetch") {
    const host = /^https?:\/\/[^/]+\//.exec(text)?.[0];
    return host === undefined ? [tool] : [`${tool}:${host}*`, `${tool}:${text}`];
  }
  if (!PLAIN.test(text)) return [];
  const folder = text.slice(0, text.lastIndexOf("/") + 1);
  return [`${tool}:${text}`, ...(folder === "" || text.startsWith("/") ? [] : [`${tool}:${folder}*`])];
}

const RULE = {
  id: "",
  name: "",
  action: "auto_approve" as const,
  scope: "session" as RuleScope,
  priority: 0,
  enabled: true,
  createdAt: 0,
  isAdmins: true,
};

/** Whether a pattern by itself allows a call. */
export const allows = (pattern: string, call: Call): boolean =>
  patternFault(pattern) === null && decide(prepare([{ ...RULE, pattern }]), call).action === "auto_approve";

/** Patterns that each allow the call by themselves, the most useful first; none for what no one rule may allow. */
export function proposalsFor(call: Call): string[] {
  if (call.unreadable !== null) return [];
  const found = call.units
    .filter((unit) => !(unit.kind === "command" && unit.command.isCarrier))
    .flatMap(unitPatterns);
  return [...new Set(found)].filter((pattern) => allows(pattern, call)).slice(0, 3);
}

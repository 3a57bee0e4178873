/** The decision of approval rules about a call. Pure, and linear in rules and in what the call does. */
import type { Call, Unit } from "./call.ts";
import { riskyWords } from "./options.ts";
import {
  BUILTIN,
  globMatches,
  isForTool,
  leadOf,
  type Match,
  type Pattern,
  patternFault,
  patternOf,
  wordsMatch,
  wordsMayMatch,
} from "./pattern.ts";
import { inOrder, type Rule, type RuleAction } from "./rule.ts";
import type { Form, ShellCommand } from "./shell.ts";
import { baseOf } from "./wrappers.ts";

export interface NamedRule {
  id: string;
  name: string;
}

export interface Verdict {
  action: RuleAction;
  /** The rules that decided, each once; none where nothing but the default did. */
  rules: readonly NamedRule[];
  /** In a sentence. */
  why: string;
  /** True where a rule that holds back covers it, or may: then a session that approves by itself asks, too. */
  isHeld: boolean;
}

interface CompiledPattern {
  pattern: Pattern;
  /** Whether it is for commands. */
  isForShell: boolean;
}
interface Compiled extends CompiledPattern {
  rule: Rule;
}

/** Rules in their order, ready to be looked at. One whose pattern is none is passed over. */
export type Prepared = readonly Compiled[];

const SHELL = { server: BUILTIN, tool: "shell" };

/** Patterns as they were compiled last: an organization's rules are judged by again and again. */
const compiled = new Map<string, CompiledPattern | null>();
const MAX_COMPILED = 4_000;

/** A pattern, compiled; null where it is none. */
function compile(text: string): CompiledPattern | null {
  const known = compiled.get(text);
  if (known !== undefined) return known;
  if (compiled.size >= MAX_COMPILED) compiled.clear();
  const pattern = patternFault(text) === null ? patternOf(text) : null;
  const entry = pattern && { pattern, isForShell: isForTool(pattern, SHELL) };
  compiled.set(text, entry);
  return entry;
}

export const prepare = (rules: readonly Rule[]): Prepared =>
  inOrder(rules.filter(({ enabled }) => enabled)).flatMap((rule) => {
    const entry = compile(rule.pattern);
    return entry === null ? [] : [{ rule, ...entry }];
  });

/** Whether a rule names each word that makes a program do something else. */
function namesRisks(pattern: Pattern, { words, nameAt }: Form): boolean {
  const globs = pattern.args?.words ?? [];
  return riskyWords(words, nameAt).every((index) => {
    const word = words[index]!;
    if (word.isDynamic) return false;
    return globs.some((glob) => glob !== null && glob[0] !== "" && globMatches(glob, word.value));
  });
}

const CLIMBS = /(?:^|[/=])\.\.(?:\/|$)/;

/** Whether a path of a command's leads out of the folder that a rule names. */
const climbs = ({ args }: Pattern, { words }: Form): boolean =>
  words.some(({ value }) => CLIMBS.test(value)) &&
  (args?.words.some(
    (glob) => glob !== null && glob.length > 1 && glob.some((piece) => piece.includes("/")),
  ) ??
    false);

/** Whether a rule that allows covers a command, for certain. */
function allowsCommand(pattern: Pattern, { forms }: ShellCommand): boolean {
  return forms.some((form) => {
    const globs = pattern.args?.words ?? [null];
    // Behind assignments and wrappers, a `*` does not stand for the command.
    if (form.nameAt > 0 && leadOf(globs) <= form.nameAt) return false;
    return wordsMatch(globs, form.words) && namesRisks(pattern, form) && !climbs(pattern, form);
  });
}

/** They show text, and run none of it. */
const SHOWS: ReadonlySet<string> = new Set([
  "echo",
  "printf",
  "grep",
  "egrep",
  "fgrep",
  "rg",
  "cat",
  "head",
  "tail",
  "wc",
  "ls",
  "true",
  "false",
  "test",
  "[",
]);

/** Whether a rule that holds back covers a command, however it is wrapped. */
function holdsCommand(pattern: Pattern, { forms, broader }: ShellCommand): Match {
  if (pattern.args === null) return "yes";
  const globs = pattern.args.words;
  let best: Match = "no";
  for (const all of [forms, broader])
    for (const { words } of all) {
      const match = wordsMayMatch(globs, words);
      if (match === "yes") return "yes";
      if (match === "maybe") best = "maybe";
    }
  const words = forms[0]?.words ?? [];
  if (best === "maybe" || globs[0] === null || SHOWS.has(baseOf(words[0]?.value ?? ""))) return best;
  // A program that is not known here may run what stands behind it.
  for (let at = 1; at < words.length; at += 1) {
    const name = words[at]!;
    if (name.isDynamic || !globMatches(globs[0]!, baseOf(name.value))) continue;
    if (wordsMayMatch(globs, [{ ...name, value: baseOf(name.value) }, ...words.slice(at + 1)]) !== "no")
      return "maybe";
  }
  return best;
}

function covers({ rule, pattern, isForShell }: Compiled, unit: Unit): Match {
  const isAllow = rule.action === "auto_approve";
  if (unit.kind === "command") {
    if (!isForShell) return "no";
    if (isAllow) return allowsCommand(pattern, unit.command) ? "yes" : "no";
    return holdsCommand(pattern, unit.command);
  }
  const isNamed = unit.names.some((name) => isForTool(pattern, name));
  if (!isNamed) return "no";
  if (pattern.args === null) return "yes";
  const glob = pattern.args.text;
  if (unit.isDynamic) return isAllow ? "no" : "maybe";
  return unit.texts.some((text) => globMatches(glob, text)) ? "yes" : "no";
}

interface Judged {
  unit: Unit;
  action: RuleAction;
  rule: Rule | null;
  isMaybe: boolean;
}

/** What the rules say of one unit; the first that covers it counts, but for what an admin denies. */
function judge(prepared: Prepared, unit: Unit): Judged {
  let first: Judged | null = null;
  for (const compiled of prepared) {
    const { rule } = compiled;
    if (first !== null && rule.action !== "auto_deny") continue;
    const match = covers(compiled, unit);
    if (match === "no") continue;
    const isMaybe = match === "maybe";
    const found = { unit, action: isMaybe ? ("ask" as const) : rule.action, rule, isMaybe };
    // What people allow in their sessions does not lift what an admin has denied for more than them.
    if (first === null) {
      first = found;
      if (rule.isAdmins || rule.scope !== "session" || found.action === "auto_deny") return first;
    } else if (rule.scope !== "session") return found;
  }
  return (
    first ?? {
      unit,
      action: unit.kind === "text" && unit.isFree ? "auto_approve" : "ask",
      rule: null,
      isMaybe: false,
    }
  );
}

const isCarrier = (unit: Unit): boolean => unit.kind === "command" && unit.command.isCarrier;

const quoted = (rules: readonly NamedRule[]): string => rules.map(({ name }) => `“${name}”`).join(", ");

/** @returns the rules of some judgments, each once */
function rulesOf(judged: readonly Judged[]): NamedRule[] {
  const found = new Map(
    judged.flatMap(({ rule }) => (rule ? [[rule.id, { id: rule.id, name: rule.name }]] : [])),
  );
  return [...found.values()];
}

/** Decides about a call: what one of its units may not do, the whole may not. */
export function decide(prepared: Prepared, { units, unreadable }: Call): Verdict {
  // What only carries others needs no leave of its own; a rule that holds back counts for it as well.
  const judged = units
    .map((unit) => ({ ...judge(prepared, unit), isCarrier: isCarrier(unit) }))
    .filter(({ isCarrier, rule, action }) => !isCarrier || (rule !== null && action !== "auto_approve"));
  const denied = judged.filter(({ action }) => action === "auto_deny");
  if (denied.length > 0) {
    const rules = rulesOf(denied);
    return { action: "auto_deny", rules, why: `Denied by the rule ${quoted(rules)}.`, isHeld: true };
  }
  const asked = judged.filter(({ action }) => action === "ask");
  const byRule = asked.filter(({ rule }) => rule !== null);
  const hasDenials = prepared.some(({ rule, isForShell }) => rule.action === "auto_deny" && isForShell);
  if (unreadable !== null)
    return {
      action: "ask",
      rules: rulesOf(byRule),
      why: unreadable,
      isHeld: hasDenials || byRule.length > 0,
    };
  if (byRule.length > 0) {
    const rules = rulesOf(byRule);
    const isMaybe = byRule.every((one) => one.isMaybe);
    const why = isMaybe
      ? `It may be what the rule ${quoted(rules)} is for.`
      : `The rule ${quoted(rules)} has it asked.`;
    return {
      action: "ask",
      rules,
      why,
      isHeld: byRule.some((one) => one.isMaybe || one.rule?.scope === "session"),
    };
  }
  if (asked.length > 0 || judged.length === 0) {
    const [part] = asked;
    const what = part && units.length > 1 ? `No rule covers ${shownUnit(part.unit)}.` : "No rule covers it.";
    return { action: "ask", rules: [], why: what, isHeld: false };
  }
  const rules = rulesOf(judged);
  if (rules.length === 0) return { action: "auto_approve", rules, why: "It only reads.", isHeld: false };
  return { action: "auto_approve", rules, why: `Allowed by the rule ${quoted(rules)}.`, isHeld: false };
}

/** A unit as people read it, cut where it is long. */
export function shownUnit(unit: Unit): string {
  const text =
    unit.kind === "command" ? unit.command.text : `${unit.names[0]?.tool ?? ""} ${unit.texts[0] ?? ""}`;
  return text.length <= 120 ? text : `${text.slice(0, 119)}…`;
}

/** What is worth tidying among rules. Pure. */
import { globMatches, type Pattern, patternFault, patternOf, type Word, wordsMatch } from "./pattern.ts";
import { inOrder, type Rule } from "./rule.ts";
import { DYNAMIC } from "./wrappers.ts";

export interface RuleHint {
  id: string;
  /** The rule in front of it that leaves nothing to it, that says the same, or that it could be one with. */
  by: { id: string; name: string };
  kind: "shadowed" | "redundant" | "joinable";
  /** Of `joinable`: the pattern of the one rule, which covers more than the rules did. */
  pattern?: string;
}

/** So many rules that differ in their end alone could be one. */
const MIN_JOINED = 3;

/** A glob's own text, in which a character that no pattern has stands for each `*`. */
const sample = (glob: readonly string[]): string => glob.join("\u0001");

function wordsOf(pattern: Pattern): Word[] {
  const globs = pattern.args?.words ?? [null];
  return globs.map((glob) =>
    glob === null
      ? DYNAMIC
      : { value: sample(glob), isDynamic: false, known: sample(glob), isSplit: false, isQuoted: false },
  );
}

/** Whether one pattern covers everything that another does; false where that is not certain. */
export function coversAll(a: Pattern, b: Pattern): boolean {
  if (!globMatches(a.server, sample(b.server)) || !globMatches(a.tool, sample(b.tool))) return false;
  if (a.args === null) return true;
  if (b.args === null) return false;
  const isShell = sample(b.tool) === "shell";
  return isShell ? wordsMatch(a.args.words, wordsOf(b)) : globMatches(a.args.text, sample(b.args.text));
}

/** A pattern with its last word, or the last part of its path, left open; null where there is no beginning to be kept. */
function opened(pattern: string): string | null {
  const args = pattern.split(":").slice(2).join(":");
  const at = Math.max(args.lastIndexOf(" "), args.lastIndexOf("/"));
  const isPlain = at > 0 && at < args.length - 1 && !/[*?\\"']/.test(args);
  return isPlain ? `${pattern.slice(0, pattern.length - args.length + at + 1)}*` : null;
}

/** Rules of one place that do the same, and differ in their end alone. */
function joinable(
  rules: readonly (Rule & { place?: string })[],
  passed: ReadonlySet<string>,
): Map<string, RuleHint> {
  const groups = Map.groupBy(
    rules.filter(({ id }) => !passed.has(id)),
    ({ place = "", action, pattern }) => JSON.stringify([place, action, opened(pattern)]),
  );
  const found = new Map<string, RuleHint>();
  for (const [first, ...others] of groups.values()) {
    const pattern = first && opened(first.pattern);
    if (!pattern || others.length + 1 < MIN_JOINED) continue;
    const by = { id: first.id, name: first.name };
    for (const { id } of others) found.set(id, { id, by, kind: "joinable", pattern });
  }
  return found;
}

/** What of rules a rule of the same place in front of them leaves nothing to, and which could be one. */
export function hintsFor(rules: readonly (Rule & { place?: string })[]): RuleHint[] {
  const usable = inOrder(
    rules.filter(({ enabled, pattern }) => enabled && patternFault(pattern) === null),
  ).map((rule) => ({ rule, pattern: patternOf(rule.pattern) }));
  const hidden = usable.flatMap(({ rule, pattern }, index): RuleHint[] => {
    const front = usable
      .slice(0, index)
      .find((other) => other.rule.place === rule.place && coversAll(other.pattern, pattern));
    // A rule that allows leaves out what its pattern doesn't name, so only the same kind is known to leave nothing.
    if (!front || (front.rule.action === "auto_approve" && rule.action !== "auto_approve")) return [];
    const { id, name, action } = front.rule;
    return [
      {
        id: rule.id,
        by: { id, name },
        kind: action === rule.action ? "redundant" : "shadowed",
      },
    ];
  });
  const joined = joinable(
    usable.map(({ rule }) => rule),
    new Set(hidden.map(({ id }) => id)),
  );
  return [...hidden, ...joined.values()];
}

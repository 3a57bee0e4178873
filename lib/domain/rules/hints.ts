/** What is worth tidying among rules. Pure. */
import { globMatches, type Pattern, patternFault, patternOf, type Word, wordsMatch } from "./pattern.ts";
import { inOrder, type Rule } from "./rule.ts";
import { DYNAMIC } from "./wrappers.ts";

export interface RuleHint {
  id: string;
  /** The rule in front of it that leaves nothing to it, or that says the same. */
  by: { id: string; name: string };
  kind: "shadowed" | "redundant";
}

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

/** Rules that a rule of the same place in front of them leaves nothing to. */
export function hintsFor(rules: readonly (Rule & { place?: string })[]): RuleHint[] {
  const usable = inOrder(
    rules.filter(({ enabled, pattern }) => enabled && patternFault(pattern) === null),
  ).map((rule) => ({ rule, pattern: patternOf(rule.pattern) }));
  return usable.flatMap(({ rule, pattern }, index) => {
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
        kind: action === rule.action ? ("redundant" as const) : ("shadowed" as const),
      },
    ];
  });
}

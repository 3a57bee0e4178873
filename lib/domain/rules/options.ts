/** Words with which a well-known program runs something else, or writes where nobody looks: a rule must name them. Pure. */
import type { Word } from "./pattern.ts";
import { type Program, PROGRAMS, SAME } from "./programs.ts";
import { baseOf } from "./wrappers.ts";

/** A script of sed's that only shows or replaces text: any other may run a command, or write a file. */
const PLAIN_SED =
  /^(?:\d*,?\d*p|\$p|\d+,?\d*d|\/[\w .-]*\/[pd]|s([/|#,])(?:(?!\1)[^\\\n])*\1(?:(?!\1)[^\\\n])*\1[gpI0-9]*)$/;

function programOf(name: string): { key: string; program: Program } | null {
  // A package may stand with its version: `tsc@5`.
  const base = baseOf(name).replace(/(?<=.)@.*$/, "");
  const key = SAME[base] ?? (/^python3?\.\d+$/.test(base) ? "python" : base);
  const program = Object.hasOwn(PROGRAMS, key) ? PROGRAMS[key] : undefined;
  return program ? { key, program } : null;
}

function isRisky({ long, whole, short, single, text }: Program, value: string): boolean {
  if (text?.test(value)) return true;
  const [bare = ""] = value.replace(/^--(?=[^-])/, "-").split("=", 1);
  if (single?.includes(value) || single?.includes(bare)) return true;
  if (value.startsWith("--") && value.length > 2) {
    const name = value.slice(2).split("=", 1)[0] ?? "";
    if (whole?.includes(name)) return false;
    return (
      long?.some((option) => {
        const plain = option.toLowerCase();
        const given = name.toLowerCase().replace(/^no-/, "");
        return (
          plain.startsWith(given) || plain.replaceAll("-", "") === given || given.startsWith(`${plain}.`)
        );
      }) ?? false
    );
  }
  if (!/^-[^-]/.test(value) || short === undefined) return false;
  return Array.from(value.slice(1)).some((letter) => short.includes(letter));
}

/** Programs that run another one, which a word of theirs names, and behind which words of their own. */
const RUNNERS: Readonly<Record<string, readonly string[] | null>> = {
  npx: null,
  npm: ["exec", "x"],
  pnpm: ["exec", "dlx"],
  yarn: ["exec", "dlx", "run"],
  bun: ["x", "run"],
  python: ["-m"],
  python3: ["-m"],
  poetry: ["run"],
  pipenv: ["run"],
  uv: ["run"],
  uvx: null,
  bundle: ["exec"],
};

/** Where the program stands that another one runs, as `tsc` in `npx tsc`; null for none. */
function runnerOf(words: readonly Word[], at: number): number | null {
  const base = baseOf(words[at]?.value ?? "");
  const key = SAME[base] ?? (/^python3?\.\d+$/.test(base) ? "python" : base);
  const behind = Object.hasOwn(RUNNERS, key) ? RUNNERS[key] : undefined;
  if (behind === undefined) return null;
  let isBehind = behind === null;
  for (let index = at + 1; index < words.length; index += 1) {
    const { value, isDynamic } = words[index]!;
    if (isDynamic) return null;
    if (!isBehind) isBehind = behind?.includes(value) ?? false;
    else if (!value.startsWith("-")) return index;
  }
  return null;
}

/**
 * The words of a command that a rule has to name, by their places; a word that is only known when it runs is one, if
 * it could become such a word.
 * @param at where the command's name stands
 */
export function riskyWords(words: readonly Word[], at: number): number[] {
  const inner = runnerOf(words, at);
  const own = riskyOf(words, at);
  return inner === null ? own : [...new Set([...own, ...riskyOf(words, inner)])].toSorted((a, b) => a - b);
}

function riskyOf(words: readonly Word[], at: number): number[] {
  const found = programOf(words[at]?.value ?? "");
  if (!found) return [];
  const { key, program } = found;
  const risky: number[] = [];
  let isScript = key === "sed";
  let isFirst = true;
  for (let index = at + 1; index < words.length; index += 1) {
    const word = words[index]!;
    if (word.isDynamic) {
      // What begins like a path or a plain word, and stays one word, is no option.
      if (word.isSplit || word.known === "" || word.known.startsWith("-")) risky.push(index);
      continue;
    }
    if (isScript && !word.value.startsWith("-")) {
      isScript = false;
      if (!PLAIN_SED.test(word.value)) risky.push(index);
      continue;
    }
    const isCommand = isFirst && (word.value === "-" || !word.value.startsWith("-"));
    if (isCommand) isFirst = false;
    if (isCommand && program.first?.test(word.value)) risky.push(index);
    else if (isRisky(program, word.value) || (isCommand && program.words?.includes(word.value) === true))
      risky.push(index);
  }
  return risky;
}

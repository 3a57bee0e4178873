/** Patterns of approval rules: globs over `server:tool:arguments`. `*` stands for any text. Linear, and pure. */

/** Characters of a pattern, and `*` in it: what bounds the work of one comparison. */
export const MAX_PATTERN_CHARS = 500;
export const MAX_PATTERN_STARS = 12;
const MAX_PATTERN_WORDS = 60;

/** A glob, cut at its `*`: one piece has none. */
export type Glob = readonly string[];

const globOf = (text: string): Glob => text.split(/\*+/);

/** Whether a text is what a glob stands for. Each piece is looked for behind the one before it, and nowhere twice. */
export function globMatches(glob: Glob, text: string): boolean {
  const [first = "", ...rest] = glob;
  const last = rest.pop();
  if (last === undefined) return text === first;
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last))
    return false;
  const end = text.length - last.length;
  let at = first.length;
  for (const piece of rest) {
    const found = text.indexOf(piece, at);
    if (found === -1 || found + piece.length > end) return false;
    at = found + piece.length;
  }
  return true;
}

/** A word of a command's pattern; null for a `*` by itself, which stands for any number of words. */
export type WordGlob = Glob | null;

export interface Pattern {
  text: string;
  server: Glob;
  tool: Glob;
  /** Of all arguments: null where it says nothing of them. */
  args: { text: Glob; words: readonly WordGlob[] } | null;
}

/** Names that people know a tool of Studio's by, and the one it has here. */
const ALIASES: Readonly<Record<string, string>> = {
  bash: "shell",
  write: "write_file",
  edit: "write_file",
  read: "read_file",
  webfetch: "fetch",
  websearch: "web_search",
};

/** The server whose tools are the agent's own. */
export const BUILTIN = "builtin";

/** Why a text is no pattern, as the rest of a sentence; null where it is one. */
export function patternFault(text: string): string | null {
  if (text.trim() !== text || text === "") return "must not be empty, and must not begin or end with a space";
  if (text.length > MAX_PATTERN_CHARS) return `must have at most ${MAX_PATTERN_CHARS} characters`;
  if (/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(text)) return "must not contain line breaks or invisible characters";
  const pattern = partsOf(text);
  if ((text.match(/\*+/g) ?? []).length > MAX_PATTERN_STARS)
    return `must have at most ${MAX_PATTERN_STARS} asterisks`;
  if (text !== "*" && pattern.length === 1)
    return "must say which tool it is for: server:tool, or server:tool:arguments, such as builtin:shell:npm test *";
  const [server = "", tool = ""] = pattern;
  if (text !== "*" && !/^[\w.*-]+$/.test(server)) return "must begin with a server's name, such as builtin";
  if (text !== "*" && !/^[\w.*-]+$/.test(tool)) return "must have a tool's name behind the first colon";
  if ((pattern[2] ?? "").split(/\s+/).length > MAX_PATTERN_WORDS)
    return `must have at most ${MAX_PATTERN_WORDS} words`;
  return null;
}

/** What a pattern covers, as a rule without a name is called. */
export function patternWords(text: string): string {
  const [server = "", tool = "", args] = partsOf(text);
  if (server !== BUILTIN) return text;
  if (args === undefined) return tool;
  return tool === "shell" ? args : `${tool} ${args}`;
}

/** Server, tool and arguments: the first two colons part them, and later ones belong to the arguments. */
function partsOf(text: string): string[] {
  const first = text.indexOf(":");
  if (first === -1) return [text];
  const second = text.indexOf(":", first + 1);
  if (second === -1) return [text.slice(0, first), text.slice(first + 1)];
  return [text.slice(0, first), text.slice(first + 1, second), text.slice(second + 1)];
}

/** Compiles a pattern that `patternFault` has nothing against. */
export function patternOf(text: string): Pattern {
  const [server = "*", tool = "*", args] = partsOf(text);
  const named = server === BUILTIN ? (ALIASES[tool] ?? tool) : tool;
  return {
    text,
    server: globOf(server),
    tool: globOf(named),
    args:
      args === undefined || args === "" || /^\*+$/.test(args)
        ? null
        : {
            text: globOf(args),
            words: args
              .split(/\s+/)
              .filter((word) => word !== "")
              .map((word) => (/^\*+$/.test(word) ? null : globOf(word))),
          },
  };
}

/** Whether a pattern is for a tool. */
export const isForTool = ({ server, tool }: Pattern, named: { server: string; tool: string }): boolean =>
  globMatches(server, named.server) && globMatches(tool, named.tool);

/** A word of a command, as far as its text says what it is. */
export interface Word {
  /** Without its quotes. */
  value: string;
  /** True where the rest behind `known` is only known when it runs. */
  isDynamic: boolean;
  /** What it begins with for certain. */
  known: string;
  /** True where it can become several words, or none. */
  isSplit: boolean;
  /** True where it is written with quotes or escapes. */
  isQuoted: boolean;
}

/** `maybe`: what it is when it runs decides. */
export type Match = "yes" | "maybe" | "no";

function wordMatches(glob: WordGlob, word: Word): boolean {
  return glob === null || (!word.isDynamic && globMatches(glob, word.value));
}

/** How many of a pattern's words stand at its beginning, each for one word. */
export function leadOf(words: readonly WordGlob[]): number {
  const star = words.indexOf(null);
  return star === -1 ? words.length : star;
}

/** Whether a run of globs without a `*` by itself stands at a place of a command. */
const standsAt = (run: readonly WordGlob[], words: readonly Word[], at: number): boolean =>
  run.every((glob, index) => {
    const word = words[at + index];
    return word !== undefined && wordMatches(glob, word);
  });

/** Whether a command is what a pattern stands for, whatever its dynamic words become. */
export function wordsMatch(globs: readonly WordGlob[], words: readonly Word[]): boolean {
  // Most rules are for other programs.
  const [opening] = globs;
  if (opening && (words[0] === undefined || !wordMatches(opening, words[0]))) return false;
  const runs: WordGlob[][] = [[]];
  for (const glob of globs) {
    if (glob === null) runs.push([]);
    else runs.at(-1)!.push(glob);
  }
  const first = runs[0]!;
  if (!standsAt(first, words, 0)) return false;
  if (runs.length === 1) return words.length === first.length;
  const last = runs.at(-1)!;
  const end = words.length - last.length;
  if (end < first.length || !standsAt(last, words, end)) return false;
  let at = first.length;
  for (const run of runs.slice(1, -1)) {
    while (at + run.length <= end && !standsAt(run, words, at)) at += 1;
    if (at + run.length > end) return false;
    at += run.length;
  }
  return true;
}

/** The same for a rule that holds back: what its dynamic words could become counts as well. */
export function wordsMayMatch(globs: readonly WordGlob[], words: readonly Word[]): Match {
  const [opening] = globs;
  if (opening && words[0]?.isDynamic === false && !globMatches(opening, words[0].value)) return "no";
  if (wordsMatch(globs, words)) return "yes";
  if (!words.some(({ isDynamic }) => isDynamic)) return "no";
  for (const [index, glob] of globs.entries()) {
    const word = words[index];
    // From here on, anything may stand for anything.
    if (glob === null || word?.isDynamic === true) {
      if (glob === null || word === undefined || word.isSplit) return "maybe";
      const [piece = ""] = glob;
      if (!piece.startsWith(word.known) && !word.known.startsWith(piece)) return "no";
      continue;
    }
    if (word === undefined || !globMatches(glob, word.value)) return "no";
  }
  return "maybe";
}

/** Tools that only read, or ask by themselves: OpenCode's configuration allows them, and nobody decides on each call. */
const FREE: ReadonlySet<string> = new Set([
  "read",
  "glob",
  "grep",
  "list",
  "todowrite",
  "todoread",
  "skill",
  "question",
  // What a subagent does asks by itself.
  "task",
  "webfetch",
  "websearch",
  "codesearch",
  // OpenCode's answer to a call that it does not understand: nothing was called.
  "invalid",
]);

/** Kinds of ACP's that change something, whatever a call is named. */
const ACTS: ReadonlySet<string> = new Set(["execute", "edit", "delete", "move"]);

/** Changes of the folder alone, for which OpenCode asks no leave: each command begins in the workspace again. */
const ONLY_FOLDER = /^(?:(?:cd|chdir|pushd|popd)(?:[ \t]+[\w./~"'-]+)?)?$/;
const MAX_FOLDER_CHARS = 500;

/** A call of the agent's, as far as it matters whether somebody has to decide on it. */
interface Call {
  tool: string;
  /** ACP's kind of the tool. */
  kind: string;
  /** What it is called with. */
  input: Readonly<Record<string, unknown>>;
}

/** Whether a call may have a result only after a decision: of a person, or of what they have allowed before. */
export function needsDecision({ tool, kind, input }: Call): boolean {
  // A name may be a title, which is the model's to choose; these kinds are the agent's own word.
  if (FREE.has(tool) && !ACTS.has(kind)) return false;
  const { command } = input;
  const plain = kind === "execute" && typeof command === "string" && command.length <= MAX_FOLDER_CHARS;
  return !(plain && command.split(/;|&&|\n/).every((part) => ONLY_FOLDER.test(part.trim())));
}

/** How a result came that should not have: nobody was asked, nobody had answered, or the answer was no. */
export const VIOLATIONS = ["unasked", "undecided", "denied"] as const;
export type Violation = (typeof VIOLATIONS)[number];

/** What was wrong, for those who read the session. */
export const VIOLATION_WORDS: Record<Violation, string> = {
  unasked: "it was not asked for",
  undecided: "no one had decided yet",
  denied: "it had been denied",
};

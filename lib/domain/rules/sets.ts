/** Sets of rules to begin with: chosen and copied, and from then on like any others. Pure. */
import type { RuleAction } from "./rule.ts";

export interface SetRule {
  name: string;
  pattern: string;
  action: RuleAction;
}

const shell = (action: RuleAction, commands: readonly string[]): SetRule[] =>
  commands.map((command) => ({ name: command, pattern: `builtin:shell:${command}`, action }));

const READS = shell("auto_approve", [
  "ls *",
  "pwd",
  "cat *",
  "head *",
  "tail *",
  "wc *",
  "grep *",
  "rg *",
  "git status *",
  "git diff *",
  "git log *",
  "git show *",
]);
const CHECKS = shell("auto_approve", ["cd *", "npm test *", "npm run *", "npx tsc *", "echo *", "mkdir *"]);
const DENIED = shell("auto_deny", ["git push * --force *", "git push * -f *", "rm -rf / *", "rm -rf ~ *"]);

/** The sets, from the one that asks most to the one that asks least. */
export const RULE_SETS = {
  careful: {
    name: "Careful",
    text: "Commands that only read run without asking. Everything else asks.",
    rules: [...DENIED, ...READS],
  },
  balanced: {
    name: "Balanced",
    text: "Also tests, scripts of the project, and changes in src. Pushes and installs ask.",
    rules: [
      ...DENIED,
      ...READS,
      ...CHECKS,
      { name: "Changes in src", pattern: "builtin:write_file:src/*", action: "auto_approve" as const },
    ],
  },
  trusting: {
    name: "Trusting",
    text: "Everything runs without asking, but pushes and what reaches outside of the workspace.",
    rules: [
      ...DENIED,
      ...shell("ask", ["git push *"]),
      { name: "Folders outside", pattern: "builtin:folder:*", action: "ask" as const },
      { name: "Every command", pattern: "builtin:shell:*", action: "auto_approve" as const },
      { name: "Every change", pattern: "builtin:write_file:*", action: "auto_approve" as const },
    ],
  },
} as const satisfies Record<string, { name: string; text: string; rules: readonly SetRule[] }>;
export type RuleSetName = keyof typeof RULE_SETS;

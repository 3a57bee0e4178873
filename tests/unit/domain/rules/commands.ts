import fs from "node:fs";
import type { Rule, RuleAction } from "#domain/rules/rule.ts";

const ACTIONS: Record<string, RuleAction> = { allow: "auto_approve", deny: "auto_deny", ask: "ask" };

/** Rules in short: `allow npm test *`, in which `*` alone is every tool. */
export function rulesIn(texts: readonly string[]): Rule[] {
  return texts.map((text, index) => {
    const [word = "", ...pattern] = text.split(" ");
    const glob = pattern.join(" ");
    const action = ACTIONS[word]!;
    return {
      id: `r${index}`,
      name: text,
      pattern: glob === "*" ? "*" : `builtin:shell:${glob}`,
      action,
      scope: "organization",
      priority: action === "auto_deny" ? 1 : 0,
      enabled: true,
      createdAt: index,
      isAdmins: true,
    };
  });
}

const unescaped = (line: string): string =>
  line
    .replaceAll("⏎", "\n")
    .replaceAll(/‹([0-9a-f]+)›/g, (_, hex: string) => String.fromCodePoint(Number.parseInt(hex, 16)));

interface Section {
  /** As the file has them. */
  by: string;
  rules: Rule[];
  expected: RuleAction;
  commands: string[];
}

/** The sections of `commands.txt`. */
export const SECTIONS: Section[] = fs
  .readFileSync(new URL("commands.txt", import.meta.url), "utf8")
  .split("\n== ")
  .slice(1)
  .map((section) => {
    const [head = "", ...lines] = section.split("\n");
    const [, word = "", by = ""] = /^(\w+) by (.*)$/.exec(head)!;
    const commands = lines.filter((line) => line !== "").map(unescaped);
    return { by: `${word} by ${by}`, rules: rulesIn(by.split(" ; ")), expected: ACTIONS[word]!, commands };
  });

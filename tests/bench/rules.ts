/** `npm run bench:rules [-- --json]`: what a decision takes with 1,000 rules, its rules read and compiled each time. */
import { parseArgs } from "node:util";
import { callOf } from "#domain/rules/call.ts";
import { decide, prepare } from "#domain/rules/decide.ts";
import { MAX_RULES, type Rule } from "#domain/rules/rule.ts";
import { type Figure, median, report, table } from "./figures.ts";

const ROUNDS = 200;
const AIM_MS = 2;
const { values } = parseArgs({ options: { json: { type: "boolean", default: false } } });

const PROGRAMS = ["git", "npm", "cargo", "docker", "kubectl", "make", "python", "node"];
const rules: Rule[] = Array.from({ length: MAX_RULES }, (_, index) => ({
  id: `r${index}`,
  name: `Rule ${index}`,
  pattern: `builtin:shell:${PROGRAMS[index % PROGRAMS.length]} sub${index} --flag=* *`,
  action: index % 10 === 0 ? "auto_deny" : "auto_approve",
  scope: "organization",
  priority: index,
  enabled: true,
  createdAt: index,
  isAdmins: true,
}));

const COMMANDS = {
  "one command": "npm test src/a.ts --run",
  "ten commands": Array.from({ length: 10 }, (_, index) => `git status x${index} "y z"`).join(" && "),
  "wrapped, with substitutions": `timeout 60 bash -c 'for f in a b; do grep -n "$f" "$(git ls-files src)"; done'`,
};

const figures: Figure[] = Object.entries(COMMANDS).map(([name, command]) => {
  const took = Array.from({ length: ROUNDS }, () => {
    const start = performance.now();
    decide(prepare(rules), callOf({ tool: "bash", kind: "execute", request: { command } }));
    return performance.now() - start;
  });
  return { name, unit: "ms", measured: median(took), aim: AIM_MS };
});
process.stdout.write(values.json ? `${JSON.stringify(report(figures))}\n` : table(figures));

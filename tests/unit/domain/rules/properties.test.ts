import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { callOf } from "#domain/rules/call.ts";
import { decide, prepare } from "#domain/rules/decide.ts";
import { globMatches, patternFault, patternOf } from "#domain/rules/pattern.ts";
import type { Rule } from "#domain/rules/rule.ts";
import { readShell } from "#domain/rules/shell.ts";
import { ruleOf } from "./rule-of.ts";
import { SECTIONS } from "./commands.ts";

const rule = (id: string, pattern: string, more: Partial<Rule> = {}): Rule =>
  ruleOf(pattern, { id, name: id, ...more });
const run = (rules: readonly Rule[], command: string) =>
  decide(prepare(rules), callOf({ tool: "bash", kind: "execute", request: { command } })).action;

const RULES = [
  rule("tests", "builtin:shell:npm test *"),
  rule("git", "builtin:shell:git status *"),
  rule("echo", "builtin:shell:echo *"),
];
const single = fc.constantFrom(
  ...SECTIONS.flatMap(({ commands }) => commands).filter((text) => !/[\n\\'"]/.test(text)),
);

test("a compound is never more allowed than its parts", () => {
  const joined = fc.tuple(single, fc.constantFrom(" && ", " || ", "; ", " | ", "\n", " & "), single);
  fc.assert(
    fc.property(joined, ([a, by, b]) => {
      if (run(RULES, a + by + b) !== "auto_approve") return;
      // A comment ends what stands behind it, and behind an operator the next line goes on.
      if (!a.includes("#") && !/[&|]\s*$/.test(a))
        expect([run(RULES, a), run(RULES, b)]).toEqual(["auto_approve", "auto_approve"]);
    }),
    { numRuns: 2_000 },
  );
});

test("what is denied is denied in every company, and behind every wrapper", () => {
  const rules = [
    ...RULES,
    rule("all", "*"),
    rule("deny", "builtin:shell:rm *", { action: "auto_deny", priority: 1 }),
  ];
  const wrap = fc.constantFrom<(text: string) => string>(
    (text) => `npm test && ${text}`,
    (text) => `(${text}) | cat`,
    (text) => `echo "$(${text})"`,
    (text) => `sudo ${text}`,
    (text) => `env A=1 ${text}`,
    (text) => `timeout 5 ${text}`,
    (text) => `if true; then ${text}; fi`,
  );
  fc.assert(
    fc.property(fc.array(wrap, { maxLength: 3 }), (wraps) => {
      const text = wraps.reduce(
        (inner, by, index) => (index > 0 && /^\(|^if/.test(inner) ? inner : by(inner)),
        "rm x",
      );
      expect(run(rules, text)).not.toBe("auto_approve");
    }),
  );
});

test("a glob is what it says", () => {
  const small = fc.string({ unit: fc.constantFrom("a", "b", "*"), maxLength: 8 });
  const texts = fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 12 });
  fc.assert(
    fc.property(small, texts, (glob, text) => {
      const expected = new RegExp(`^${glob.replaceAll(/\*+/g, ".*")}$`).test(text);
      expect(globMatches(glob.split(/\*+/), text)).toBe(expected);
    }),
    { numRuns: 2_000 },
  );
});

test("a pattern that would take long takes none", () => {
  const glob = patternOf(`a:b:${"a*".repeat(12)}b`).args!.text;
  const start = performance.now();
  expect(globMatches(glob, "a".repeat(100_000))).toBe(false);
  expect(performance.now() - start).toBeLessThan(100);
  expect(patternFault(`a:b:${"a*".repeat(13)}`)).not.toBeNull();
});

/** Pieces of shell text whose commands are all unknown to the machine. */
const PIECES = [
  "aa",
  "bb x",
  "'cc' y",
  "d\\d",
  "aa $(bb)",
  'aa "$(cc)"',
  "aa `bb`",
  "aa <(cc)",
  "(aa)",
  "{ bb; }",
  "! aa",
  "if aa; then bb; fi",
  "while aa; do break; done",
  "for i in 1 2; do cc $i; done",
  "case x in x) aa;; y) bb;; esac",
  "aa > f",
  "aa 2>&1",
  "aa <<< bb",
  "A=1 aa",
  "aa <<E\n$(bb)\nE",
  "aa <<'E'\n$(bb)\nE",
  "eval 'aa; bb'",
  'eval "cc"',
  "command aa",
  "aa # bb",
  "aa '#' bb",
  "aa \\\n bb",
  "aa && bb || cc",
  "aa | bb | cc",
  "aa & bb",
  "echo $((1+1))",
  "aa $'bb'",
  "aa {1,2}",
  "[[ -n x ]] && aa",
  "time aa",
  'aa "${X:-$(bb)}"',
  "x() { aa; }; x",
  "aa ';' bb",
  "aa \"'\" bb '\"' cc",
  "aa {b,c}",
  "aa a\\'b; bb",
  "until aa; do break; done",
  "aa;bb",
] as const;

test("whatever bash itself would run is seen, or the text is said not to be readable", () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "rules-"));
  const seen = new Set<string>();
  let count = 0;
  const handler = `command_not_found_handle() { printf '%s\\n' "$1" >&9; return 0; }`;
  try {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 3 }),
        fc.constantFrom("\n", "; ", " && "),
        (pieces, by) => {
          const text = pieces.join(pieces.some((piece) => /E$|#/.test(piece)) ? "\n" : by);
          if (seen.has(text)) return;
          seen.add(text);
          const reading = readShell(text);
          if (reading.unreadable !== null) return;
          const log = path.join(folder, "log");
          fs.writeFileSync(log, "");
          const { status } = spawnSync(
            "/bin/bash",
            ["-c", `exec 9>>"$LOG"; PATH=/nowhere; ${handler}\n${text}\nwait`],
            {
              cwd: folder,
              env: { NODE_ENV: "test", LOG: log },
              encoding: "utf8",
              timeout: 5_000,
            },
          );
          expect(status, text).not.toBeNull();
          const names = reading.commands.flatMap(({ forms }) =>
            forms.map(({ words, nameAt }) => words[nameAt]?.value),
          );
          const ran = fs.readFileSync(log, "utf8").split("\n").filter(Boolean);
          count += ran.length;
          expect({ text, missed: ran.filter((name) => !names.includes(name)) }).toEqual({ text, missed: [] });
        },
      ),
      { numRuns: 80 },
    );
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
  // Else the machine has run nothing.
  expect(count).toBeGreaterThan(30);
});

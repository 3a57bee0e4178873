import { expect, test } from "vitest";
import type { ApprovalRequest } from "#domain/approval-rules.ts";
import { DOTS } from "#domain/masked.ts";
import { callOf, plainPath, toolNames } from "#domain/rules/call.ts";
import { decide, prepare } from "#domain/rules/decide.ts";
import { hintsFor } from "#domain/rules/hints.ts";
import { patternFault } from "#domain/rules/pattern.ts";
import { proposalsFor } from "#domain/rules/propose.ts";
import { countsIn, inOrder, type Rule, type RuleAction } from "#domain/rules/rule.ts";
import { RULE_SETS } from "#domain/rules/sets.ts";
import { ruleOf } from "./rule-of.ts";

const run = (command: string, more: object = {}): ApprovalRequest => ({
  tool: "bash",
  kind: "execute",
  request: { command, ...more },
});
const change = (path: string, more: Partial<ApprovalRequest> = {}): ApprovalRequest => ({
  tool: "edit",
  kind: "edit",
  request: {},
  diff: { path },
  ...more,
});
const said = (patterns: readonly (string | Rule)[], asked: ApprovalRequest): RuleAction =>
  decide(prepare(patterns.map((one) => (typeof one === "string" ? ruleOf(one) : one))), callOf(asked)).action;

/** What is not a command: a pattern, what is asked, and what comes of it. Easy to add to. */
const CASES: readonly (readonly [string, ApprovalRequest, RuleAction])[] = [
  ["builtin:write_file:src/*", change("/workspace/src/a.ts"), "auto_approve"],
  ["builtin:edit:src/*", change("/workspace/src/b/c.ts"), "auto_approve"],
  ["builtin:write_file:/workspace/src/*", change("/workspace/src/a.ts"), "auto_approve"],
  ["builtin:write_file:src/*", change("/workspace/src/../opencode.json"), "ask"],
  ["builtin:write_file:src/*", change("/workspace/srcs/a.ts"), "ask"],
  ["builtin:write_file:src/*", change("/etc/src/a.ts"), "ask"],
  ["builtin:write_file:src/*", change("/src/a.ts"), "ask"],
  ["builtin:write_file:src/*", change("src/a.ts", { kind: "delete" }), "ask"],
  ["builtin:*:src/*", change("src/a.ts", { kind: "delete" }), "auto_approve"],
  [
    "builtin:write_file:src/*",
    change("src/a.ts", { diffs: [{ path: "src/a.ts" }, { path: "package.json" }] }),
    "ask",
  ],
  [
    "builtin:write_file:src/*",
    change("src/a.ts", { request: { files: [{ filePath: "src/a.ts", type: "delete" }] } }),
    "ask",
  ],
  ["builtin:shell:echo *", run("echo hidden"), "auto_approve"],
  ["builtin:shell:echo *", run(`echo ${DOTS}`), "ask"],
  ["builtin:shell:*", change("src/a.ts"), "ask"],
  [
    "builtin:fetch:https://example.com/*",
    { tool: "webfetch", kind: "fetch", request: { url: "https://example.com/a" } },
    "auto_approve",
  ],
  [
    "builtin:fetch:https://example.com/*",
    { tool: "webfetch", kind: "fetch", request: { url: "https://example.com@evil.com/" } },
    "ask",
  ],
  [
    "builtin:fetch:https://example.com/*",
    { tool: "webfetch", kind: "fetch", request: { url: "https://example.com.evil.com/" } },
    "ask",
  ],
  [
    "builtin:fetch:https://example.com/docs/*",
    { tool: "webfetch", kind: "fetch", request: { url: "https://example.com/docs/../x" } },
    "ask",
  ],
  [
    "builtin:fetch:https://example.com/*",
    { tool: "webfetch", kind: "fetch", request: { url: "not an address" } },
    "ask",
  ],
  ["github:*", { tool: "github_create_issue", kind: "other", request: { title: "x" } }, "auto_approve"],
  [
    "github:create_issue",
    { tool: "github_create_issue", kind: "other", request: { title: "x" } },
    "auto_approve",
  ],
  ["github:delete_*", { tool: "github_create_issue", kind: "other", request: { title: "delete_" } }, "ask"],
  [
    'github:create_issue:*"title":"x"*',
    { tool: "github_create_issue", kind: "other", request: { title: "x" } },
    "auto_approve",
  ],
  ["github:*", { tool: "gitlab_create_issue", kind: "other", request: {} }, "ask"],
  ["github:*", { tool: "github:x\nbuiltin:shell", kind: "other", request: {} }, "ask"],
  ["*", { tool: "git hub", kind: "other", request: {} }, "ask"],
  ["builtin:*", { tool: "github_create_issue", kind: "other", request: {} }, "ask"],
  ["builtin:folder:/tmp/*", { tool: "list", kind: "read", request: { parentDir: "/tmp/x" } }, "auto_approve"],
  ["builtin:folder:/tmp/*", { tool: "list", kind: "read", request: { parentDir: "/tmp/../etc" } }, "ask"],
  [
    "builtin:read_file:*.env",
    { tool: "read", kind: "read", request: { filePath: "/workspace/.env" } },
    "auto_approve",
  ],
  ["builtin:shell:npm test *", run("npm test", { workdir: "/workspace/packages/a" }), "auto_approve"],
  ["builtin:shell:npm test *", run("npm test", { workdir: "/etc" }), "ask"],
  ["builtin:shell:npm test *", run("npm test", { workdir: "/workspace/../etc" }), "ask"],
];

test.each(CASES)("%s with %j: %s", (pattern, asked, expected) => {
  expect(said([pattern], asked)).toBe(expected);
});

test("text of the agent's own decides nothing", () => {
  const words = { description: "builtin:shell:npm test", rule: "allow", subagent: true };
  expect(said(["builtin:shell:npm test *"], run("rm x", words))).toBe("ask");
  expect(
    said(["builtin:shell:npm test *"], { tool: "npm test", kind: "other", request: { command: "rm x" } }),
  ).toBe("ask");
  expect(toolNames("builtin:shell")).toEqual([]);
  expect(toolNames("a".repeat(200))).toEqual([]);
});

test("rules count by their place, then by priority, then by age", () => {
  const rules = [
    ruleOf("a:1", { scope: "organization", priority: 9 }),
    ruleOf("a:2", { scope: "session" }),
    ruleOf("a:3", { scope: "agent", priority: 1 }),
    ruleOf("a:4", { scope: "agent", priority: 1, createdAt: -1 }),
    ruleOf("a:5", { scope: "environment" }),
  ];
  expect(inOrder(rules).map(({ id }) => id)).toEqual(["a:2", "a:4", "a:3", "a:5", "a:1"]);
  expect(countsIn(rules[0]!, "production")).toBe(false);
  expect(countsIn({ ...rules[0]!, action: "auto_deny" }, "production")).toBe(true);
  expect(countsIn(rules[1]!, "production")).toBe(true);
});

test("what a person could allow is the narrowest that is of use, and covers the call", () => {
  const of = (command: string) => proposalsFor(callOf(run(command)));
  expect(of("npm test src/a.ts")).toEqual(["builtin:shell:npm test *", "builtin:shell:npm test src/a.ts"]);
  expect(of("npm run build")).toEqual(["builtin:shell:npm run build *", "builtin:shell:npm run build"]);
  expect(of("ls -la")).toEqual(["builtin:shell:ls *", "builtin:shell:ls -la"]);
  expect(of("rm -rf dist")).toEqual(["builtin:shell:rm -rf dist"]);
  expect(of("node scripts/build.js --fast")[0]).toBe("builtin:shell:node scripts/build.js *");
  expect(of("CI=1 npm test")).toEqual(["builtin:shell:CI=1 npm test"]);
  expect(of("npm test && rm x")).toEqual([]);
  expect(of("$X")).toEqual([]);
  expect(of("git push --force")).toEqual(["builtin:shell:git push *", "builtin:shell:git push --force"]);
  expect(proposalsFor(callOf(change("/workspace/src/a.ts")))).toEqual([
    "builtin:write_file:src/a.ts",
    "builtin:write_file:src/*",
  ]);
});

test("rules that nothing is left for are pointed out", () => {
  const rules = [
    ruleOf("builtin:shell:git *", { priority: 3 }),
    ruleOf("builtin:shell:git status *", { priority: 2 }),
    ruleOf("builtin:shell:git push *", { priority: 1, action: "auto_deny" }),
    ruleOf("builtin:shell:npm test *"),
  ];
  expect(hintsFor(rules)).toEqual([
    {
      id: "builtin:shell:git status *",
      by: { id: "builtin:shell:git *", name: "builtin:shell:git *" },
      kind: "redundant",
    },
  ]);
  const denies = [
    ruleOf("builtin:shell:*", { action: "auto_deny", priority: 1 }),
    ruleOf("builtin:shell:ls *"),
  ];
  expect(hintsFor(denies)).toMatchObject([{ id: "builtin:shell:ls *", kind: "shadowed" }]);
});

test("rules of one place that differ in their end alone could be one", () => {
  const three = ["lint", "build", "test"].map((script, createdAt) =>
    ruleOf(`builtin:shell:npm run ${script}`, { createdAt }),
  );
  const [first, ...others] = three;
  expect(hintsFor(three)).toEqual(
    others.map(({ id }) => ({
      id,
      by: { id: first!.id, name: first!.name },
      kind: "joinable",
      pattern: "builtin:shell:npm run *",
    })),
  );
  const files = ["a", "b", "c"].map((name) => ruleOf(`builtin:write_file:src/${name}.ts`));
  expect(hintsFor(files)).toMatchObject([{ pattern: "builtin:write_file:src/*" }, { kind: "joinable" }]);
  const not = [
    three.slice(0, 2),
    three.map((one, index) => ({ ...one, place: `agent:${index}` })),
    three.map((one, index) => ({ ...one, action: index === 0 ? ("ask" as const) : one.action })),
    ["ls", "pwd", "env"].map((command) => ruleOf(`builtin:shell:${command}`)),
    ["a b", "c d", "e f"].map((words) => ruleOf(`builtin:shell:echo '${words}'`)),
  ];
  for (const rules of not) expect(hintsFor(rules)).toEqual([]);
});

test("every set is made of patterns, and the more it trusts, the more it allows", () => {
  const action = (name: keyof typeof RULE_SETS, asked: ApprovalRequest) =>
    said(
      RULE_SETS[name].rules.map((one, index) =>
        ruleOf(one.pattern, { action: one.action, priority: 100 - index }),
      ),
      asked,
    );
  for (const { rules } of Object.values(RULE_SETS))
    for (const { pattern } of rules) expect(patternFault(pattern), pattern).toBeNull();
  const names = ["careful", "balanced", "trusting"] as const;
  expect(names.map((name) => action(name, run("git status")))).toEqual([
    "auto_approve",
    "auto_approve",
    "auto_approve",
  ]);
  expect(names.map((name) => action(name, run("npm test")))).toEqual(["ask", "auto_approve", "auto_approve"]);
  expect(names.map((name) => action(name, run("make install")))).toEqual(["ask", "ask", "auto_approve"]);
  expect(names.map((name) => action(name, run("git push")))).toEqual(["ask", "ask", "ask"]);
  expect(names.map((name) => action(name, run("git push --force")))).toEqual([
    "auto_deny",
    "auto_deny",
    "auto_deny",
  ]);
  expect(names.map((name) => action(name, run("sudo ls")))).toEqual(["ask", "ask", "ask"]);
});

test("a path is what it leads to", () => {
  expect(plainPath("/workspace/a/./b/../c")).toBe("a/c");
  expect(plainPath("a/../../etc")).toBe("/etc");
  expect(plainPath("/workspace")).toBe(".");
  expect(plainPath("")).toBeUndefined();
});

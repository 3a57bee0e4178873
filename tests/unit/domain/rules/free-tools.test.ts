import { expect, test } from "vitest";
import { callOf } from "#domain/rules/call.ts";
import { decide, prepare } from "#domain/rules/decide.ts";
import { heldTools, isFreeCall } from "#domain/rules/free-tools.ts";
import type { Rule, RuleAction } from "#domain/rules/rule.ts";

const rule = (pattern: string, action: RuleAction, enabled = true): Rule => ({
  id: pattern,
  name: pattern,
  pattern,
  action,
  scope: "organization",
  priority: 0,
  enabled,
  createdAt: 0,
  isAdmins: true,
});

test("a tool has to ask where a rule may hold it back", () => {
  expect(heldTools([])).toEqual([]);
  expect(heldTools([rule("builtin:fetch:*", "auto_approve"), rule("builtin:shell:*", "auto_deny")])).toEqual(
    [],
  );
  expect(heldTools([rule("builtin:fetch:*", "auto_deny", false)])).toEqual([]);
  expect(heldTools([rule("builtin:fetch:*evil*", "auto_deny"), rule("builtin:*_file", "ask")])).toEqual([
    "read",
    "webfetch",
  ]);
  expect(heldTools([rule("*:*", "ask")])).toHaveLength(9);
});

/** What the agent asks leave for, by tool, and what is decided without a rule that covers it. */
const ASKED: [tool: string, kind: string, request: object, action: RuleAction][] = [
  ["webfetch", "fetch", { url: "https://example.com/a" }, "auto_approve"],
  ["webfetch", "fetch", { url: "no address" }, "ask"],
  ["websearch", "other", { query: "x" }, "auto_approve"],
  ["grep", "search", { pattern: "x" }, "auto_approve"],
  ["glob", "search", { pattern: "**/*" }, "auto_approve"],
  ["list", "read", { path: "src" }, "auto_approve"],
  ["task", "other", { description: "x" }, "auto_approve"],
  ["read", "read", { filePath: "/workspace/src/a.ts" }, "auto_approve"],
  ["read", "read", { filePath: "/workspace/.env" }, "ask"],
  ["read", "read", { filePath: "src/../.env/." }, "ask"],
  ["read", "read", { filePath: "config/app.env.local" }, "ask"],
  ["read", "read", { filePath: ".env.example" }, "auto_approve"],
  ["read", "read", { filePath: "/etc/passwd" }, "ask"],
  ["read", "read", { filePath: "src/../../etc/passwd" }, "ask"],
  ["codesearch", "other", { query: "x" }, "ask"],
  ["web_search", "other", { query: "x" }, "ask"],
  ["docs_fetch", "other", { url: "https://example.com" }, "ask"],
  ["docs:fetch", "fetch", {}, "ask"],
  ["bash", "execute", { command: "cat a" }, "ask"],
];

test.each(ASKED)("%s (%s) of %j: %s", (tool, kind, request, action) => {
  const asked = { tool, kind, request: request as Record<string, unknown> };
  expect(isFreeCall(asked)).toBe(action === "auto_approve");
  // What a rule holds back is held back, whatever is free.
  for (const holds of ["auto_deny", "ask"] as const) {
    const call = callOf(asked);
    if (call.unreadable !== null) continue;
    expect(decide(prepare([rule("*:*", holds)]), call)).toMatchObject({
      action: holds,
      rules: [{ name: "*:*" }],
    });
  }
});

test("a rule judges what would be fetched or searched by its arguments", () => {
  const rules = prepare([rule("builtin:fetch:https://evil.example/*", "auto_deny")]);
  const verdict = (url: string) =>
    decide(rules, callOf({ tool: "webfetch", kind: "fetch", request: { url } })).action;
  expect(verdict("https://evil.example/x")).toBe("auto_deny");
  expect(verdict("https://EVIL.example:443/x")).toBe("auto_deny");
  expect(verdict("https://good.example/x")).toBe("ask");
});

import { expect, test } from "vitest";
import { kindsOf } from "#domain/rules/kinds.ts";

const run = (command: string) => kindsOf({ tool: "bash", kind: "execute", request: { command } });

test.each([
  ["npm test", ["run"]],
  ["echo done", ["run"]],
  ["git status", ["run"]],
  ["echo git push", ["run"]],
  ["echo x > notes.txt", ["write", "run"]],
  ["git push", ["run", "push"]],
  ["git push origin HEAD", ["run", "push"]],
  ["git -C shop push", ["run", "push"]],
  ["git -c http.proxy=x push origin main", ["run", "push"]],
  ["npm test && git push", ["run", "push"]],
  ["sh -c 'git push'", ["run", "push"]],
  ["env A=1 git push", ["run", "push"]],
  ["/usr/bin/git push", ["run", "push"]],
  ["timeout 5 git push", ["run", "push"]],
  ["git send-pack origin", ["run", "push"]],
  ["curl https://example.com", ["run", "network"]],
  ["ls | xargs curl", ["run", "network"]],
  ["curl -s https://example.com > page.html", ["write", "run", "network"]],
])("a command is of the kinds of all that it does: %s", (command, kinds) => {
  expect(run(command)).toEqual(kinds);
});

test.each([
  'eval "$X"',
  "$CMD push",
  "$(cat x)",
  "g'i't pu\"sh\" $X",
  "git $ACT",
  "'unclosed",
  "git log --grep push",
  "git -c alias.p=push p",
  "git -C shop publish",
])("a command that may be a push is one: %s", (command) => {
  expect(run(command)).toContain("push");
});

test.each([
  [{ tool: "edit", kind: "edit", request: { filePath: "/workspace/a.ts" } }, ["write"]],
  [{ tool: "read", kind: "read", request: { filePath: "/workspace/.env" } }, ["read"]],
  [{ tool: "webfetch", kind: "fetch", request: { url: "https://example.com" } }, ["network"]],
  [{ tool: "websearch", kind: "other", request: { query: "x" } }, ["network"]],
  [{ tool: "github_create_issue", kind: "other", request: { title: "x" } }, ["mcp"]],
  [{ tool: "a tool", kind: "other", request: {} }, ["mcp"]],
  [{ tool: "lsp", kind: "other", request: {} }, ["run"]],
  [{ tool: "glob", kind: "read", request: { parentDir: "/etc", directories: ["/etc"] } }, ["read"]],
])("other requests are of one kind: %j", (asked, kinds) => {
  expect(kindsOf(asked)).toEqual(kinds);
});

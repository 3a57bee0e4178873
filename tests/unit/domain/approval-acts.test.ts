import { expect, test } from "vitest";
import { actOf, type ApprovalRequest, coverOf, isAskedAgain } from "#domain/approval-rules.ts";

/** What an agent asks for, each in the form in which it comes: easy to add to. */
const ASKED: Record<string, ApprovalRequest> = {
  "run a command": { tool: "bash", kind: "execute", request: { command: "rm /tmp/zz/a.txt" } },
  "change a file": { tool: "edit", kind: "edit", request: { filepath: "/tmp/zz/a.txt" } },
  "delete a file": { tool: "apply_patch", kind: "delete", request: { filepath: "/tmp/zz/b.txt" } },
  "read a file outside": {
    tool: "read",
    kind: "read",
    request: { filepath: "/tmp/zz/a.txt", parentDir: "/tmp/zz" },
  },
  "look into a folder": { tool: "list", kind: "read", request: { parentDir: "/tmp/zz" } },
  "search a folder": { tool: "grep", kind: "search", request: { parentDir: "/tmp/zz" } },
  "fetch an address": { tool: "webfetch", kind: "fetch", request: { url: "file:///tmp/zz/a.txt" } },
  "use a tool": { tool: "mail_send", kind: "other", request: { to: "/tmp/zz/a.txt" } },
};

test("BUG-3: leave for one kind of act covers no other", () => {
  const subjects = Object.values(ASKED).map((asked) => coverOf(asked).subject);
  expect(new Set(subjects).size).toBe(subjects.length);
});

test("BUG-3: reading is asked as reading", () => {
  expect(Object.fromEntries(Object.entries(ASKED).map(([name, asked]) => [name, actOf(asked).act]))).toEqual({
    "run a command": "run",
    "change a file": "change",
    "delete a file": "change",
    "read a file outside": "read",
    "look into a folder": "reach",
    "search a folder": "reach",
    "fetch an address": "fetch",
    "use a tool": "use",
  });
});

test("BUG-3: the folder of an act that is asked about by itself is no question of its own", () => {
  const reaching = { request: { parentDir: "/tmp", directories: ["/tmp"] } };
  expect(isAskedAgain({ tool: "write", kind: "edit", ...reaching })).toBe(true);
  expect(isAskedAgain({ tool: "bash", kind: "execute", ...reaching })).toBe(true);
  // Reading is allowed in the workspace: outside of it, this is the only question.
  expect(isAskedAgain({ tool: "read", kind: "read", ...reaching })).toBe(false);
  expect(isAskedAgain({ tool: "grep", kind: "search", ...reaching })).toBe(false);
  expect(isAskedAgain({ tool: "bash", kind: "execute", request: { command: "ls /tmp" } })).toBe(false);
});

test("BUG-3: a subagent that reads outside of the workspace asks a person", () => {
  const question = { tool: "external_directory", kind: "other" };
  expect(isAskedAgain({ ...question, request: { filepath: "/etc/passwd", parentDir: "/etc" } })).toBe(false);
  expect(isAskedAgain({ ...question, request: { directories: ["/etc"] } })).toBe(false);
  // Its commands are asked about by themselves.
  expect(isAskedAgain({ ...question, request: { command: "ls /etc", directories: ["/etc"] } })).toBe(true);
});

test("BUG-3: an answer to a question that says nothing covers that one alone", () => {
  expect(coverOf({ tool: "mail_send", kind: "other", request: {} }).subject).toBeNull();
  expect(coverOf({ tool: "read", kind: "read", request: {} }).subject).toBeNull();
});

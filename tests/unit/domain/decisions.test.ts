import { expect, test } from "vitest";
import { needsDecision } from "#domain/decisions.ts";

const bash = (command: string) => needsDecision({ tool: "bash", kind: "execute", input: { command } });

test("SPEC-1: what writes or runs needs a decision, and so does every tool that nobody knows", () => {
  for (const tool of ["bash", "edit", "write", "apply_patch", "lsp", "server_tool"])
    expect(needsDecision({ tool, kind: "other", input: {} }), tool).toBe(true);
  for (const tool of ["read", "glob", "grep", "list", "todowrite", "skill", "task", "webfetch", "question"])
    expect(needsDecision({ tool, kind: "other", input: {} }), tool).toBe(false);
});

test("SPEC-1: a call that changes something is not freed by its name, which can be the model's own words", () => {
  for (const kind of ["execute", "edit", "delete", "move"])
    expect(needsDecision({ tool: "read", kind, input: { command: "rm b" } }), kind).toBe(true);
});

test("SPEC-1: a change of the folder alone, which OpenCode does not ask about, needs none, and nothing beside it", () => {
  for (const command of ["cd agents", "cd /workspace", "cd", "cd 'a' && cd b", " cd ..\n"])
    expect(bash(command), command).toBe(false);
  for (const command of [
    "cd a && rm b",
    "cd $(rm b)",
    "cd `rm b`",
    "> file",
    "cd a > file",
    "cd a; ls",
    "cda",
    "cd a\nrm b",
    `cd ${"a".repeat(600)}`,
    `cd${"\n".repeat(100_000)}x`,
  ])
    expect(bash(command), command.slice(0, 40)).toBe(true);
});

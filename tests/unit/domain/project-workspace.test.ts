import { describe, expect, test } from "vitest";
import { MAX_MESSAGE_BYTES } from "#domain/limits.ts";
import { bytesOf } from "#domain/project/check.ts";
import { handOverText } from "#domain/project/hand-over.ts";
import { isProjectPath, workspaceChanges } from "#domain/project/workspace.ts";

const row = (slug: string, hash: string) => ({
  kind: "agent" as const,
  slug,
  hash,
  file: `agents/${slug}.ts`,
});
const summary = (...args: Parameters<typeof workspaceChanges>) =>
  workspaceChanges(...args).map(({ slug, change }) => `${change} ${slug}`);

describe("what is different in a workspace", () => {
  test("is told by hashes against what was pulled", () => {
    const base = [row("same", "1"), row("other", "1"), row("gone", "1")];
    const found = [row("same", "1"), row("other", "2"), row("new", "1")];
    expect(summary(found, base, base, [])).toEqual(["deleted gone", "created new", "updated other"]);
  });

  test("isn't what the environment has by now anyway", () => {
    const base = [row("a", "1"), row("b", "1")];
    const now = [row("a", "2")];
    expect(summary([row("a", "2")], base, now, [])).toEqual([]);
  });

  test("doesn't count as deleted while a file of its folder can't be read", () => {
    const base = [row("a", "1")];
    expect(summary([], base, base, [{ file: "agents/renamed.ts" }])).toEqual([]);
    expect(summary([], base, base, [{ file: "roles/x.ts" }])).toEqual(["deleted a"]);
    const file = { kind: "file" as const, slug: "tools/a.ts", hash: "1" };
    expect(summary([], [file], [file], [{ file: "tools/b.ts" }])).toEqual(["deleted tools/a.ts"]);
    expect(summary([], [file], [file], [{ file: "tools/a.ts" }])).toEqual([]);
  });
});

test("a path lies below one of the folders, and nowhere else", () => {
  for (const file of ["agents/a.ts", "entity-types/x/y.ts", "tools/index.ts", "evals/a.eval.yaml"])
    expect(isProjectPath(file), file).toBe(true);
  for (const file of [
    "",
    "agents",
    "agents/",
    "agents/../a",
    "x/a.ts",
    "agents/.a",
    "agents/a\0",
    "/agents/a",
  ])
    expect(isProjectPath(file), file).toBe(false);
});

describe("the message with which changes go back", () => {
  const change = { kind: "role" as const, slug: "agent", file: "roles/agent.ts" };

  test("names each with its comment, its problems, and what others have made of it", () => {
    const moved = {
      base: JSON.stringify({ name: "agent", limit: 1 }),
      workspace: JSON.stringify({ name: "agent", limit: 2 }),
      current: JSON.stringify({ name: "agent", limit: 3 }),
    };
    const text = handOverText({
      changes: [{ ...change, comment: "Too wide.", moved }],
      faults: [{ file: "agents/a.ts", line: 2, column: 5, message: "Unexpected token" }],
      message: "Please narrow it.",
    });
    expect(text).toContain("- role agent (roles/agent.ts): Too wide.");
    expect(text).toContain("limit: was 1, is 3 in the project now, and you have changed it, too");
    expect(text).toContain("- agents/a.ts:2:5: Unexpected token");
    expect(text).toContain("Please narrow it.");
  });

  test("keeps within what a message may have", () => {
    const faults = Array.from({ length: 100 }, () => ({ file: "界".repeat(300), message: "界".repeat(500) }));
    const changes = Array.from({ length: 100 }, () => ({ ...change, comment: "界".repeat(4_000) }));
    expect(bytesOf(handOverText({ changes, faults }))).toBeLessThanOrEqual(MAX_MESSAGE_BYTES);
  });
});

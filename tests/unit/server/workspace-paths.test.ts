import { expect, test } from "vitest";
import { inWorkspace } from "#server/sandbox/paths.ts";

test.each([
  ["", "/workspace"],
  [".", "/workspace"],
  ["agents/support.ts", "/workspace/agents/support.ts"],
  ["agents/../roles/a.ts", "/workspace/roles/a.ts"],
  ["..hidden", "/workspace/..hidden"],
  ["a b/ü\n.ts", "/workspace/a b/ü\n.ts"],
])("%j is %s", (path, absolute) => expect(inWorkspace(path)).toBe(absolute));

const UP = ["..", "../", "../..", "a/../..", "a/b/../../..", "./..", "./../", ".././..", "//..", "a//../.."];
const TARGETS = [
  "",
  "etc/passwd",
  "workspace2/a",
  "workspace.bak",
  "root/.ssh/id_rsa",
  "proc/self/environ",
  "home/user/.env",
  "tmp/../etc/shadow",
];
const OUT = [
  ...UP.flatMap((up) => TARGETS.map((target) => `${up}/${target}`)),
  ...TARGETS.map((target) => `/${target}`),
  ...TARGETS.map((target) => `//${target}`),
  "/workspace",
  "/workspace/a.ts",
  "/workspace/../etc/passwd",
  "a\0.ts",
  "\0",
  "../workspace\0/a",
  "..//..//etc",
];

test("no path leads out of the workspace", () => {
  const through = OUT.filter((path) => {
    try {
      const absolute = inWorkspace(path);
      return !(absolute === "/workspace" || absolute.startsWith("/workspace/")) || path.startsWith("/");
    } catch {
      return false;
    }
  });
  expect(OUT.length).toBeGreaterThan(100);
  expect(through).toEqual([]);
});

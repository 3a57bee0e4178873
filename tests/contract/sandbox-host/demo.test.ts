import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { WALL_CHECKS } from "#domain/walls.ts";
import { REPO } from "./host-process.ts";

test(
  "`npm run sandbox:demo` shows that each wall holds, without a running Studio",
  { timeout: 200_000 },
  () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, ["lib/cli/sandbox-demo.ts"], {
      cwd: REPO,
      encoding: "utf8",
      timeout: 190_000,
    });
    // An ordinary user has no groups of the kernel's to hold memory.
    const isRoot = process.getuid?.() === 0;
    for (const [id, { title }] of Object.entries(WALL_CHECKS))
      expect(stdout).toMatch(
        new RegExp(`${isRoot || id !== "memory" ? "refused" : "(refused|not tried)"} +${title}: `),
      );
    expect(stdout).toContain("Every attempt was refused.");
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  },
);

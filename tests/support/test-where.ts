import { test } from "vitest";

type Run = () => void | Promise<void>;

/**
 * A test of what not every machine has. Where it is skipped, its title says why, and `npm test` lists it.
 * @param holds whether this machine has it
 * @param reason what is missing otherwise, such as “only root can”
 */
export function testWhere(
  holds: boolean,
  reason: string,
): (title: string, run: Run, timeoutMs?: number) => void {
  return (title, run, timeoutMs) =>
    holds ? test(title, run, timeoutMs) : test.skip(`${title} [skipped: ${reason}]`, run);
}

/** A test that needs root's rights. */
export const testAsRoot = testWhere(process.getuid?.() === 0, "only root can try this");

/** A test of what a sandbox host does by cgroups, which an ordinary user's session seldom has leave to make. */
export const testWithCgroups = testWhere(process.getuid?.() === 0, "an ordinary user's host has no cgroups");

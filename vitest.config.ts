import { defineConfig } from "vitest/config";
import LongestFirst from "./tests/support/longest-first.ts";

/** One project a kind of test; `npm test` runs them all, each slow kind in one process after another. */
export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      "tests/unit/vitest.config.ts",
      {
        // What takes seconds alone takes many times that beside a browser, to which they give way.
        test: {
          name: "convex",
          include: ["tests/convex/**/*.test.ts"],
          // Each test has a database of its own, and modules keep nothing: a process loads them once for many files.
          isolate: false,
          testTimeout: 600_000,
          hookTimeout: 60_000,
          maxWorkers: 2,
        },
      },
      {
        // The same tests over the embedded runtime's engine.
        test: {
          name: "convex-embedded",
          include: ["tests/convex/**/*.test.ts"],
          // Each test has a database of its own, and modules keep nothing: a process loads them once for many files.
          isolate: false,
          testTimeout: 600_000,
          hookTimeout: 60_000,
          maxWorkers: 2,
          alias: { "convex-test": `${import.meta.dirname}/tests/support/convex-test-adapter.ts` },
        },
      },
      {
        test: {
          name: "contract",
          include: ["tests/contract/**/*.test.ts"],
          globalSetup: "./tests/support/bundle-once.ts",
          testTimeout: 60_000,
          hookTimeout: 60_000,
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: "integration",
          include: ["tests/integration/**/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 180_000,
          globalSetup: ["./tests/support/build-once.ts", "./tests/support/shared-studio.ts"],
          // The servers that they start check each response against its declaration.
          env: { STUDIO_CHECK_RESPONSES: "true" },
          // Three hardly end sooner on two cores: an agent's start computes for seconds, and some then wait in vain.
          maxWorkers: 2,
        },
      },
    ],
  },
});

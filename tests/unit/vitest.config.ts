import path from "node:path";
import { defineConfig } from "vitest/config";
import { WAIT_TIMEOUT_MS } from "../support/patience.ts";

const root = path.resolve(import.meta.dirname, "../..");
/** What only computes: its files change nothing that another one could see. */
const PURE = ["tests/unit/{domain,contracts}/**/*.test.ts"];

/** The unit tests, in two parts. `--project unit` runs both. */
export default defineConfig({
  root,
  test: {
    name: "unit",
    projects: [
      {
        test: {
          name: "pure",
          include: PURE,
          // A process loads the domain once for many files.
          isolate: false,
        },
      },
      {
        test: {
          name: "parts",
          include: ["tests/unit/**/*.test.{ts,tsx}", "tests/architecture.test.ts"],
          exclude: PURE,
          setupFiles: path.join(root, "tests/support/patience-of-pages.ts"),
        },
      },
    ],
    // Some compute for a second or two, many times that beside a browser, to which they give way.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: WAIT_TIMEOUT_MS } },
    // By default Vitest leaves one processor alone, which is half of two.
    maxWorkers: 2,
  },
});

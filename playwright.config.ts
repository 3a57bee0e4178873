import { defineConfig } from "@playwright/test";

// The servers of these tests check each response against its declaration.
process.env.STUDIO_CHECK_RESPONSES = "true";

/** One Studio for all tests, in the Chromium that Debian has: nothing is downloaded. */
export default defineConfig({
  testDir: "tests/e2e",
  globalSetup: "./tests/support/build-once.ts",
  // Two at a time are hardly faster on two cores, and what waits for an agent runs into its limits.
  workers: 1,
  timeout: 300_000,
  // An agent that works beside what computes takes longer than one that works alone.
  expect: { timeout: 30_000 },
  forbidOnly: true,
  outputDir: "test-results",
  use: {
    browserName: "chromium",
    viewport: { width: 1440, height: 900 },
    screenshot: "only-on-failure",
    // Every act is recorded for it, whether or not it is kept; where nobody could open it, that is wasted.
    trace: process.env.CI ? "off" : "retain-on-failure",
    launchOptions: {
      executablePath: "/usr/bin/chromium",
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
});

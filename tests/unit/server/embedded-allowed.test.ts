import fs from "node:fs";
import path from "node:path";
import { parseEnv } from "node:util";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

const EXAMPLE = parseEnv(
  fs.readFileSync(path.resolve(import.meta.dirname, "../../../.env.example"), "utf8"),
) as Record<string, string>;

beforeEach(() => vi.resetModules());
afterEach(() => vi.unstubAllEnvs());

/** Whether a server with these settings lets the embedded sign-in run, or why not. */
async function outcome(settings: Record<string, string>): Promise<string> {
  for (const [name, value] of Object.entries({ ...EXAMPLE, ...settings })) vi.stubEnv(name, value);
  const { checkEmbeddedAllowed } = await import("#server/auth/embedded-options.ts");
  try {
    checkEmbeddedAllowed();
    return "allowed";
  } catch (error) {
    return (error as Error).message;
  }
}

test.each(["http://localhost:3000", "http://127.0.0.1:8080", "http://[::1]:3000"])(
  "runs on %s",
  async (url) => {
    expect(await outcome({ STUDIO_PUBLIC_URL: url })).toBe("allowed");
  },
);

test.each(["https://studio.example", "http://10.0.0.7:3000", "https://localhost.evil.example"])(
  "runs on %s only where the operator says so, and then with TLS",
  async (url) => {
    expect(await outcome({ STUDIO_PUBLIC_URL: url })).toContain("STUDIO_EMBEDDED_AUTH_PUBLIC=true");
    vi.resetModules();
    const allowed = await outcome({ STUDIO_PUBLIC_URL: url, STUDIO_EMBEDDED_AUTH_PUBLIC: "true" });
    if (url.startsWith("https:")) expect(allowed).toBe("allowed");
    else expect(allowed).toContain("must begin with https://");
  },
);

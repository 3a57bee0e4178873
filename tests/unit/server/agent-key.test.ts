import fs from "node:fs";
import path from "node:path";
import { parseEnv } from "node:util";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

beforeEach(() => {
  vi.resetModules();
  const example = fs.readFileSync(path.resolve(import.meta.dirname, "../../../.env.example"), "utf8");
  for (const [name, value] of Object.entries(parseEnv(example))) vi.stubEnv(name, value);
});
afterEach(() => vi.unstubAllEnvs());

test("the key of a session's agent is another for each of its starts, and the same for every server", async () => {
  const { agentKey } = await import("#server/sandbox/sandbox.ts");
  const keys = Array.from({ length: 500 }, (_, n) => agentKey("session", `studio-${n}`));
  expect(new Set(keys).size).toBe(keys.length);
  for (const key of keys) expect(key).toMatch(/^[0-9a-f]{64}$/);
  expect(agentKey("session", "studio-1")).toBe(keys[1]);
  expect(agentKey("another", "studio-1")).not.toBe(keys[1]);
});

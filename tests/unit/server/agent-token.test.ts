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

test("the agent server's token can stand on a command line, for every session", async () => {
  const { agentServerToken } = await import("../../../lib/server/sandbox/sandbox.ts");
  const tokens = Array.from({ length: 500 }, (_, n) => agentServerToken(`session-${n}`));
  expect(new Set(tokens).size).toBe(tokens.length);
  for (const token of tokens) expect(token).toMatch(/^[0-9a-f]{64}$/);
  expect(agentServerToken("session-1")).toBe(tokens[1]);
});

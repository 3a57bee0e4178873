import fs from "node:fs";
import path from "node:path";
import { parseEnv } from "node:util";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { maskSecrets } from "#domain/mask.ts";
import { hashSecret } from "#server/auth/opaque.ts";

beforeEach(() => {
  vi.resetModules();
  const example = fs.readFileSync(path.resolve(import.meta.dirname, "../../../.env.example"), "utf8");
  for (const [name, value] of Object.entries(parseEnv(example))) vi.stubEnv(name, value);
});
afterEach(() => vi.unstubAllEnvs());

test("a session's key for its project is the same on every server, another for each session, and masked", async () => {
  const { projectKey, projectVariablesOf } = await import("#server/sandbox-start/project-access.ts");
  const one = projectKey("s1");
  expect(projectKey("s1")).toEqual(one);
  expect(one.stored).toEqual({ hash: hashSecret(one.secret), last4: one.secret.slice(-4) });
  expect(projectKey("s2").secret).not.toBe(one.secret);
  expect(projectVariablesOf("s1").STRUERE_API_KEY).toBe(one.secret);
  expect(maskSecrets(`key ${one.secret}.`)).not.toContain(one.secret);
  // Who does not have the servers' secret cannot make it.
  vi.resetModules();
  vi.stubEnv("STUDIO_AUTH_SECRET", "another-secret-of-at-least-32-characters");
  const other = await import("#server/sandbox-start/project-access.ts");
  expect(other.projectKey("s1").secret).not.toBe(one.secret);
});

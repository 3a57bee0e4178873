import { expect, test, vi } from "vitest";
import { compatibleUpstream } from "#server/keys/upstream.ts";
import { setUpAgent } from "#server/sandbox-start/access.ts";
import { unlistedModel } from "#domain/catalog.ts";

vi.stubEnv("STUDIO_PUBLIC_URL", "http://127.0.0.1:3000");

const model = unlistedModel("acme", { id: "m", name: "M", contextTokens: 8_000, outputTokens: 1_000 });
const upstream = compatibleUpstream({
  route: "compatible:acme",
  name: "Acme",
  baseUrl: "https://llm.example/v1",
  key: "the-key",
  model,
});

test("SEC-1: a session that was created with the key in its sandbox gets a token once the setting is off", () => {
  const session = { keySource: "direct" as const, rawKey: true };
  expect(setUpAgent(session, true, upstream, "http://studio").rawKey).toBe("the-key");
  const after = setUpAgent(session, false, upstream, "http://studio");
  expect(after).toMatchObject({ rawKey: null, hosts: [] });
  expect(JSON.stringify(after)).not.toContain("the-key");
});

test("SEC-1: the platform's key goes into no sandbox, whatever the row and the setting say", () => {
  const session = { keySource: "platform" as const, rawKey: true };
  expect(setUpAgent(session, true, upstream, "http://studio").rawKey).toBeNull();
});

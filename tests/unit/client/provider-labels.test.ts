import { expect, test } from "vitest";
import { masked, payerLabel } from "#components/settings/providers.ts";
import type { KeyRow } from "#client/live-settings.ts";

const key = (provider: string, status: KeyRow["status"]): KeyRow => ({
  provider,
  name: provider,
  baseUrl: null,
  models: null,
  prefix: "sk-p",
  last4: "Zk0A",
  status,
  statusDetail: null,
  verifiedAt: null,
  updatedAt: 0,
});

test.each<[string, KeyRow[], string[], string]>([
  ["openai", [key("openai", "active"), key("openrouter", "active")], ["openai"], "Your OpenAI key"],
  ["openai", [key("openai", "error"), key("openrouter", "active")], ["openai"], "Your OpenRouter key"],
  ["openai", [key("openai", "inactive"), key("openrouter", "error")], ["openai"], "Platform credits"],
  ["openai", [], [], "—"],
  ["openai", [key("openai", "inactive")], [], "Needs a test"],
  ["openai", [key("openai", "error")], ["xai"], "Key rejected"],
  ["openrouter", [key("openrouter", "active")], [], "You, for providers without a key of their own"],
  ["openrouter", [], ["openrouter"], "Needs a key"],
  ["compatible:house", [key("compatible:house", "active")], [], "You, at this endpoint"],
  ["compatible:house", [key("compatible:house", "error")], [], "Not used until a test succeeds"],
])("who pays for %s", (provider, keys, platform, words) => {
  expect(payerLabel(provider, keys, platform)).toBe(words);
});

test("no more of a key is shown than its beginning and its end", () => {
  expect(masked({ prefix: "sk-p", last4: "Zk0A" })).toBe("sk-p••••••••Zk0A");
  expect(masked({ prefix: "", last4: "" })).toBe("••••••••");
});

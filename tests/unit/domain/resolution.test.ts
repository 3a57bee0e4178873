import { expect, test } from "vitest";
import { type OwnKey, whoPays } from "#domain/resolution.ts";

const KEYS: OwnKey[] = ["none", "active", "inactive", "error"];
const cases = KEYS.flatMap((direct) =>
  KEYS.flatMap((openrouter) =>
    [true, false].flatMap((onOpenrouter) =>
      [true, false].flatMap((platform) =>
        [-1, 0, 1, 5_000_000].map((creditsMicroUsd) => ({
          direct,
          openrouter,
          onOpenrouter,
          platform,
          creditsMicroUsd,
        })),
      ),
    ),
  ),
);

test(`who pays, in each of ${cases.length} cases`, () => {
  for (const facts of cases) {
    const payer = whoPays(facts, "xAI");
    const name = JSON.stringify(facts);
    if (facts.direct === "active") expect(payer, name).toEqual({ ok: true, keySource: "direct" });
    else if (facts.openrouter === "active" && facts.onOpenrouter)
      expect(payer, name).toEqual({ ok: true, keySource: "openrouter" });
    else if (facts.platform && facts.creditsMicroUsd > 0)
      expect(payer, name).toEqual({ ok: true, keySource: "platform" });
    else expect(payer, name).toMatchObject({ ok: false, reason: facts.platform ? "no_credits" : "no_key" });
  }
});

test("a refusal names the key that is at fault, and the way out", () => {
  const base = { openrouter: "none", onOpenrouter: true, platform: false, creditsMicroUsd: 0 } as const;
  const detail = (direct: OwnKey) => {
    const payer = whoPays({ ...base, direct }, "xAI");
    return payer.ok ? "" : payer.detail;
  };
  expect(detail("error")).toContain("was rejected: replace it in Settings, Providers");
  expect(detail("inactive")).toContain("test it in Settings, Providers");
  expect(detail("none")).toContain("Add one in Settings, Providers");
});

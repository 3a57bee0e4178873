import fc from "fast-check";
import { expect, test } from "vitest";
import { maskGrowing, maskSecrets, withoutSecrets } from "../../../lib/domain/mask.ts";
import { makeSecret } from "../../../lib/server/auth/opaque.ts";

test.each(["sk_studio", "gw_studio", "sync_studio"] as const)(
  "a %s secret is masked, wherever it stands",
  (prefix) => {
    for (let n = 0; n < 50; n++) {
      const { secret } = makeSecret(prefix);
      expect(maskSecrets(`KEY=${secret}\nnext`)).toBe(`KEY=${prefix}_…\nnext`);
      expect(maskSecrets(JSON.stringify({ a: [secret] }))).toBe(`{"a":["${prefix}_…"]}`);
    }
  },
);

test("other text stays as it is", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      if (!text.includes("_studio_")) expect(maskSecrets(text)).toBe(text);
    }),
  );
  expect(maskSecrets("gw_studio_short and my_sk_studio_")).toBe("gw_studio_short and my_sk_studio_");
});

test("a text that comes in pieces shows no part of a secret, and loses nothing else", () => {
  const { secret } = makeSecret("gw_studio");
  const whole = `before ${secret} sk and gw_ after`;
  fc.assert(
    fc.property(fc.array(fc.nat(whole.length), { maxLength: 8 }), (cuts) => {
      let shown = "";
      let held = "";
      const points = [0, ...cuts.toSorted((a, b) => a - b), whole.length];
      for (const [index, from] of points.slice(0, -1).entries()) {
        const next = maskGrowing(held + whole.slice(from, points[index + 1]));
        shown += next.shown;
        held = next.held;
        expect(shown).not.toMatch(/gw_studio_[0-9A-Za-z]/);
      }
      expect(shown + maskSecrets(held)).toBe(maskSecrets(whole));
    }),
  );
});

test("secrets that are known are hidden, more than once, and nothing else", () => {
  expect(withoutSecrets("a KEY1 and KEY1, KEY2", ["KEY1"])).toBe("a •••••••• and ••••••••, KEY2");
  expect(withoutSecrets("nothing", [])).toBe("nothing");
});

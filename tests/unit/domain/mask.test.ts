import fc from "fast-check";
import { expect, test } from "vitest";
import { base64Forms, Masker, maskSecrets } from "#domain/mask.ts";
import { makeSecret } from "#server/auth/opaque.ts";

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
        const next = new Masker().growing(held + whole.slice(from, points[index + 1]));
        shown += next.shown;
        held = next.held;
        expect(shown).not.toMatch(/gw_studio_[0-9A-Za-z]/);
      }
      expect(shown + maskSecrets(held)).toBe(maskSecrets(whole));
    }),
  );
});

const SECRET = "s3cret/+with=odd&chars%and-more~";

test("SPEC-2: secrets that are known are hidden, more than once, and nothing else", () => {
  const masker = new Masker([SECRET, "", "short"]);
  expect(masker.mask(`a ${SECRET} and ${SECRET}, short`)).toBe("a •••••••• and ••••••••, short");
  expect(new Masker([]).mask("nothing")).toBe("nothing");
});

/** As tools print it: base64 of it alone, or behind other text, in one line or in lines of 76 characters. */
const printed = (secret: string) =>
  ["", "K", "KE", "KEY=", "a longer name for it: "].flatMap((before) =>
    ["base64", "base64url"].flatMap((encoding) => {
      const whole = Buffer.from(`${before}${secret}\nand more of it`).toString(encoding as BufferEncoding);
      return [whole, whole.replaceAll(/.{76}/g, "$&\n"), whole.replaceAll(/.{20}/g, "$&\r\n")];
    }),
  );

/** Whether so much of a secret can be read off a text that it is told. */
function tells(text: string, secret: string): boolean {
  const plain = text.replaceAll(/\\[rn]|[\r\n]/g, "");
  return [secret, ...base64Forms(secret)].some((form) => plain.includes(form.slice(4, -4)));
}

test.each([
  ["one that is known", SECRET, new Masker([SECRET])],
  ["one of Studio's own", makeSecret("gw_studio").secret, new Masker()],
  ["another of Studio's own", makeSecret("sync_studio").secret, new Masker()],
])("SPEC-2: %s is hidden in base64, in a URL, and in JSON", (_name, secret, masker) => {
  for (const text of printed(secret)) {
    expect(tells(text, secret), text).toBe(true);
    expect(tells(masker.mask(text), secret), masker.mask(text)).toBe(false);
    expect(tells(JSON.parse(masker.mask(JSON.stringify({ output: text }))).output, secret)).toBe(false);
  }
  expect(masker.mask(`https://x.example/?key=${encodeURIComponent(secret)}`)).not.toContain(
    encodeURIComponent(secret).slice(10),
  );
});

test("SPEC-2: a known secret that comes in pieces is never told", () => {
  const masker = new Masker([SECRET]);
  const whole = `before ${SECRET}, ${Buffer.from(SECRET).toString("base64")} after`;
  fc.assert(
    fc.property(fc.array(fc.nat(whole.length), { maxLength: 8 }), (cuts) => {
      let shown = "";
      let held = "";
      const points = [0, ...cuts.toSorted((a, b) => a - b), whole.length];
      for (const [index, from] of points.slice(0, -1).entries()) {
        const next = masker.growing(held + whole.slice(from, points[index + 1]));
        shown += next.shown;
        held = next.held;
        expect(tells(shown, SECRET)).toBe(false);
      }
      expect(shown + masker.mask(held)).toMatch(/^before •{8}, •{8}.?= after$/);
    }),
  );
});

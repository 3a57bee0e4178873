import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { newDataKey, open, parseKeyring, seal, unwrap, wrap } from "#server/keys/envelope.ts";

const one = `1:${randomBytes(32).toString("base64")}`;
const two = `2:${randomBytes(32).toString("base64")}`;
const place = { organizationId: "org", name: "xai", version: 3 };

describe("an envelope", () => {
  const ring = parseKeyring(one);
  const { dataKey, stored } = newDataKey(ring, "org");

  test("gives back what was put in, and never looks the same twice", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (secret) => {
        const sealed = seal(dataKey, place, secret);
        expect(open(unwrap(ring, "org", stored), place, sealed)).toBe(secret);
        expect(seal(dataKey, place, secret)).not.toBe(sealed);
      }),
    );
  });

  test.each([
    ["another organization", { ...place, organizationId: "other" }],
    ["another provider", { ...place, name: "openai" }],
    ["an older version", { ...place, version: 2 }],
  ])("does not open for %s", (_what, elsewhere) => {
    expect(() => open(dataKey, elsewhere, seal(dataKey, place, "secret"))).toThrow();
  });

  test("does not open after a single bit has changed, wherever it is", () => {
    const bytes = Buffer.from(seal(dataKey, place, "secret"), "base64");
    for (let index = 0; index < bytes.length; index++) {
      const changed = Buffer.from(bytes);
      changed[index] = (changed[index] ?? 0) ^ 1;
      expect(() => open(dataKey, place, changed.toString("base64"))).toThrow();
    }
  });

  test("a data key does not open for another organization", () => {
    expect(() => unwrap(ring, "other", stored)).toThrow();
  });
});

describe("the operator's keys", () => {
  test("the newest encrypts, the older ones still decrypt, until they are gone", () => {
    const { dataKey, stored } = newDataKey(parseKeyring(one), "org");
    const both = parseKeyring(`${one},${two}`);
    expect(unwrap(both, "org", stored)).toEqual(dataKey);
    const rewrapped = wrap(both, "org", dataKey);
    expect(rewrapped.kekVersion).toBe(2);
    expect(unwrap(parseKeyring(two), "org", rewrapped)).toEqual(dataKey);
    expect(() => unwrap(parseKeyring(two), "org", stored)).toThrow(/version 1/);
  });

  test.each(["", "abc", "1:", "1:c2hvcnQ=", `x:${randomBytes(32).toString("base64")}`, `${one},2:nope`])(
    "refuses %j without repeating it",
    (text) => {
      expect(() => parseKeyring(text)).toThrow(/STUDIO_KEK: each key is/);
    },
  );
});

import { compareValues, type Value } from "convex/values";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { newId } from "#runtime/storage/ids.ts";
import { compareKeys, encodeKey, idAtOrAfter, keyAfter, prefixEnd } from "#runtime/storage/keys.ts";

const fieldName = fc.string({
  unit: fc.constantFrom("a", "b", "c", "A", "z", "_"),
  minLength: 1,
  maxLength: 3,
});
const leaf: fc.Arbitrary<Value> = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.bigInt({ min: -3n, max: 3n }),
  fc.double(),
  fc.constantFrom(0, -0, NaN, Infinity, -Infinity, 1, -1, Number.MIN_VALUE),
  fc.string({ unit: "grapheme", maxLength: 6 }),
  fc.string({ unit: fc.constantFrom("\0", "\u0001", "a", "ÿ", "￿", "😀"), maxLength: 4 }),
  fc.uint8Array({ maxLength: 5 }).map((bytes) => new Uint8Array(bytes).buffer),
);
const value: fc.Arbitrary<Value> = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    leaf,
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(fieldName, tie("value"), { maxKeys: 3 }).map((fields) => ({ ...fields })),
  ),
})).value;
const optional = fc.option(value, { nil: undefined, freq: 8 });

describe("index keys", () => {
  test("are ordered as compareValues orders values", () => {
    fc.assert(
      fc.property(optional, optional, (a, b) => {
        const order = compareKeys(encodeKey([a]), encodeKey([b]));
        expect(Math.sign(order)).toBe(Math.sign(compareValues(a, b)));
      }),
      { numRuns: 5000 },
    );
  });

  test("of tuples are ordered element by element, whatever their lengths inside", () => {
    const tuple = fc.tuple(optional, optional, optional);
    fc.assert(
      fc.property(tuple, tuple, (a, b) => {
        const first = a.map((x, i) => compareValues(x, b[i])).find((order) => order !== 0) ?? 0;
        expect(Math.sign(compareKeys(encodeKey(a), encodeKey(b)))).toBe(Math.sign(first));
      }),
      { numRuns: 3000 },
    );
  });

  test("a prefix's range holds exactly the keys that begin with it", () => {
    fc.assert(
      fc.property(optional, optional, optional, (a, b, rest) => {
        const prefix = encodeKey([a]);
        const key = encodeKey([b, rest]);
        const inside = compareKeys(key, prefix) >= 0 && compareKeys(key, prefixEnd(prefix)) < 0;
        expect(inside).toBe(compareValues(a, b) === 0);
      }),
      { numRuns: 3000 },
    );
  });

  test("nothing lies between a key and the one after it", () => {
    fc.assert(
      fc.property(optional, optional, (a, b) => {
        const [low, high] = [encodeKey([a]), encodeKey([b])];
        if (compareKeys(low, high) < 0) expect(compareKeys(keyAfter(low), high)).toBeLessThanOrEqual(0);
      }),
    );
  });

  test("the id at or after a bound is the first one whose key reaches it", () => {
    const ids = Array.from({ length: 40 }, (_, i) => newId(10_001 + (i % 3), 0)).toSorted();
    const bounds: Value[] = [
      null,
      1n,
      2.5,
      true,
      "",
      "0",
      "zzz",
      new ArrayBuffer(1),
      [],
      {},
      ...ids,
      ids[3]?.slice(0, 9) ?? "",
    ];
    for (const bound of bounds) {
      for (const key of [encodeKey([bound]), keyAfter(encodeKey([bound])), prefixEnd(encodeKey([bound]))]) {
        const from = idAtOrAfter(key);
        for (const id of ids) expect(id >= from).toBe(compareKeys(encodeKey([id]), key) >= 0);
      }
    }
  });
});

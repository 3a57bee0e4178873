import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { idPrefix, newId, tableNumberOf } from "#runtime/storage/ids.ts";

describe("document ids", () => {
  test("carry their table's number", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 31 - 1 }), fc.nat(), (table, now) => {
        const id = newId(table, now);
        expect(id).toMatch(/^[0-9a-hjkmnp-tv-z]{31,37}$/);
        expect(tableNumberOf(id)).toBe(table);
        expect(id.startsWith(idPrefix(table))).toBe(true);
      }),
    );
  });

  test("of an app's tables have 32 characters and never repeat", () => {
    const ids = Array.from({ length: 5000 }, () => newId(10_001, Date.now()));
    expect(new Set(ids).size).toBe(ids.length);
    expect(new Set(ids.map((id) => id.length))).toEqual(new Set([32]));
  });

  test("a changed character is noticed", () => {
    const id = newId(10_002, Date.now());
    let accepted = 0;
    for (let i = 0; i < id.length; i++) {
      for (const other of "07az") {
        if (other === id[i]) continue;
        if (tableNumberOf(id.slice(0, i) + other + id.slice(i + 1)) !== null) accepted++;
      }
    }
    // Fletcher's sums work modulo 256 and miss no change of a single byte.
    expect(accepted).toBe(0);
  });

  test("anything else is no id", () => {
    for (const text of [
      "",
      "x",
      "not-an-id",
      "u".repeat(32),
      "0".repeat(32),
      "z".repeat(400),
      `${newId(10_001, 0)}0`,
    ]) {
      expect(tableNumberOf(text)).toBeNull();
    }
  });
});

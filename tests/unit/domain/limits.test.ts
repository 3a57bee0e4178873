import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { boundedText, boundedWhole } from "#contracts/limits.ts";
import { createSessionBody, messageBody } from "#contracts/sessions.ts";
import { faultOf, LIMITS, pageLimit } from "#domain/limits.ts";

const ok = (limit: Parameters<typeof faultOf>[0], value: unknown) => faultOf(limit, value, "x") === null;

describe("SEC-8: one definition, two checks", () => {
  test("SEC-8: what the API takes as a title, a message or a cap, Convex takes; what it refuses, too", () => {
    const text = fc.oneof(
      fc.string({ unit: "binary", maxLength: 250 }),
      fc.constantFrom(
        "",
        "  ",
        "x".repeat(200),
        "x".repeat(201),
        "\u{1F600}".repeat(200),
        "\u{1F600}".repeat(201),
      ),
    );
    fc.assert(
      fc.property(text, (value) => {
        const trimmed = value.trim();
        const api = createSessionBody.shape.title.safeParse(value);
        expect(api.success).toBe(ok(LIMITS.title, trimmed));
        expect(messageBody.safeParse({ message: value }).success).toBe(ok(LIMITS.message, value));
        expect(boundedText(LIMITS.auditAction).safeParse(value).success).toBe(ok(LIMITS.auditAction, value));
      }),
    );
    fc.assert(
      fc.property(fc.oneof(fc.double(), fc.integer(), fc.maxSafeInteger()), (value) => {
        expect(boundedWhole(LIMITS.budgetCap).safeParse(value).success).toBe(ok(LIMITS.budgetCap, value));
      }),
    );
  });

  test("SEC-8: bytes count, not characters alone", () => {
    expect(ok(LIMITS.message, "é".repeat(50_000))).toBe(true);
    expect(faultOf(LIMITS.message, "é".repeat(50_001), "message")).toBe(
      "message: must have at most 100000 bytes.",
    );
  });

  test("SEC-8: of what nothing is said, an id, a word or a count passes, and nothing else", () => {
    for (const value of ["jn7cp31kz0ea27d40kw00tyqjd8jkbke", 0, 5, true, null, undefined, { a: ["b"] }])
      expect(ok(undefined, value), JSON.stringify(value)).toBe(true);
    const deep = { a: { a: { a: { a: { a: 1 } } } } };
    for (const value of [
      "x".repeat(201),
      -1,
      0.5,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      2 ** 53,
      deep,
      Array.from({ length: 101 }, () => 1),
      { a: "x".repeat(201) },
      new ArrayBuffer(8),
      1n,
    ])
      expect(ok(undefined, value)).toBe(false);
  });

  test("SEC-8: a page has a whole number of rows, and a cursor of some size", () => {
    expect(ok(pageLimit(), { numItems: 100, cursor: null, id: 7 })).toBe(true);
    for (const options of [{ numItems: 0 }, { numItems: 101 }, { numItems: 5, cursor: "x".repeat(2_001) }])
      expect(ok(pageLimit(), options)).toBe(false);
  });

  test("SEC-8: another type than the limit's is out of bounds, and named", () => {
    expect(faultOf(LIMITS.title, 5, "title")).toBe("title: must be a string.");
    expect(faultOf(LIMITS.budgetCap, "5", "cap")).toBe("cap: must be a number.");
    expect(faultOf(LIMITS.answers, [["x".repeat(2_001)]], "answers")).toBe(
      "answers.0.0: must have at most 2000 characters.",
    );
  });
});

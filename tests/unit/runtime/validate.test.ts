import { v, type GenericValidator, type Value } from "convex/values";
import { describe, expect, test } from "vitest";
import { mismatch, showValidator, type Validator } from "#runtime/engine/validate.ts";
import { newId } from "#runtime/storage/ids.ts";

const tables = (name: string) => ({ users: 10_001, posts: 10_002 })[name];
const user = newId(10_001, 0);
const post = newId(10_002, 0);
const bytes = new ArrayBuffer(2);

/** Validators reach the runtime as JSON text, as `exportArgs()` writes it. */
function wire(validator: GenericValidator): Validator {
  return JSON.parse(JSON.stringify((validator as unknown as { json: Validator }).json)) as Validator;
}

const CASES: [string, GenericValidator, Value[], (Value | undefined)[]][] = [
  ["null", v.null(), [null], [undefined, 0, false, ""]],
  ["float64", v.number(), [0, -1.5, NaN, Infinity], [1n, "1", null]],
  ["int64", v.int64(), [0n, -5n], [0, "0", null]],
  ["boolean", v.boolean(), [true, false], [0, "true"]],
  ["string", v.string(), ["", "x"], [1, null, bytes]],
  ["bytes", v.bytes(), [bytes], ["", [1, 2]]],
  ["any", v.any(), [null, 1n, {}, []], [undefined]],
  ["literal string", v.literal("a"), ["a"], ["b", 1]],
  ["literal number", v.literal(1), [1], [1n, 2, "1"]],
  ["literal bigint", v.literal(1n), [1n], [1, 2n, "1"]],
  ["literal boolean", v.literal(true), [true], [false, 1]],
  ["id", v.id("users"), [user], [post, "users", 1, newId(10_009, 0)]],
  ["array", v.array(v.number()), [[], [1, 2]], [[1, "2"], {}, 1]],
  ["union", v.union(v.string(), v.literal(2n)), ["x", 2n], [2, null]],
  ["record", v.record(v.string(), v.number()), [{}, { a: 1 }], [{ a: "1" }, [], null]],
  ["record of ids", v.record(v.id("users"), v.null()), [{ [user]: null }], [{ [post]: null }, { x: null }]],
  [
    "object",
    v.object({ a: v.number(), b: v.optional(v.string()) }),
    [{ a: 1 }, { a: 1, b: "x" }],
    [{}, { a: 1, c: 1 }, { a: 1, b: 2 }, [], null, { a: undefined as never }],
  ],
  [
    "nested object",
    v.object({ a: v.array(v.object({ b: v.int64() })) }),
    [{ a: [{ b: 1n }] }],
    [{ a: [{ b: 1 }] }],
  ],
];

describe("validators", () => {
  test.each(CASES)("v.%s accepts and refuses", (_name, validator, good, bad) => {
    for (const value of good) expect(mismatch(wire(validator), value, tables)).toBeNull();
    for (const value of bad) expect(mismatch(wire(validator), value, tables)).toEqual(expect.any(String));
  });

  test("names inherited from Object are no fields", () => {
    const validator = wire(v.object({ toString: v.string() }));
    expect(mismatch(validator, {}, tables)).toContain("missing the required field `toString`");
  });

  test("a mismatch names the path, the value and the validator", () => {
    const validator = wire(v.object({ list: v.array(v.object({ n: v.number() })) }));
    expect(mismatch(validator, { list: [{ n: 1 }, { n: "two" }] }, tables)).toBe(
      'Value does not match validator.\nPath: .list[1].n\nValue: "two"\nValidator: v.float64()',
    );
    expect(mismatch(validator, {}, tables)).toBe(
      "Object is missing the required field `list`. Consider wrapping the field validator in `v.optional(...)` if this is expected.\n\nObject: {}\nValidator: v.object({list: v.array(v.object({n: v.float64()}))})",
    );
    expect(mismatch(validator, { list: [], more: 1n }, tables)).toContain(
      "Object contains extra field `more` that is not in the validator.",
    );
  });

  test("a mismatch shows the beginning of a large value, and doesn't read the rest", () => {
    const unread = {
      get field(): string {
        throw new Error("read");
      },
    };
    const shown = (value: Value) => mismatch(wire(v.number()), value, tables)?.split("\n")[1];
    for (const large of [
      "x".repeat(5_000),
      "\u{1F600}".repeat(5_000),
      Array.from({ length: 5_000 }, () => 1),
    ])
      for (const value of [[[large], unread], { a: { b: large }, c: unread }])
        expect(shown(value as Value)).toMatch(/^Value: [[{].{4095}…$/);
    const text = "a\n".repeat(5_000);
    expect(shown({ "the text": text })).toBe(
      `Value: ${`{"the text": ${JSON.stringify(text)}}`.slice(0, 4_096)}…`,
    );
    expect(shown(["x".repeat(4_092)])).toBe(`Value: ["${"x".repeat(4_092)}"]`);
    expect(shown(["x".repeat(4_093)])).toBe(`Value: ["${"x".repeat(4_093)}"…`);
  });

  test("are shown as they are written", () => {
    const validator = v.union(v.literal(1n), v.literal("x"), v.record(v.string(), v.id("users")), v.bytes());
    expect(showValidator(wire(validator))).toBe(
      'v.union(v.literal(1n), v.literal("x"), v.record(v.string(), v.id("users")), v.bytes())',
    );
  });
});
